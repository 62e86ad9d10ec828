// Sketch of a text: windows of eight characters of its plain form as fingerprints, and how often which three characters stand
// together, in 64 bins, as means.
import { BottomK } from './bottom-k.js';
import { MOST_BLOCKS } from './blocks.js';
import { hashText, mixWord } from './keyed-hash.js';
import type { HashKey } from './keyed-hash.js';
import type { RowSketch } from '../sketch.js';
import { MOST_FINGERPRINTS } from './tensor.js';

const WINDOW = 8;
const TRIPLE = 3;
/** Characters that are looked at. */
const MOST_CHARACTERS = 65_536;

export function sketchText(key: HashKey, text: string): Omit<RowSketch, 'row' | 'rows'> {
  const plain = text.slice(0, MOST_CHARACTERS).toLowerCase().replace(/\s+/g, ' ').trim();
  const counts = new Float64Array(MOST_BLOCKS);
  const fingerprints = new BottomK(MOST_FINGERPRINTS);
  roll(key, plain, WINDOW, (hash) => fingerprints.add(hash));
  roll(key, plain, TRIPLE, (hash) => {
    counts[hash % MOST_BLOCKS] = (counts[hash % MOST_BLOCKS] as number) + 1;
  });
  const total = counts.reduce((sum, count) => sum + count, 0);
  return {
    // Roots: distances between them are Hellinger's.
    means: Float32Array.from(counts, (count) => Math.sqrt(count / Math.max(1, total))),
    fingerprints: fingerprints.take(),
    content: hashText(key, text),
  };
}

/** Hash of every window of `width` code units; of the whole text where it is shorter. */
function roll(key: HashKey, text: string, width: number, use: (hash: number) => void): void {
  const size = Math.min(width, text.length);
  if (size === 0) return;
  let oldest = 1;
  for (let i = 1; i < size; i += 1) oldest = Math.imul(oldest, key.base);
  let hash = 0;
  for (let i = 0; i < text.length; i += 1) {
    if (i >= size) hash = (hash - Math.imul(mixWord(key, text.charCodeAt(i - size)), oldest)) | 0;
    hash = (Math.imul(hash, key.base) + mixWord(key, text.charCodeAt(i))) | 0;
    if (i >= size - 1) use(mixWord(key, hash));
  }
}
