// `node false-alarms.mjs SEED PRINCIPAL-DAYS [CALLERS]`: how many days of honest callers end up on which step, with 95 % bounds.
import { clopperPearson } from '@vallum/stats';
import { loadDigits } from './digits.mjs';
import { Guarded, ROUTE } from './guarded.mjs';
import { days, HONEST_KINDS, STAY } from './honest.mjs';
import { loadVictim } from './victim.mjs';

const [seed = 1, wanted = 1_000, callers = 100] = process.argv.slice(2).map(Number);
const digits = loadDigits();
const { victim, accuracy } = loadVictim(digits);
const guarded = new Guarded({ victim, training: digits.train, seed });
const RANK = { observe: 0, tighten: 1, degrade: 2, block: 3 };
const tally = new Map(HONEST_KINDS.map((kind) => [kind, { days: 0, queries: 0, tighten: 0, degrade: 0, block: 0 }]));
const causes = {};
const began = performance.now();
for (const { callers: present, queries, day } of days({
  seed,
  callers,
  cohorts: Math.ceil(wanted / callers / STAY),
  pool: digits.honest,
})) {
  const worst = new Map(present.map(({ principal }) => [principal, guarded.step(principal)]));
  const kinds = new Map(present.map(({ principal, kind }) => [principal, kind]));
  for (const { x, at, principal, kind } of queries) {
    tally.get(kind).queries += 1;
    for (const { principal: moved, to, signals } of guarded.observe(x, { at, principal }).changes) {
      if (RANK[to] > RANK[worst.get(moved)]) worst.set(moved, to);
      for (const { detector } of signals) {
        const cause = `${kinds.get(moved)} ${to} ${detector}`;
        causes[cause] = (causes[cause] ?? 0) + 1;
      }
    }
  }
  guarded.desk.sweep((day + 1) * 86_400_000);
  for (const { principal, kind } of present) {
    const row = tally.get(kind);
    row.days += 1;
    for (const step of ['tighten', 'degrade', 'block']) if (RANK[worst.get(principal)] >= RANK[step]) row[step] += 1;
  }
  // One line after each cohort; the last one counts.
  if ((day + 1) % STAY === 0) console.log(JSON.stringify(report()));
}

function report() {
  const rows = [...tally].map(([kind, row]) => ({ kind, ...row }));
  const all = { kind: 'all' };
  for (const row of rows)
    for (const [name, value] of Object.entries(row)) if (name !== 'kind') all[name] = (all[name] ?? 0) + value;
  const table = [all, ...rows].map((row) => {
    const upper = (step) => [`${step}Upper`, clopperPearson(row[step], row.days).high];
    return { ...row, ...Object.fromEntries(['tighten', 'degrade', 'block'].map(upper)) };
  });
  return { seed, route: ROUTE, accuracy, seconds: (performance.now() - began) / 1000, table, causes };
}
