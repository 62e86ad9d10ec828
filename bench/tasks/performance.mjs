// `node performance.mjs DIR PEER.jsonl`: estimated beside realised accuracy and AUROC of every chunk that performance.py wrote:
// mean absolute error of CBPE, of the peer's CBPE, of PAPE, and of "as in the reference", on the chunks that each answers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeDisk } from '@vallum/core';
import { readMatrix } from '@vallum/formats';
import { estimateShifted, fitCbpe, realisedPerformance } from '@vallum/monitor';

const [, , folder, peerFile] = process.argv;
const options = { seed: 1, resamples: 20 };

async function load(path) {
  const file = await nodeDisk.open(path);
  try {
    return await readMatrix({ size: file.size, read: (offset, length) => file.read(offset, length) });
  } finally {
    await file.close();
  }
}

function part({ columns, values }, from, to) {
  const rows = to - from;
  const features = new Float64Array(rows * (columns - 3));
  const probabilities = new Float64Array(rows * 2);
  const predicted = new Int32Array(rows);
  const labels = new Int32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const at = (from + row) * columns;
    features.set(values.subarray(at, at + columns - 3), row * (columns - 3));
    const p = values[at + columns - 3];
    probabilities.set([1 - p, p], row * 2);
    predicted[row] = values[at + columns - 2];
    labels[row] = values[at + columns - 1];
  }
  return {
    scored: { probabilities: { rows, columns: 2, values: probabilities }, predicted, labels },
    features: { rows, columns: columns - 3, values: features },
  };
}

const figure = (figures, metric) => figures.find((one) => one.metric === metric)?.value;
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

for (const line of readFileSync(peerFile, 'utf8').trimEnd().split('\n')) {
  const { name, chunk, estimates } = JSON.parse(line);
  const all = part(
    await load(join(folder, `${name}.reference.npy`)),
    0,
    (await load(join(folder, `${name}.reference.npy`))).rows,
  );
  const analysis = await load(join(folder, `${name}.analysis.npy`));
  const cbpe = await fitCbpe(all.scored, options);
  const errors = { accuracy: [], auroc: [] };
  let refused = 0;
  const whole = await realisedPerformance(all.scored, all.scored, { ...options });
  for (let index = 0; (index + 1) * chunk <= analysis.rows; index += 1) {
    const { scored, features } = part(analysis, index * chunk, (index + 1) * chunk);
    const ours = await cbpe.estimate(scored);
    const shifted = await estimateShifted(all.scored, scored, { reference: all.features, chunk: features }, options);
    const truth = await realisedPerformance(all.scored, scored, { ...options });
    if (shifted.kind !== 'estimate') refused += 1;
    for (const [metric, at] of [
      ['accuracy', 0],
      ['auroc', 1],
    ]) {
      const real = figure(truth.figures, metric);
      const gap = (figures) => Math.abs(figure(figures, metric) - real);
      errors[metric].push({
        cbpe: gap(ours.figures),
        peer: Math.abs(estimates[index][at] - real),
        pape: shifted.kind === 'estimate' ? gap(shifted.figures) : undefined,
        asReference: Math.abs(figure(whole.figures, metric) - real),
      });
    }
  }
  for (const [metric, list] of Object.entries(errors)) {
    const both = list.filter(({ pape }) => pape !== undefined);
    const pick = (rows, key) => (rows.length === 0 ? null : mean(rows.map((row) => row[key])));
    console.log(
      JSON.stringify({
        name,
        metric,
        chunks: list.length,
        refused,
        peer: pick(list, 'peer'),
        cbpe: pick(list, 'cbpe'),
        asReference: pick(list, 'asReference'),
        whereBoth: {
          n: both.length,
          pape: pick(both, 'pape'),
          cbpe: pick(both, 'cbpe'),
          better: both.filter((row) => row.pape < row.cbpe).length,
        },
      }),
    );
  }
}
