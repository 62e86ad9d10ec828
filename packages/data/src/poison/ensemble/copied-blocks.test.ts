// Copies of small blocks: at any place, to the last bit, without a look at labels, and never the background.
import { mulberry32 } from '@vallum/stats';
import { describe, expect, it } from 'vitest';
import { findCopiedBlocks } from './copied-blocks.js';
import type { CopiedBlocks } from './copied-blocks.js';
import { defaultEnsembleRules } from './rules.js';
import { imageViews } from './views.js';

const SIDE = 10;
const rules = defaultEnsembleRules();
const signal = new AbortController().signal;

/** Noise of which no two pixels are alike, with `block` (row by row, square) stamped into some rows. */
async function search(
  rows: number,
  stamps: readonly { readonly row: number; readonly at: number; readonly block: readonly number[] }[],
  channels = 1,
): Promise<CopiedBlocks> {
  const random = mulberry32(7);
  const columns = SIDE * SIDE * channels;
  const values = Float32Array.from({ length: rows * columns }, () => random());
  for (const { row, at, block } of stamps) {
    const side = Math.sqrt(block.length / channels);
    for (const [i, value] of block.entries()) {
      const pixel = Math.floor(i / channels);
      const to = at + Math.floor(pixel / side) * SIDE + (pixel % side);
      values[row * columns + to * channels + (i % channels)] = value;
    }
  }
  const features = { rows, columns, values };
  const image = { width: SIDE, height: SIDE, channels };
  const { viewOf } = imageViews(features, image);
  return (await findCopiedBlocks({ features, image, viewOf, rules, signal }))!;
}

describe('copied blocks', () => {
  it('finds the rows that carry a block at different places', async () => {
    const block = [0.1, 0.2, 0.3, 0.4];
    const found = await search(
      40,
      [3, 8, 20, 31, 39].map((row, i) => ({ row, at: i * 12, block })),
    );
    expect(found.names).toEqual(['2 x 2 pixels first seen at 0, 0']);
    expect([...found.rows]).toEqual([3, 8, 20, 31, 39]);
    // Hidden at the upper left in the first row, elsewhere in the last.
    expect(found.views[0]).not.toBe(found.views[4]);
  });

  it('counts a row once, however often it has the block', async () => {
    const block = [1, 1, 1, 1];
    const stamps = [1, 2, 3, 4].flatMap((row) => [0, 4, 50].map((at) => ({ row, at, block })));
    expect([...(await search(20, stamps)).rows]).toEqual([1, 2, 3, 4]);
  });

  it('finds none in noise, in fewer rows than count, and when a bit differs', async () => {
    const near = [5, 6, 7, 8].map((row) => ({ row, at: 0, block: [0.5, 0.5, 0.5, 0.5 + row * 1e-6] }));
    const few = [1, 2, 3].map((row) => ({ row, at: 44, block: [0.1, 0.2, 0.3, 0.4] }));
    expect((await search(40, [...near, ...few])).names).toEqual([]);
  });

  it('leaves out what most rows have', async () => {
    const stamps = Array.from({ length: 15 }, (_, row) => ({ row, at: 0, block: [0, 0, 0, 0] }));
    expect((await search(20, stamps)).names).toEqual([]);
  });

  it('compares all channels of a pixel', async () => {
    const block = Array.from({ length: 12 }, (_, i) => i / 16);
    const other = block.map((value, i) => (i === 11 ? 0.99 : value));
    const of = (rows: readonly number[], what: readonly number[]) => rows.map((row) => ({ row, at: 33, block: what }));
    const found = await search(30, [...of([0, 1, 2, 3], block), ...of([10, 11, 12, 13], other)], 3);
    expect([found.names.length, [...found.rows]]).toEqual([2, [0, 1, 2, 3, 10, 11, 12, 13]]);
  });
});
