import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
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
  await writeRows(feed, { disk: nodeDisk, source }, new Map(Object.entries(staying)), async (_, piece) => {
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
      expect(newFeedJson(feed, 'g', 'rows.jsonl')).toEqual({
        schema: 'vallum/feed/v1',
        name: 'g',
        source: 'a test',
        license: 'CC0-1.0',
        received: '2026-02-01',
      });
    });
  });

  it('of CSV has the lines of the old one, byte for byte, but for the label that was changed', async () => {
    await withFolder(async (folder) => {
      const head = '\ufeff"label",id,zip,f,t,u\r\n';
      const kept = '"ham",007,01234,-0,2024-01-01 10:00,2024-01-01T00:00:00.123456Z\r\n';
      const wide = '"ham",9,NA,1.50,"a ""b"",\r\nc",9007199254740993\r\n';
      const last = 'ham,10,00001,,2024-01-02 10:00,';
      const table = `${head}${kept}\r\n"ham",8,1,1,x,1\r\n${wide}${last}`;
      const feed = await opened(await writeTableFeed(folder, 'f', { table, columns: { id: 'id' } }));
      const after = await written(feed, { 7: 'ham', 9: 'spam', 10: 'very "bad"' });
      expect(after).toBe(`${head}${kept}${wide.replace('ham', 'spam')}${last.replace('ham', '"very ""bad"""')}`);
      const json = newFeedJson(feed, 'g', 'rows.csv');
      expect(json).toMatchObject({ schema: 'vallum/feed/v2', table: { file: 'rows.csv', id: 'id', label: 'label' } });
    });
  });

  it.each([
    ['a tab', 'label\tn\nham\t01\nspam\t02\n'],
    ['a delimiter that the first line says', 'sep=;\nlabel;n\nham;0,1\nspam;0,2\n'],
    ['a bar, and a column without a name', '|label|n\n0|ham|01\n1|spam|02\n'],
  ])('of rows with %s stays what it was', async (_, table) => {
    await withFolder(async (folder) => {
      const feed = await opened(await writeTableFeed(folder, 'f', { table }));
      expect(await written(feed, { 1: 'ham', 2: 'spam' })).toBe(table);
    });
  });

  it('of JSON lines has the lines of the old one, with dates, nested objects and absent keys', async () => {
    await withFolder(async (folder) => {
      const first = '{"id":"a", "at":"2024-01-01 10:00","deep":{"label":"x","n":[1.0]},"label":"ham"}\n';
      const second = '{"id":"b","label" : "ham","n":9007199254740993,"why":"\\"label\\":\\u0041"}\n';
      const table = {
        table: `${first}\n{"id":"c","label":"ham"}\n${second}`,
        columns: { id: 'id', file: 'rows.jsonl' },
      };
      const feed = await opened(await writeTableFeed(folder, 'f', table));
      expect(await written(feed, { a: 'ham', b: 'ham' })).toBe(first + second);
      const relabelled = first.replace('"ham"', '"spam"') + second.replace('"ham"', '"spam"');
      expect(await written(feed, { a: 'spam', b: 'spam' })).toBe(relabelled);
    });
  });

  it('copies rows over the pieces in which the file is read', async () => {
    await withFolder(async (folder) => {
      const rows = Array.from({ length: 60_000 }, (_, at) => `r${at},"ham","${'é,'.repeat(at % 30)}\n"\r\n`);
      const table = `id,label,t\r\n${rows.join('')}`;
      const feed = await opened(await writeTableFeed(folder, 'f', { table, columns: { id: 'id' } }));
      const staying = Object.fromEntries(rows.flatMap((_, at) => (at % 3 === 0 ? [] : [[`r${at}`, 'ham']])));
      const expected = `id,label,t\r\n${rows.filter((_, at) => at % 3 !== 0).join('')}`;
      expect((await written(feed, staying)) === expected).toBe(true);
    });
  });

  it('is refused where lines cannot be copied, or a nested label changed', async () => {
    await withFolder(async (folder) => {
      const array = { table: '[{"label":"ham"},\n{"label":"spam"}]', columns: { file: 'rows.json' } };
      const packed = { table: gzipSync('label,n\nham,1\nspam,2\n'), columns: { file: 'rows.csv.gz' } };
      for (const [name, files] of Object.entries({ array, packed })) {
        const feed = await opened(await writeTableFeed(folder, name, files));
        expect([name, await codeOf(() => written(feed, { 1: 'ham', 2: 'spam' }))]).toEqual([
          name,
          expect.stringMatching(/^REVIEW_VALUE/),
        ]);
      }
      const nested = { table: '{"a":{"label":"ham"}}\n', columns: { file: 'rows.jsonl', label: 'a.label' } };
      const feed = await opened(await writeTableFeed(folder, 'nested', nested));
      expect(await written(feed, { 1: 'ham' })).toBe(nested.table);
      expect(await codeOf(() => written(feed, { 1: 'spam' }))).toMatch(/^REVIEW_VALUE: .*row 1 of nested/);
    });
  });

  it('of another table has every value, or is refused', async () => {
    await withFolder(async (folder) => {
      const feed = await opened(await writeTableFeed(folder, 'f', { table: 'label,n\nham,1\nham,2\n' }));
      const print = async (n: readonly number[], type: 'number' | 'time' = 'number'): Promise<string> => {
        const table = memoryTable({ label: ['ham', 'ham'], n }, { types: { n: type } });
        const other = { ...source, rows: (_: unknown, work: (rows: typeof table) => Promise<never>) => work(table) };
        let text = '';
        await writeRows(feed, { disk: nodeDisk, source: other }, new Map([['2', 'ham']]), async (_, piece) => {
          text += Buffer.from(piece).toString();
        });
        return text;
      };
      expect(await print([1, -0])).toBe('{"label":"ham","n":-0}\n');
      expect(await codeOf(() => print([1, -Infinity]))).toMatch(/^REVIEW_VALUE: .*row 2 of column "n" is -Infinity/);
      expect(await codeOf(() => print([1, 0.25], 'time'))).toMatch(/^REVIEW_VALUE: .*row 2 of column "n" is 0.25/);
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
