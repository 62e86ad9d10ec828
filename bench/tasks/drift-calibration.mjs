// `node drift-calibration.mjs [REPETITIONS] [PEER|-] [LARGEST]`: false alarms and power of the drift judge over sizes and
// distributions, and beside it, on the same draws, an oracle z-test that knows the true standard deviation. With PEER (a Python
// that has scipy and numpy) also SciPy's KS at 0.05 and Evidently's default distances at 0.1. LARGEST leaves out larger samples.
// Prints a JSON value a line, a cell each, the headline first: what is printed holds if it is ended early.
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
/** Values of a comparison, from which on it is repeated only a tenth as often. */
const COSTLY = 300_000;
const RESAMPLES = 2000;

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
  const geometric = Math.sqrt(0.7) / 0.3;
  return {
    normal: { sd: 1, draw: (shift) => normal() + shift },
    lognormal: { sd: lognormal, draw: (shift) => Math.exp(normal()) + shift * lognormal },
    t3: {
      sd: Math.sqrt(3),
      draw: (shift) => normal() / Math.sqrt((normal() ** 2 + normal() ** 2 + normal() ** 2) / 3) + shift * Math.sqrt(3),
    },
    counts: { sd: Math.sqrt(3), draw: (shift) => poisson(3 + shift * Math.sqrt(3)) },
    geometric: {
      sd: geometric,
      draw: (shift) => {
        const mean = 0.7 / 0.3 + shift * geometric;
        return Math.floor(Math.log(1 - random()) / Math.log(mean / (1 + mean)));
      },
    },
    ties: { sd: Math.sqrt(1 + 1 / 48), draw: (shift) => Math.round(2 * (normal() + shift)) / 2 },
    // The rows that are not zero grow, so that the mean moves; the zeros stay.
    'zero-inflated': {
      sd: inflated,
      draw: (shift) => (random() < 0.7 ? 0 : Math.exp(normal()) * (1 + (shift * inflated) / (0.3 * nonzero))),
    },
    // Fewer zeros; the others stay.
    'fewer zeros': {
      sd: inflated,
      draw: (shift) => (random() < 0.7 - (shift * inflated) / nonzero ? 0 : Math.exp(normal())),
    },
    // Half zeros, half exponential.
    'zero or exponential': {
      sd: Math.sqrt(0.75),
      draw: (shift) => (random() < 0.5 ? 0 : -Math.log(1 - random()) * (1 + 2 * shift * Math.sqrt(0.75))),
    },
  };
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const rate = (hits, n) => ({ rate: hits / n, n, ...clopperPearson(hits, n) });

/** Power of the judge over that of the oracle on the same runs, with the 95 % interval of a bootstrap over runs. */
function ratio(runs) {
  const random = mulberry32(1);
  const of = (pick) => {
    let [judge, oracle] = [0, 0];
    for (let at = 0; at < runs.length; at += 1) {
      const run = runs[pick(at)];
      judge += run.judge;
      oracle += run.oracle;
    }
    return judge / oracle;
  };
  const again = Array.from({ length: RESAMPLES }, () => of(() => Math.floor(random() * runs.length)));
  again.sort((a, b) => a - b);
  return { ratio: of((at) => at), low: again[0.025 * RESAMPLES], high: again[0.975 * RESAMPLES - 1] };
}

async function cell(kind, [before, now], columns, shift, seed, times = 1) {
  const { draw, sd } = makeKinds(mulberry32(seed))[kind];
  const limit = normalQuantile(1 - ALPHA / columns / 2);
  const costly = (before + now) * columns >= COSTLY;
  const wanted = Math.ceil((repetitions * times) / (costly ? 10 : 1));
  const runs = [];
  const sides = [];
  for (let run = 0; run < wanted; run += 1) {
    const make = (rows, by) => (_, at) => ({
      name: `c${at}`,
      kind: 'number',
      values: Float64Array.from({ length: rows }, () => draw(at === 0 ? by : 0)),
    });
    const reference = { name: 'reference', rows: before, columns: Array.from({ length: columns }, make(before, 0)) };
    const current = { name: 'current', rows: now, columns: Array.from({ length: columns }, make(now, shift)) };
    const report = await compareSamples(reference, current, { ...OPTIONS, seed: run + 1 });
    const drifted = new Set(report.columns.filter(({ state }) => state === 'drift').map(({ name }) => name));
    const [a, b] = [reference.columns[0].values, current.columns[0].values];
    const oracle = Math.abs(mean(b) - mean(a)) / sd / Math.sqrt(1 / before + 1 / now) > limit;
    const judge = drifted.delete(shift === 0 ? '' : 'c0');
    runs.push({ judge: Number(judge), oracle: Number(oracle), falseAlarm: Number(drifted.size > 0) });
    if (peer !== undefined && columns === 1) sides.push(Buffer.from(a.buffer), Buffer.from(b.buffer));
  }
  const hits = (what) => runs.reduce((sum, run) => sum + run[what], 0);
  const found = {
    kind,
    reference: before,
    current: now,
    columns,
    shift,
    // With one column that did move, there is none that could raise a false alarm.
    ...(shift === 0 || columns > 1 ? { falseAlarm: rate(hits('falseAlarm'), wanted) } : {}),
    ...(shift === 0
      ? {}
      : { power: rate(hits('judge'), wanted), oracle: rate(hits('oracle'), wanted), toOracle: ratio(runs) }),
    ...(sides.length === 0 ? {} : { peers: peers(sides, before, now) }),
  };
  console.log(JSON.stringify(found));
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

const headline = [10000, 1000];
let seed = 1;
console.log(JSON.stringify({ alpha: ALPHA, repetitions, permutations: OPTIONS.permutations }));
if (largest >= 10000)
  for (const columns of [1, COLUMNS])
    for (const shift of [0, SHIFT]) await cell('normal', headline, columns, shift, (seed += 1), 2);
for (const size of SIZES.filter(([before]) => before <= largest))
  for (const shift of [0, SHIFT]) {
    const done = (kind) => size.join() === headline.join() && kind === 'normal';
    for (const kind of Object.keys(makeKinds(Math.random)))
      if (!done(kind)) await cell(kind, size, 1, shift, (seed += 1));
    for (const kind of ['normal', 't3']) if (!done(kind)) await cell(kind, size, COLUMNS, shift, (seed += 1));
  }
for (const shift of largest < 10000 ? [] : [0.05, 0.075, 0.125, 0.15, 0.2])
  await cell('normal', headline, COLUMNS, shift, (seed += 1));
