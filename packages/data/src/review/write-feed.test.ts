import { readFile } from 'node:fs/promises';
import { nodeDisk } from '@vallum/core';
import { describe, expect, it } from 'vitest';
import type { Dataset, DatasetFeed } from '../manifest/dataset.js';
import { openDataset } from '../manifest/dataset.js';
import { createRowSource } from '../rows/row-source.js';
import type { FeedRef } from '../rows/row-source.js';
import { codeOf, mailOf, withFolder, writeFeed } from '../testing/feeds.js';
import { memoryTable } from '../tables/testing/memory-table.js';
import { writeTableFeed } from '../testing/tables.js';
import { readReviewRows } from './read-rows.js';
import { snippetOf } from './snippet.js';
import { newFeedJson, writeRows } from './write-feed.js';

const source = createRowSource(nodeDisk);

async function opened(ref: FeedRef): Promise<DatasetFeed> {
  const dataset = (await openDataset({ disk: nodeDisk, feeds: [ref], subjectName: 'd@v1' })) as Dataset;
  return dataset.feeds[0] as DatasetFeed;
}

async function written(feed: DatasetFeed, staying: Readonly<Record<string, string>>): Promise<string> {
  let text = '';
  await writeRows(feed, source, new Map(Object.entries(staying)), async (piece) => {
    text += Buffer.from(piece).toString();
  });
  return text;
}

describe('a new feed', () => {
  it('of mails has the same lines but for labels and what was left out', async () => {
    await withFolder(async (folder) => {
      const ref = await writeFeed(folder, 'f', [{}, { mail: mailOf('Grüße', 'x') }, {}]);
      const feed = await opened(ref);
      const before = (await readFile(`${ref.path}/rows.jsonl`, 'utf8')).split('\n');
      const after = await written(feed, { r1: 'ham', r2: 'spam' });
      expect(after).toBe(`${before[0]}\n${before[1]?.replace('"ham"', '"spam"')}\n`);
      expect(newFeedJson(feed, 'g')).toEqual({
        schema: 'vallum/feed/v1',
        name: 'g',
        source: 'a test',
        license: 'CC0-1.0',
        received: '2026-02-01',
      });
    });
  });

  it('of a table keeps types, gaps and texts that look like numbers', async () => {
    await withFolder(async (folder) => {
      const table =
        'id,label,n,t,at,yes\n007,0,1.5,a,2026-01-01,true\nb,1,,,2026-01-02T03:04:05Z,false\nc,1,2,x,,true\n';
      const feed = await opened(await writeTableFeed(folder, 'f', { table, columns: { id: 'id' } }));
      const rows = (await written(feed, { '007': '0', b: '0' })).trim().split('\n');
      expect(rows.map((row) => JSON.parse(row) as unknown)).toEqual([
        { id: '007', label: 0, n: 1.5, t: 'a', at: '2026-01-01T00:00:00.000Z', yes: true },
        { id: 'b', label: 0, n: null, t: null, at: '2026-01-02T03:04:05.000Z', yes: false },
      ]);
      const json = newFeedJson(feed, 'g');
      expect(json).toMatchObject({ schema: 'vallum/feed/v2', table: { file: 'rows.jsonl', id: 'id', label: 'label' } });
    });
  });

  it('is refused where JSON would lose a value', async () => {
    await withFolder(async (folder) => {
      const wide = 'label,n\nham,1\nham,9007199254740993\n';
      const feed = await opened(await writeTableFeed(folder, 'f', { table: wide }));
      expect(await codeOf(() => written(feed, { '1': 'ham', '2': 'ham' }))).toMatch(/^REVIEW_VALUE/);
      // Other formats than CSV hold infinities.
      const table = memoryTable({ label: ['ham', 'ham'], n: [1, -Infinity] });
      const endless = { ...source, rows: (_: unknown, work: (rows: typeof table) => Promise<never>) => work(table) };
      const write = (): Promise<void> => writeRows(feed, endless, new Map([['2', 'ham']]), async () => undefined);
      expect(await codeOf(write)).toMatch(/^REVIEW_VALUE: .*row 2 of column "n" is -Infinity/);
    });
  });
});

describe('rows for the review', () => {
  it('are whole where they are wanted, and their content does not hold the label', async () => {
    await withFolder(async (folder) => {
      const table = 'id,label,t\na,ham,one\nb,ham,two\n';
      const feed = await opened(await writeTableFeed(folder, 'f', { table, columns: { id: 'id' } }));
      expect(await readReviewRows(feed, source, new Set(['b']))).toEqual([
        { id: 'a', label: 'ham', content: '', text: '' },
        { id: 'b', label: 'ham', content: '[["t","two"]]', text: 't=two' },
      ]);
    });
  });

  it('show no personal data and move no cursor', () => {
    const shown = snippetOf(`pay \u001b[2J 4111 1111 1111 1111 to jane@mail.example ${'x'.repeat(500)}`);
    expect(shown).not.toMatch(/4111 1111 1111|jane@|\p{C}/u);
    expect(shown.length).toBeLessThanOrEqual(160);
  });
});
