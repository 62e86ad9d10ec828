// Draws that are the same in every run, and how sure a share that was counted is.
import { mulberry32, shuffle } from '../perceptron.js';

/** A normal number (Box and Muller). */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export function shuffled<T>(values: readonly T[], seed: number): T[] {
  const order = Uint32Array.from(values.keys());
  shuffle(order, mulberry32(seed));
  return Array.from(order, (index) => values[index] as T);
}

export interface Share {
  readonly hits: number;
  readonly n: number;
}

/** 95 % interval of a share (Wilson 1927). */
export function interval({ hits, n }: Share): readonly [number, number] {
  const z = 1.96;
  const p = hits / n;
  const middle = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return [middle - half, middle + half];
}
