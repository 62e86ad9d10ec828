// Hashing under a secret of the gateway: who does not know it can neither aim at a fingerprint nor steer clear of one.
import { createHmac } from 'node:crypto';
import type { NumberArray } from '../../protocol/inspected.js';

export interface HashKey {
  /** Odd: multiplying by it modulo 2^32 loses nothing. */
  readonly base: number;
  readonly first: number;
  readonly second: number;
  /** One random word for each byte value. */
  readonly words: Uint32Array;
}

/** @param secret of one gateway; all its workers share it, so that fingerprints match between them */
export function hashKey(secret: Uint8Array): HashKey {
  const block = (name: string): Buffer => createHmac('sha512', secret).update(`vallum/sketch/v1/${name}`).digest();
  const head = block('head');
  const bytes = Buffer.concat(Array.from({ length: 16 }, (_, i) => block(`words/${i}`)));
  return {
    base: (head.readUInt32LE(0) | 1) >>> 0,
    first: head.readUInt32LE(4),
    second: head.readUInt32LE(8),
    words: Uint32Array.from({ length: 256 }, (_, i) => bytes.readUInt32LE(4 * i)),
  };
}

/** Spreads a word over all 32 bits (finaliser of MurmurHash3, Austin Appleby, public domain), with the key mixed in. */
export function mixWord({ first, second }: HashKey, word: number): number {
  let h = word ^ first;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b) ^ second;
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Hash of a text, code unit by code unit. */
export function hashText(key: HashKey, text: string): number {
  let h = text.length;
  for (let i = 0; i < text.length; i += 1) h = (Math.imul(h, key.base) + mixWord(key, text.charCodeAt(i))) | 0;
  return mixWord(key, h);
}

/** Running hash over words of 32 bits. */
function absorb(h: number, word: number, { first, base }: HashKey): number {
  const mixed = Math.imul(h ^ word, base);
  return ((mixed << 15) | (mixed >>> 17)) ^ first;
}

/** Hash of every bit of a list of numbers. */
export function hashNumbers(key: HashKey, numbers: NumberArray): number {
  let h = numbers.length;
  const isWordy = numbers instanceof Float32Array || numbers instanceof Int32Array || numbers instanceof Uint32Array;
  if (isWordy) {
    const words = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
    for (let i = 0; i < words.length; i += 1) h = absorb(h, words[i] as number, key);
    return mixWord(key, h);
  }
  const double = new Float64Array(1);
  const halves = new Uint32Array(double.buffer);
  for (const number of numbers) {
    double[0] = number;
    h = absorb(absorb(h, halves[0] as number, key), halves[1] as number, key);
  }
  return mixWord(key, h);
}
