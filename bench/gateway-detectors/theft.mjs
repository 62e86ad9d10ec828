// `node theft.mjs SEED RUNS [BUDGET]`: each thief against the guarded digits model, with and without the gateway, alone and spread
// over 20 accounts: queries until each step, and how well the student agrees with the victim, really trained.
import { mulberry32 } from '@vallum/stats';
import { loadDigits } from './digits.mjs';
import { Guarded } from './guarded.mjs';
import { days } from './honest.mjs';
import { student, THIEVES } from './thieves.mjs';
import { loadVictim } from './victim.mjs';

const [firstSeed = 1, runs = 1, budget = 2_000] = process.argv.slice(2).map(Number);
const PAUSE_MS = 1_000;
/** On `tighten` a tenth of the queries is answered. */
const TIGHT = 10;
const digits = loadDigits();
const { victim } = loadVictim(digits);
const test = digits.honest.slice(0, 1_000);

function steal(name, { seed, accounts, isGuarded }) {
  const random = mulberry32(seed * 7 + accounts);
  const guarded = new Guarded({ victim, training: digits.train, seed });
  // Honest traffic comes first: what is usual has to be known.
  let at = 0;
  for (const { queries } of isGuarded ? days({ seed, callers: 20, cohorts: 1, pool: digits.honest }) : []) {
    for (const { x, at: time, principal } of queries.slice(0, 1_000))
      guarded.observe(x, { at: (at = time), principal });
    break;
  }
  const first = {};
  const told = new Set();
  let asked = 0;
  const ask = (x) => {
    const principal = `thief${asked % accounts}`;
    asked += 1;
    at += PAUSE_MS;
    if (!isGuarded) {
      const p = victim.predict(x);
      return { label: p.indexOf(Math.max(...p)), p };
    }
    if (guarded.step(principal) === 'tighten' && asked % TIGHT !== 0) return undefined;
    const answer = guarded.ask(x, { at, principal });
    const step = guarded.step(principal);
    if (step !== 'observe') {
      first[step] ??= asked;
      told.add(principal);
    }
    return answer;
  };
  const known = [];
  const parts = { random, budget, known, pool: digits.theirs, seed, ask: (x) => (asked < budget ? ask(x) : undefined) };
  THIEVES[name](parts);
  const copy = known.length < 10 ? undefined : student(known, seed, 15);
  const fidelity = copy === undefined ? 0 : copy.agreement(victim, test);
  return { first, accountsMoved: told.size, answered: known.length, fidelity };
}

for (const name of Object.keys(THIEVES))
  for (const accounts of [1, 20])
    for (let run = 0; run < runs; run += 1) {
      const seed = firstSeed + run;
      const open = accounts === 1 ? steal(name, { seed, accounts, isGuarded: false }).fidelity : undefined;
      console.log(
        JSON.stringify({ name, accounts, seed, budget, ...steal(name, { seed, accounts, isGuarded: true }), open }),
      );
    }
