// Noise that does not average out: it is worked out from a secret, the principal and the input, so who asks again gets the same
// answer again (reference: prediction poisoning against model theft, Orekondy et al. 2020, arXiv 1906.10908, keeps the label
// as this does). What it does not stop: averaging over many accounts, or over inputs that differ a little; budgets and
// detectors are for these.
import { createCipheriv, createHmac } from 'node:crypto';
import type { NumberArray } from '../../protocol/inspected.js';
import { argmax } from './rows.js';

export interface NoiseKey {
  /** Of this gateway; nobody else can work the noise out and subtract it. */
  readonly secret: Buffer;
  readonly principal: string;
  /** Keyed digest of the input. */
  readonly inputDigest: string;
  readonly output: string;
}

/** Even numbers in [-1, 1), the same for the same key: AES-256-CTR under an HMAC-SHA-256 of what the key holds. */
function noiseOf({ secret, principal, inputDigest, output }: NoiseKey, count: number): (i: number) => number {
  // As JSON, so that no two keys read the same when they are put together.
  const seed = createHmac('sha256', secret)
    .update(JSON.stringify(['noise', principal, inputDigest, output]))
    .digest();
  const bytes = createCipheriv('aes-256-ctr', seed, Buffer.alloc(16)).update(Buffer.alloc(4 * count));
  return (i) => bytes.readInt32LE(4 * i) / 2 ** 31;
}

/**
 * Adds to each probability at most `amplitude` either way, and keeps it within [0, 1] and the largest of each row the largest.
 * Sums are not kept: a row of k classes may sum to anything within k x amplitude of what it did.
 */
export function addNoise(numbers: NumberArray, classes: number, amplitude: number, key: NoiseKey): void {
  const noise = noiseOf(key, numbers.length);
  const before = numbers.slice();
  for (let i = 0; i < numbers.length; i += 1)
    numbers[i] = Math.min(1, Math.max(0, (before[i] as number) + amplitude * noise(i)));
  if (classes === 1) return;
  for (let start = 0; start < numbers.length; start += classes) keepWinner(numbers, before, start, classes);
}

/**
 * Who was the largest gets the largest value, and who got it the other one: each of the two stays within the bound, since what
 * the winner lost the other one had not. Equal ones, as clamping makes them, go back to what they were.
 */
function keepWinner(numbers: NumberArray, before: NumberArray, start: number, classes: number): void {
  const winner = argmax(before, start, classes);
  const other = argmax(numbers, start, classes);
  const most = numbers[other] as number;
  numbers[other] = numbers[winner] as number;
  numbers[winner] = Math.max(most, before[winner] as number);
  for (let i = start; i < start + classes; i += 1)
    if (i !== winner && (numbers[i] as number) >= numbers[winner]) numbers[i] = before[i] as number;
}
