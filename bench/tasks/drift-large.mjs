// `node drift-large.mjs [RUNS]`: false alarms of the drift judge where it deals only part of the rows: samples so large that they are
// drawn here as counts by bin, of like and like. Of each column the share of p-values up to 5 % and up to 1 %. Prints a JSON value
// a line. The bins: equally many rows, many zeros, steps of a heavy tail, categories of Zipf's law, many rare categories.
import { measureDrift } from '@vallum/monitor';
import { clopperPearson, mulberry32 } from '@vallum/stats';

const runs = Number(process.argv[2] ?? 400);
const OPTIONS = { alpha: 0.05, control: 'family', floorShift: 0, floorMoved: 0, detect: 100, permutations: 999 };
const SIZES = [
  [100_000, 100_000],
  [1_000_000, 10_000],
  [1_000_000, 1_000],
];
const many = (length, of) => Array.from({ length }, (_, at) => of(at));
/** Shares of the bins in proportion to these, and what the bins stand for. */
const KINDS = {
  even: { weights: many(254, () => 1), edges: many(254, (at) => at) },
  zeros: { weights: [420, ...many(180, () => 1)], edges: many(181, (at) => at) },
  'heavy tail': { weights: many(254, (at) => 1.03 ** -at), edges: many(254, (at) => 1.05 ** at) },
  categories: { weights: many(250, (at) => 1 / (at + 1)) },
  'rare categories': { weights: [10_000 - 249 * 6, ...many(249, () => 6)] },
};

/** Walker's alias method (1977): one row costs two numbers. */
function drawer(weights, random) {
  const size = weights.length;
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const left = Float64Array.from(weights, (weight) => (weight * size) / all);
  const other = new Int32Array(size);
  const small = many(size, (at) => at).filter((at) => left[at] < 1);
  const large = many(size, (at) => at).filter((at) => left[at] >= 1);
  while (small.length > 0 && large.length > 0) {
    const [poor, rich] = [small.pop(), large.at(-1)];
    other[poor] = rich;
    left[rich] -= 1 - left[poor];
    if (left[rich] < 1) small.push(large.pop());
  }
  for (const at of [...small, ...large]) left[at] = 1;
  return (rows) => {
    const counts = new Float64Array(size);
    for (let row = 0; row < rows; row += 1) {
      const at = Math.floor(random() * size);
      counts[random() < left[at] ? at : other[at]] += 1;
    }
    return counts;
  };
}

function profileOf(counts, edges) {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  if (edges === undefined) {
    const labels = { n: rows, error: 0, counts: Array.from(counts, (count, at) => [`c${at}`, count]) };
    return { rows, columns: [{ name: 'x', type: 'text', missing: 0, labels }] };
  }
  let sum = 0;
  const low = Array.from(counts, (count) => (sum += count));
  const cdf = { n: rows, edges, low, high: low, certificate: 0 };
  return {
    rows,
    columns: [{ name: 'x', type: 'number', missing: 0, nan: 0, positiveInfinity: 0, negativeInfinity: 0, cdf }],
  };
}

function counted(counts, edges) {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const column =
    edges === undefined
      ? { kind: 'text', missing: 0, labels: new Map(Array.from(counts, (count, at) => [`c${at}`, count])), others: 0 }
      : { kind: 'number', counts: Float64Array.of(0, 0, ...counts, 0) };
  const columns = [{ name: 'x', kind: column.kind }];
  return { name: 'current', rows, columns, counted: new Map([['x', column]]) };
}

let seed = 1;
for (const [before, now] of SIZES)
  for (const [kind, { weights, edges }] of Object.entries(KINDS)) {
    const draw = drawer(weights, mulberry32((seed += 1)));
    const hits = { 0.05: 0, 0.01: 0 };
    for (let run = 0; run < runs; run += 1) {
      const reference = { name: 'reference', profile: profileOf(draw(before), edges) };
      const { comparison } = await measureDrift(
        { reference, current: counted(draw(now), edges) },
        { ...OPTIONS, seed: run + 1 },
      );
      const { p } = comparison.columns[0].answers[0];
      for (const level of Object.keys(hits)) hits[level] += p <= Number(level);
    }
    const rates = Object.entries(hits).map(([level, hit]) => [
      level,
      { rate: hit / runs, ...clopperPearson(hit, runs) },
    ]);
    console.log(JSON.stringify({ kind, reference: before, current: now, n: runs, atMost: Object.fromEntries(rates) }));
  }
