// Sketch of a row of a table: values become coarse, and pairs of columns that stand a few apart become fingerprints. A change of
// one value leaves most pairs as they were; two rows that merely have one category in common share few.
import { BottomK } from './bottom-k.js';
import { MOST_BLOCKS } from './blocks.js';
import { hashNumbers, hashText, mixWord } from './keyed-hash.js';
import type { HashKey } from './keyed-hash.js';
import { unit } from './scale.js';
import type { Range } from './scale.js';
import type { RowSketch } from '../sketch.js';
import { MOST_FINGERPRINTS } from './tensor.js';

const STEPS = 20;
const PARTNERS = 5;
/** Columns that count for fingerprints; beyond them a row is wider than a sketch can tell. */
const MOST_COLUMNS = 4_096;

export interface Cell {
  readonly value: number | string;
  readonly range?: Range | undefined;
}

export function sketchTableRow(key: HashKey, cells: readonly Cell[]): Omit<RowSketch, 'row' | 'rows'> {
  const width = Math.min(cells.length, MOST_COLUMNS);
  const blocks = Math.min(MOST_BLOCKS, Math.max(1, width));
  const means = new Float32Array(blocks);
  const sizes = new Float32Array(blocks);
  const levels = new Uint32Array(width);
  const contents = new Float64Array(cells.length);
  cells.forEach(({ value, range }, column) => {
    const { level, mean } = coarse(key, value, range);
    contents[column] = typeof value === 'number' ? value : hashText(key, value);
    if (column >= width) return;
    levels[column] = level;
    const block = Math.floor((column * blocks) / width);
    means[block] = (means[block] as number) + mean;
    sizes[block] = (sizes[block] as number) + 1;
  });
  // Each column with its value once, so that a pair costs one step.
  for (let column = 0; column < width; column += 1)
    levels[column] = mixWord(key, Math.imul(mixWord(key, column), key.base) ^ (levels[column] as number));
  const fingerprints = new BottomK(MOST_FINGERPRINTS);
  const partners = Math.max(1, Math.min(PARTNERS, Math.ceil((width - 1) / 2)));
  for (let column = 0; column < width; column += 1)
    for (let apart = 1; apart <= partners; apart += 1) {
      const other = levels[(column + apart) % width] as number;
      fingerprints.add(mixWord(key, Math.imul(levels[column] as number, key.base) ^ other));
    }
  return {
    means: means.map((sum, block) => sum / Math.max(1, sizes[block] as number)),
    fingerprints: fingerprints.take(),
    content: hashNumbers(key, contents),
  };
}

/** Without a learned range, steps grow with the number, the same for every caller and worker. */
function coarse(key: HashKey, value: number | string, range: Range | undefined): { level: number; mean: number } {
  if (typeof value === 'string') {
    const level = hashText(key, value.trim().toLowerCase());
    return { level, mean: level / 2 ** 32 };
  }
  if (range !== undefined && range.maximum > range.minimum) {
    const mean = unit((value - range.minimum) / (range.maximum - range.minimum));
    return { level: Math.round(mean * STEPS), mean };
  }
  const grown = Number.isFinite(value) ? Math.asinh(8 * value) : 0;
  return { level: Math.round(2 * grown) >>> 0, mean: unit(0.5 + grown / 48) };
}
