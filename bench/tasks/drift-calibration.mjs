// `node drift-calibration.mjs [REPETITIONS] [PEER|-] [LARGEST]`: false alarms and power of the drift judge over sizes and distributions, and beside
// it, on the same draws, an oracle z-test that knows the true standard deviation. With PEER (a Python that has scipy and
// numpy) also SciPy's KS at 0.05 and Evidently's default distances at 0.1. LARGEST leaves out larger samples. Prints one JSON value.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compareSamples } from '@vallum/monitor';
import { clopperPearson, mulberry32, normalQuantile } from '@vallum/stats';

const repetitions = Number(process.argv[2] ?? 300);
const peer = process.argv[3] === '-' ? undefined : process.argv[3];
const largest = Number(process.argv[4] ?? 10000);
const ALPHA = 0.05;
const COLUMNS = 20;
const SHIFT = 0.1;
const OPTIONS = { alpha: ALPHA, control: 'family', floorShift: 0, floorMoved: 0, detect: 100, permutations: 999 };
const SIZES = [
  [100, 100],
  [500, 500],
  [2000, 100],
  [2000, 500],
  [10000, 1000],
  [10000, 10000],
];

/** Each draws one value with a mean that lies `shift` true standard deviations above that of shift 0. */
function makeKinds(random) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const poisson = (mean) => {
    let many = 0;
    for (let product = random(), limit = Math.exp(-mean); product > limit; many += 1) product *= random();
    return many;
  };
  const lognormal = Math.sqrt((Math.E - 1) * Math.E);
  const nonzero = Math.exp(0.5);
  const inflated = Math.sqrt(0.3 * Math.E ** 2 - (0.3 * nonzero) ** 2);
  return {
    normal: { sd: 1, draw: (shift) => normal() + shift },
    lognormal: { sd: lognormal, draw: (shift) => Math.exp(normal()) + shift * lognormal },
    t3: {
      sd: Math.sqrt(3),
      draw: (shift) => normal() / Math.sqrt((normal() ** 2 + normal() ** 2 + normal() ** 2) / 3) + shift * Math.sqrt(3),
    },
    counts: { sd: Math.sqrt(3), draw: (shift) => poisson(3 + shift * Math.sqrt(3)) },
    ties: { sd: Math.sqrt(1 + 1 / 48), draw: (shift) => Math.round(2 * (normal() + shift)) / 2 },
    // The rows that are not zero grow, so that the mean moves; the zeros stay.
    'zero-inflated': {
      sd: inflated,
      draw: (shift) => (random() < 0.7 ? 0 : Math.exp(normal()) * (1 + (shift * inflated) / (0.3 * nonzero))),
    },
  };
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const rate = (hits, n) => ({ rate: hits / n, n, ...clopperPearson(hits, n) });

async function cell(kind, [before, now], columns, shift, seed) {
  const { draw, sd } = makeKinds(mulberry32(seed))[kind];
  const limit = normalQuantile(1 - ALPHA / columns / 2);
  const hits = { judge: 0, oracle: 0, falseAlarms: 0 };
  const sides = [];
  for (let run = 0; run < repetitions; run += 1) {
    const make = (rows, by) => (_, at) => ({
      name: `c${at}`,
      kind: 'number',
      values: Float64Array.from({ length: rows }, () => draw(at === 0 ? by : 0)),
    });
    const reference = { name: 'reference', rows: before, columns: Array.from({ length: columns }, make(before, 0)) };
    const current = { name: 'current', rows: now, columns: Array.from({ length: columns }, make(now, shift)) };
    const report = await compareSamples(reference, current, { ...OPTIONS, seed: run + 1 });
    const drifted = new Set(report.columns.filter(({ state }) => state === 'drift').map(({ name }) => name));
    if (drifted.has('c0')) hits.judge += 1;
    drifted.delete(shift === 0 ? '' : 'c0');
    if (drifted.size > 0) hits.falseAlarms += 1;
    const [a, b] = [reference.columns[0].values, current.columns[0].values];
    if (Math.abs(mean(b) - mean(a)) / sd / Math.sqrt(1 / before + 1 / now) > limit) hits.oracle += 1;
    if (peer !== undefined && columns === 1) sides.push(Buffer.from(a.buffer), Buffer.from(b.buffer));
  }
  return {
    kind,
    reference: before,
    current: now,
    columns,
    shift,
    falseAlarm: rate(hits.falseAlarms, repetitions),
    ...(shift === 0 ? {} : { power: rate(hits.judge, repetitions), oracle: rate(hits.oracle, repetitions) }),
    ...(sides.length === 0 ? {} : { peers: peers(sides, before, now) }),
  };
}

function peers(sides, before, now) {
  const script = fileURLToPath(new URL('drift-calibration.py', import.meta.url));
  const { stdout, stderr, status } = spawnSync(peer, [script, before, now].map(String), {
    input: Buffer.concat(sides),
    maxBuffer: 1 << 20,
  });
  if (status !== 0) throw new Error(stderr.toString());
  const { n, ...hits } = JSON.parse(stdout);
  return Object.fromEntries(Object.entries(hits).map(([name, count]) => [name, rate(count, n)]));
}

const cells = [];
let seed = 1;
for (const size of SIZES.filter(([before]) => before <= largest))
  for (const shift of [0, SHIFT]) {
    for (const kind of Object.keys(makeKinds(Math.random))) cells.push(await cell(kind, size, 1, shift, (seed += 1)));
    for (const kind of ['normal', 't3']) cells.push(await cell(kind, size, COLUMNS, shift, (seed += 1)));
    process.stderr.write(`${size.join('/')} ${shift}\n`);
  }
const curve = [];
for (const shift of largest < 10000 ? [] : [0.05, 0.075, 0.1, 0.125, 0.15, 0.2])
  curve.push(await cell('normal', [10000, 1000], COLUMNS, shift, (seed += 1)));
console.log(JSON.stringify({ alpha: ALPHA, repetitions, permutations: OPTIONS.permutations, cells, curve }));
