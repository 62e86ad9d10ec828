// `node evade.mjs SEED COUNT [PYTHON]`: HopSkipJump, Square and Boundary of ART, and the adaptive attack, against the guarded model:
// queries until each step. ART's attacks do not react to what the gateway does, so their queries are written down first.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mulberry32, shuffle } from '@vallum/stats';
import { adapt } from './adaptive.mjs';
import { loadDigits } from './digits.mjs';
import { Guarded } from './guarded.mjs';
import { loadVictim } from './victim.mjs';

const [seed = 1, count = 5] = process.argv.slice(2, 4).map(Number);
const python = process.argv[4] ?? fileURLToPath(new URL('../../.venv/art/bin/python', import.meta.url));
const cache = fileURLToPath(new URL('../../.cache/gateway-detectors/', import.meta.url));
const digits = loadDigits();
const { victim } = loadVictim(digits);
const RANK = { observe: 0, tighten: 1, degrade: 2, block: 3 };
const EVERY_MS = 200;

/** Inputs that the model gets right: there is nothing to evade on the others. */
const random = mulberry32(seed);
const right = shuffle(
  digits.theirs.filter(({ x, y }) => victim.label(x) === y),
  random,
).slice(0, count);
const out = `${cache}evasion-${seed}`;
mkdirSync(out, { recursive: true });
writeFileSync(
  `${out}/inputs.f32`,
  Buffer.concat(right.map(({ x }) => Buffer.from(x.buffer, x.byteOffset, x.byteLength))),
);

const distance = (a, b) => Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0));

/** Shows recorded queries; the nearest one that fooled the model before a step is what the attacker had by then. */
function replay(queries, origin, accounts) {
  const guarded = new Guarded({ victim, training: digits.train, seed });
  const truth = victim.label(origin);
  const first = {};
  const nearest = {};
  let best = Infinity;
  for (let i = 0; i * 784 < queries.length; i += 1) {
    const x = queries.subarray(i * 784, (i + 1) * 784);
    const principal = `evader${i % accounts}`;
    const { label, changes } = guarded.observe(x, { at: i * EVERY_MS, principal });
    if (label !== truth) best = Math.min(best, distance(x, origin));
    for (const { to } of changes)
      for (const step of ['tighten', 'degrade', 'block'])
        if (RANK[to] >= RANK[step] && first[step] === undefined) [first[step], nearest[step]] = [i + 1, best];
  }
  return { first, nearest, best };
}

const script = fileURLToPath(new URL('evasion.py', import.meta.url));
const lines = execFileSync(
  python,
  [script, `${cache}victim.json`, `${out}/inputs.f32`, out, String(seed), String(count)],
  {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1e8,
  },
);
for (const line of lines.trim().split('\n')) {
  const { attack, input, queries, l2, file } = JSON.parse(line);
  const bytes = readFileSync(file);
  const rows = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  for (const accounts of [1, 20])
    console.log(
      JSON.stringify({ attack, accounts, seed, input, queries, l2, ...replay(rows, right[input].x, accounts) }),
    );
}
for (const [input, { x }] of right.entries()) {
  const guarded = new Guarded({ victim, training: digits.train, seed: seed + input });
  const result = adapt({ guarded, victim, origin: x, pool: digits.theirs, random, every: EVERY_MS });
  console.log(JSON.stringify({ attack: 'adaptive', accounts: 1, seed, input, ...result }));
}
rmSync(out, { recursive: true });
