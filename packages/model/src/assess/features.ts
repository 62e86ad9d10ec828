// From text to model input, by the rules that model.json declares and nothing else: words, hash buckets, normalisation.
// The training script computes the same on its side; known answers of the hash (FNV-1a by Fowler, Noll and Vo) hold both.
import type { ModelDeclaration } from './declaration.js';

const WORDS = /[a-z0-9$!']+/g;

export interface TextFields {
  readonly subject: string;
  readonly body: string;
}

/** FNV-1a, 32 bits, of a text in ASCII. */
export function fnv1a32(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i += 1) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Maximal runs of letters, digits, `$`, `!` and `'`, in order; those of undeclared length are dropped. */
export function wordsOf(row: TextFields, input: ModelDeclaration['input']): readonly string[] {
  const joined = input.fields.map((field) => row[field]).join('\n');
  const words = joined.toLowerCase().match(WORDS) ?? [];
  return words.filter((word) => word.length >= input.minLength && word.length <= input.maxLength);
}

/** Writes 2^bits features of the row from `offset`, where zeros must stand: 1 / sqrt(buckets hit) in each bucket hit. */
export function writeFeatures(row: TextFields, input: ModelDeclaration['input'], into: Float32Array, offset: number) {
  const mask = 2 ** input.bits - 1;
  const buckets = new Set<number>();
  for (const word of wordsOf(row, input)) buckets.add(fnv1a32(word) & mask);
  const value = 1 / Math.sqrt(buckets.size);
  for (const bucket of buckets) into[offset + bucket] = value;
}
