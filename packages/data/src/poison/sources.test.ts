import { describe, expect, it } from 'vitest';
import { indexGrams } from './grams.js';
import { findSources } from './sources.js';
import { footer, mails } from './testing/mails.js';

const signal = new AbortController().signal;
const OPTIONS = { overlap: 0.15, minIdf: 1.5 };

async function sources(footers: (i: number) => string, leftOut: string): Promise<number> {
  const rows = mails({ feed: 'f', label: 'ham', seed: 5, count: 40, spamminess: 10, footer: footers });
  const others = mails({ feed: 'g', label: 'ham', seed: 6, count: 200, spamminess: 10 });
  const index = await indexGrams(
    [...rows, ...others].map(({ body }) => body),
    2,
    signal,
  );
  const block = new Set<number>();
  for (const { words } of index.rows)
    for (const id of words) if (leftOut.split(' ').includes(index.name(id))) block.add(id);
  return findSources(index, [...rows.keys()], block, OPTIONS).count;
}

describe('findSources', () => {
  it('counts unrelated mails one by one', async () => {
    expect(await sources(() => '', '')).toBe(40);
  });

  it('counts the issues of four newsletters as four', async () => {
    expect(await sources((i) => footer(i % 4, 60), '')).toBe(4);
  });

  it('is not deceived by a long planted footer once it is left out', async () => {
    const planted = footer(9, 90);
    expect(await sources(() => planted, '')).toBe(1);
    expect(await sources(() => planted, planted)).toBe(40);
  });
});
