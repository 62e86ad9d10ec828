// Which small blocks of pixels do rows share to the last bit, at whatever place? Handwriting and photographs repeat hardly
// any block beside plain background; a patch that is stamped into rows is the same in all of them, in the middle of the
// picture too, and when it moves. Labels play no part here, so what is found can be counted as tests before looking at them.
// An attacker who adds noise to each stamp escapes this search.
import { pause } from '@vallum/core';
import type { Matrix } from '@vallum/stats';
import type { EnsembleRules } from './rules.js';
import type { ImageShape, Views } from './views.js';

export interface CopiedBlocks {
  /** Carriers of block b: `rows[starts[b]]` to `rows[starts[b + 1] - 1]`, ascending, each with the view that hides its copy. */
  readonly starts: Uint32Array;
  readonly rows: Uint32Array;
  readonly views: Uint8Array;
  /** Like `3 x 3 pixels first seen at 12, 7`. */
  readonly names: readonly string[];
}

export interface BlockInput {
  readonly features: Matrix;
  readonly image: ImageShape;
  readonly viewOf: Views['viewOf'];
  readonly rules: EnsembleRules;
  readonly signal: AbortSignal;
}

const SIDES = [2, 3];
const BUCKETS = 2 ** 24;
const MAX_COUNT = 2 ** 16 - 1;
/** Copies kept in memory; 9 bytes each. */
const MAX_COPIES = 2 ** 24;
const ROWS_A_TURN = 256;

/** Undefined when there are too many copies to hold. */
export async function findCopiedBlocks(input: BlockInput): Promise<CopiedBlocks | undefined> {
  const { features, image, viewOf, rules } = input;
  // Most blocks are in one row only: a table of counts by a short hash drops them before anything is kept.
  const counts = new Uint16Array(BUCKETS);
  const last = new Uint32Array(BUCKETS);
  await eachBlock(input, (row, block) => {
    const at = block.high % BUCKETS;
    if (last[at] === row + 1) return;
    last[at] = row + 1;
    counts[at] = Math.min(MAX_COUNT, (counts[at] as number) + 1);
  });
  // What most rows have is the background.
  const most = Math.min(features.rows / 2, MAX_COUNT - 1);
  const numbers = new Map<number, number>();
  const kept: { sizes: number[]; latest: number[]; names: string[] } = { sizes: [], latest: [], names: [] };
  const copies: { block: number[]; row: number[]; view: number[] } = { block: [], row: [], view: [] };
  await eachBlock(input, (row, { high, low, x, y, side }) => {
    const count = counts[high % BUCKETS] as number;
    if (count < rules.minCarriers || count > most || copies.block.length >= MAX_COPIES) return;
    const key = high * 2 ** 21 + (low >>> 11);
    const number = numbers.get(key) ?? numbers.size;
    if (number === numbers.size) {
      numbers.set(key, number);
      kept.sizes.push(0);
      kept.latest.push(-1);
      kept.names.push(`${side} x ${side} pixels first seen at ${x}, ${y}`);
    }
    if (kept.latest[number] === row) return;
    kept.latest[number] = row;
    kept.sizes[number] = (kept.sizes[number] as number) + 1;
    const middle = (y + (side >> 1)) * image.width + x + (side >> 1);
    copies.block.push(number);
    copies.row.push(row);
    copies.view.push(viewOf[middle * image.channels] ?? 0);
  });
  if (copies.block.length >= MAX_COPIES) return undefined;
  return sorted(
    copies,
    kept.sizes.map((size) => size >= rules.minCarriers && size <= most),
    kept,
  );
}

function sorted(
  copies: { readonly block: readonly number[]; readonly row: readonly number[]; readonly view: readonly number[] },
  wanted: readonly boolean[],
  { sizes, names }: { readonly sizes: readonly number[]; readonly names: readonly string[] },
): CopiedBlocks {
  const chosen = [...sizes.keys()].filter((number) => wanted[number]);
  const starts = new Uint32Array(chosen.length + 1);
  const place = new Map(chosen.map((number, i) => [number, i]));
  for (const [i, number] of chosen.entries()) starts[i + 1] = (starts[i] as number) + (sizes[number] as number);
  const next = starts.slice();
  const rows = new Uint32Array(starts[chosen.length] as number);
  const views = new Uint8Array(rows.length);
  for (const [i, number] of copies.block.entries()) {
    const block = place.get(number);
    if (block === undefined) continue;
    const at = next[block] as number;
    next[block] = at + 1;
    rows[at] = copies.row[i] as number;
    views[at] = copies.view[i] as number;
  }
  return { starts, rows, views, names: chosen.map((number) => names[number] as string) };
}

interface Block {
  high: number;
  low: number;
  x: number;
  y: number;
  side: number;
}

/** Visits every block of every row; the object handed over is reused. */
async function eachBlock(
  { features, image, signal }: BlockInput,
  visit: (row: number, block: Block) => void,
): Promise<void> {
  const { width, height, channels } = image;
  const pixels = new Uint32Array(width * height);
  const block: Block = { high: 0, low: 0, x: 0, y: 0, side: 0 };
  for (let row = 0; row < features.rows; row += 1) {
    if (row % ROWS_A_TURN === 0) await pause(signal);
    hashPixels(features.values, row * features.columns, channels, pixels);
    for (const side of SIDES)
      for (let y = 0; y + side <= height; y += 1)
        for (let x = 0; x + side <= width; x += 1) {
          let high = side;
          let low = ~side;
          for (let dy = 0; dy < side; dy += 1)
            for (let dx = 0; dx < side; dx += 1) {
              const pixel = pixels[(y + dy) * width + x + dx] as number;
              high = mix(high ^ pixel, 0x85ebca6b);
              low = mix(low ^ pixel, 0xc2b2ae35);
            }
          block.high = high >>> 0;
          block.low = low >>> 0;
          block.x = x;
          block.y = y;
          block.side = side;
          visit(row, block);
        }
  }
}

const DOUBLE = new Float64Array(1);
const HALVES = new Uint32Array(DOUBLE.buffer);

/** 32 bits for the exact values of each pixel's channels. */
function hashPixels(values: Matrix['values'], start: number, channels: number, into: Uint32Array): void {
  for (let pixel = 0; pixel < into.length; pixel += 1) {
    let hash = 0;
    for (let c = 0; c < channels; c += 1) {
      // Adding 0 makes -0 and 0 one value.
      DOUBLE[0] = (values[start + pixel * channels + c] as number) + 0;
      hash = mix(mix(hash ^ (HALVES[0] as number), 0x9e3779b1) ^ (HALVES[1] as number), 0x85ebca6b);
    }
    into[pixel] = hash;
  }
}

function mix(value: number, by: number): number {
  const product = Math.imul(value, by);
  return Math.imul(product ^ (product >>> 15), 0x2c1b3c6d) ^ (product >>> 13);
}
