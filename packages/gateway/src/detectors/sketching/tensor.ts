// Sketch of a row of numbers: block means, and fingerprints after Blacklight (Li et al., USENIX Security 2022) with a rolling keyed
// hash in place of SHA-256. Windows that hardly change (borders, blank paper) are shared by all inputs and left out.
import type { NumberArray } from '../../protocol/inspected.js';
import { BottomK } from './bottom-k.js';
import type { Layout } from './blocks.js';
import { hashNumbers } from './keyed-hash.js';
import type { HashKey } from './keyed-hash.js';
import type { Scale } from './scale.js';
import type { RowSketch } from '../sketch.js';

export const MOST_FINGERPRINTS = 50;
/** Values of a window, and steps of the quantised value: 50 of 255, as in the paper. */
const WINDOW = 20;
const STEPS = 255 / 50;
/** Changes inside a window from which it says something. */
const LEAST_CHANGES = 4;
/** Fewer telling windows than this, and the quiet ones count as well. */
const LEAST_TELLING = 25;
/**
 * Of a longer row only every second, third... value is sketched: what is asked often has to cost less than answering it. The
 * content hash below sees all values.
 */
const MOST_VALUES = 32_768;

export class TensorSketch {
  readonly #key: HashKey;
  readonly #smallest = new BottomK(MOST_FINGERPRINTS);
  #levels = new Uint8Array(1_024);

  constructor(key: HashKey) {
    this.#key = key;
  }

  of(row: NumberArray, scale: Scale, layout: Layout): Omit<RowSketch, 'row' | 'rows'> {
    const stride = Math.ceil(row.length / MOST_VALUES);
    const count = Math.ceil(row.length / stride);
    if (this.#levels.length < count) this.#levels = new Uint8Array(count);
    const means = quantise(row, stride, scale, layout, this.#levels);
    const telling = this.#fingerprints(count, LEAST_CHANGES);
    const fingerprints = telling.length >= LEAST_TELLING ? telling : this.#fingerprints(count, 0);
    // Every value counts here: a row that differs in one of them is no repetition.
    return { means, fingerprints, content: hashNumbers(this.#key, row) };
  }

  #fingerprints(count: number, leastChanges: number): Uint32Array {
    const { base, words, first, second } = this.#key;
    const levels = this.#levels;
    const smallest = this.#smallest;
    const width = Math.min(WINDOW, count);
    let oldest = 1;
    for (let i = 1; i < width; i += 1) oldest = Math.imul(oldest, base);
    let [hash, changes] = [0, 0];
    for (let i = 0; i < count; i += 1) {
      const level = levels[i] as number;
      if (i >= width) {
        const gone = levels[i - width] as number;
        hash = (hash - Math.imul(words[gone] as number, oldest)) | 0;
        if (gone !== levels[i - width + 1]) changes -= 1;
      }
      if (i > 0 && level !== levels[i - 1]) changes += 1;
      hash = (Math.imul(hash, base) + (words[level] as number)) | 0;
      if (i < width - 1 || changes < leastChanges) continue;
      // `mixWord`, written out: this runs once for every value.
      let mixed = hash ^ first;
      mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b) ^ second;
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
      mixed = (mixed ^ (mixed >>> 16)) >>> 0;
      if (mixed < smallest.bound) smallest.add(mixed);
    }
    return smallest.take();
  }
}

/** Fills `levels` and returns the mean of each block. */
function quantise(
  row: NumberArray,
  stride: number,
  { low, factor }: Scale,
  { blocks, blockOf }: Layout,
  levels: Uint8Array,
): Float32Array {
  const sums = new Float64Array(blocks);
  const sizes = new Float64Array(blocks);
  for (let i = 0, at = 0; at < row.length; i += 1, at += stride) {
    const scaled = ((row[at] as number) - low) * factor;
    // Not a number fails both comparisons and becomes 0.
    const value = scaled > 0 ? (scaled < 1 ? scaled : 1) : 0;
    const block = blockOf[at] as number;
    sums[block] = (sums[block] as number) + value;
    sizes[block] = (sizes[block] as number) + 1;
    levels[i] = (value * STEPS + 0.5) | 0;
  }
  return Float32Array.from(sums, (sum, block) => sum / Math.max(1, sizes[block] as number));
}
