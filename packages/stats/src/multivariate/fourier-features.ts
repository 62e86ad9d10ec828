// Rows as random Fourier features: their inner products approximate a Gaussian kernel (Rahimi and Recht, NIPS 2007).
import type { Matrix } from '../matrix.js';

/**
 * @param count of frequencies; each gives a cosine and a sine
 * @returns rows x (2 count)
 */
export function fourierFeatures(
  { rows, columns, values }: Matrix,
  sigma: number,
  count: number,
  random: () => number,
): Matrix {
  const frequencies = Float64Array.from({ length: count * columns }, () => normalDraw(random) / sigma);
  const features = new Float32Array(rows * 2 * count);
  const scale = 1 / Math.sqrt(count);
  for (let row = 0; row < rows; row += 1)
    for (let k = 0; k < count; k += 1) {
      let angle = 0;
      for (let j = 0; j < columns; j += 1)
        angle += (values[row * columns + j] as number) * (frequencies[k * columns + j] as number);
      features[(row * count + k) * 2] = Math.cos(angle) * scale;
      features[(row * count + k) * 2 + 1] = Math.sin(angle) * scale;
    }
  return { rows, columns: 2 * count, values: features };
}

/** A standard normal variable (Box and Muller 1958). */
function normalDraw(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
