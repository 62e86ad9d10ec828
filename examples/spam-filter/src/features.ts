// From text to the buckets that are hit; model.json declares exactly this, so that others can ask the model.
import type { MailText } from './mail-text.js';

export const BITS = 14;
export const MIN_LENGTH = 2;
export const MAX_LENGTH = 24;

/** FNV-1a, 32 bits, of a word in ASCII. */
function fnv1a(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i += 1) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Sorted buckets of the words in subject and body; each counts once, and the row is scaled to length 1. */
export function bucketsOf({ subject, body }: MailText): Uint32Array {
  const buckets = new Set<number>();
  for (const word of `${subject}\n${body}`.toLowerCase().match(/[a-z0-9$!']+/g) ?? [])
    if (word.length >= MIN_LENGTH && word.length <= MAX_LENGTH) buckets.add(fnv1a(word) & (2 ** BITS - 1));
  return Uint32Array.from(buckets).sort();
}
