// `node label-issues.mjs ROWS CLASSES`: confident learning on seeded random probabilities, a tenth of the labels redrawn.
import { findLabelIssues, readLabelled } from '@vallum/data';
import { mulberry32 } from '@vallum/stats';
import { timed } from './timed.mjs';

const [rows, classes] = process.argv.slice(2).map(Number);
const random = mulberry32(1);
const labels = new Int32Array(rows);
const values = new Float64Array(rows * classes);
for (let row = 0; row < rows; row += 1) {
  const likely = Math.floor(random() * classes);
  labels[row] = random() < 0.1 ? Math.floor(random() * classes) : likely;
  let sum = 0;
  for (let k = 0; k < classes; k += 1) {
    const value = -Math.log(1 - random()) + (k === likely ? 3 * random() : 0);
    values[row * classes + k] = value;
    sum += value;
  }
  for (let k = 0; k < classes; k += 1) values[row * classes + k] /= sum;
}
await timed(async () => {
  findLabelIssues(readLabelled(labels, { rows, columns: classes, values }));
  return rows;
});
