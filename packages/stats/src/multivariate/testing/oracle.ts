// Data of which scikit-learn 1.9 and NumPy 2.4 gave the values in the tests: drawn from the seeded generator, so that both
// sides can make it.
import type { Matrix } from '../../matrix.js';
import { mulberry32 } from '../../random.js';

const ROWS = 120;

/** 120 x 4, seed 7, the second column leaning on the first; three classes; 40 more points for a curve. */
export function oracleData() {
  const random = mulberry32(7);
  const values = Float64Array.from({ length: ROWS * 4 }, random);
  for (let i = 0; i < values.length; i += 4)
    values[i + 1] = (values[i] as number) * 0.7 + (values[i + 1] as number) * 0.3;
  const column = (j: number): Float64Array =>
    Float64Array.from({ length: ROWS }, (_, i) => values[i * 4 + j] as number);
  const [first, third] = [column(0), column(2)];
  const labels = Array.from({ length: ROWS }, (_, i) =>
    Math.min(2, Math.floor(3 * (0.5 * (first[i] as number) + 0.3 * (third[i] as number) + 0.2 * random()))),
  );
  const curveX = first.slice(0, 40);
  const rounded = curveX.map((value) => Math.round(value * 10) / 10);
  const curveY = rounded.map((value) => random() + 0.5 * value);
  const weights = rounded.map(() => Math.floor(random() * 4));
  const matrix: Matrix = { rows: ROWS, columns: 4, values };
  return { matrix, labels, first, third, curveX, rounded, curveY, weights };
}

/** Independent standard normal values, shifted in all columns. */
export function normalMatrix(rows: number, columns: number, seed: number, shift = 0): Matrix {
  const random = mulberry32(seed);
  const values = Float64Array.from(
    { length: rows * columns },
    () => shift + Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
  return { rows, columns, values };
}
