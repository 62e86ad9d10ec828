import type { Disk } from '@vallum/core';
import { nodeDisk, VallumError } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf, mailOf, unreadable, withFolder, writeFeed } from '../testing/feeds.js';
import { readFeedJson } from './feed-json.js';
import { readMailRows } from './mail-rows.js';
import { createRowSource, readFeed } from './row-source.js';

const feedJson = (facts: object): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      schema: 'vallum/feed/v1',
      name: 'f',
      source: 's',
      license: 'l',
      received: '2026-01-31',
      ...facts,
    }),
  );
const lines = (...rows: unknown[]): Uint8Array => Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
const row = { id: 'a', received: '2026-01-31', label: 'ham', mail: 'Subject: x\n\ny' };

describe('readFeedJson', () => {
  it('reads the facts', () => {
    expect(readFeedJson(feedJson({}), 'f')).toEqual({ name: 'f', source: 's', license: 'l', received: '2026-01-31' });
  });

  it.each([
    [{ licence: 'x' }, '"licence" is not known'],
    [{ schema: 'vallum/feed/v3' }, '"schema"'],
    [{ received: '31 January' }, '"received"'],
    [{ received: '2026-13-01' }, '"received"'],
    [{ name: '' }, '"name"'],
    [{ source: 1 }, '"source"'],
    [{ license: 'CC0\u001b[2J' }, '"license"'],
    [{ '\u009b2J': 1 }, '"?2J" is not known'],
    [{ source: 'x'.repeat(1001) }, '"source"'],
  ])('names the key in %j', async (facts, key) => {
    expect(await codeOf(async () => readFeedJson(feedJson(facts), 'feeds/f/feed.json'))).toContain(key);
    expect(await codeOf(async () => readFeedJson(feedJson(facts), 'feeds/f/feed.json'))).toMatch(
      /^DATA_FEED: feeds\/f/,
    );
  });

  it('leaves a missing source to the manifest control', () => {
    expect(
      readFeedJson(Buffer.from('{"schema":"vallum/feed/v1","name":"f","received":"2026-01-31"}'), 'f').source,
    ).toBe('');
  });

  it('refuses a duplicate key, and anything that is no object', async () => {
    for (const text of ['{"name":"a","name":"b"}', '[]', 'x', ''])
      expect(await codeOf(async () => readFeedJson(Buffer.from(text), 'f'))).toMatch(/^DATA_FEED/);
  });
});

describe('readMailRows', () => {
  it('reads the mail byte by byte and gives its text', async () => {
    const mail = `Subject: =?utf-8?Q?h=C3=A9?=\nContent-Type: text/plain; charset=utf-8\n\n${Buffer.from('né').toString('latin1')}`;
    const [read] = await readMailRows(lines({ ...row, mail }), 'rows');
    expect(read).toEqual({ ...row, mail, subject: 'hé', body: 'né\n', unread: 0 });
  });

  it.each([
    [[], /^DATA_NO_ROWS: rows holds no rows/],
    [[row, { ...row, label: 'spam' }], /^DATA_DUPLICATE_ID: rows: lines 1 and 2 .*"a"/],
    [[row, { ...row, id: 'b', extra: 1 }], /^DATA_ROW: rows, line 2: the key "extra" is not known/],
    [[{ ...row, label: undefined }], /^DATA_ROW: rows, line 1: the key "label" is missing/],
    [[{ ...row, label: 'x'.repeat(65) }], /"label"/],
    [[{ ...row, id: '' }], /"id"/],
    [[{ ...row, id: 'a\nb' }], /"id"/],
    [[{ ...row, label: 'ham\u202e' }], /"label"/],
    [[{ ...row, mail: 'price in €' }], /"mail".*U\+00FF/],
    [[[1]], /^DATA_ROW: rows, line 1: it is not an object/],
  ])('refuses %j', async (rows, message) => {
    expect(await codeOf(() => readMailRows(lines(...rows), 'rows'))).toMatch(message);
  });

  it('names file and line of broken JSON', async () => {
    const broken = Buffer.concat([lines(row), Buffer.from('{"id":\n')]);
    expect(await codeOf(() => readMailRows(broken, 'feeds/f/rows.jsonl'))).toMatch(
      /^JSONL_LINE: feeds\/f\/rows.jsonl: line 2/,
    );
  });

  it('keeps a row whose mail is too large, and says why it has no text', async () => {
    const [read] = await readMailRows(lines({ ...row, mail: 'x'.repeat(3 * 1024 * 1024) }), 'rows');
    expect(read?.body).toBe('');
    expect(read?.problem).toMatch(/bytes/);
  });

  it('lets other work go on meanwhile', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    const many = Array.from({ length: 300 }, (_, n) => ({
      ...row,
      id: `r${n}`,
      mail: mailOf('s', 'word '.repeat(2000)),
    }));
    await readMailRows(lines(...many), 'rows');
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });

  it('gives rows or a typed error for any bytes', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.jsonValue().map((value) => lines(value)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (input) => {
        await readMailRows(input, 'rows').catch((error: unknown) => {
          expect(error).toBeInstanceOf(VallumError);
        });
      }),
      { numRuns: 200 },
    );
  });
});

describe('createRowSource', () => {
  it('parses the same bytes once, and again when they changed', async () => {
    await withFolder(async (folder) => {
      const ref = await writeFeed(folder, 'f', [{}, {}]);
      const source = createRowSource(nodeDisk);
      const [first, second] = await Promise.all([source.feed(ref), source.feed(ref)]);
      expect(second).toBe(first);
      expect(first.rows.map(({ id }) => id)).toEqual(['r1', 'r2']);
      await writeFeed(folder, 'f', [{}]);
      expect((await source.feed(ref)).rows).toHaveLength(1);
    });
  });

  it('refuses bytes other than those that were planned with', async () => {
    await withFolder(async (folder) => {
      const ref = await writeFeed(folder, 'f', [{}]);
      const { digests } = await readFeed({ disk: nodeDisk, ...ref });
      await writeFeed(folder, 'f', [{ label: 'spam' }]);
      expect(await codeOf(() => createRowSource(nodeDisk).feed(ref, digests))).toMatch(/^DATA_CHANGED: .*rows.jsonl/);
      await writeFeed(folder, 'f', [{}], { source: 'elsewhere' });
      expect(await codeOf(() => createRowSource(nodeDisk).feed(ref, digests))).toMatch(/^DATA_CHANGED: .*feed.json/);
    });
  });

  it('names the file that cannot be read, and tries again the next time', async () => {
    await withFolder(async (folder) => {
      const ref = await writeFeed(folder, 'f', [{}]);
      let broken = true;
      const failing = unreadable('rows.jsonl');
      const disk: Disk = { ...nodeDisk, read: (path, limit) => (broken ? failing : nodeDisk).read(path, limit) };
      const source = createRowSource(disk);
      expect(await codeOf(() => source.feed(ref))).toMatch(/^DISK_READ: .*rows.jsonl/);
      broken = false;
      expect((await source.feed(ref)).rows).toHaveLength(1);
    });
  });

  it('refuses a feed that calls itself something else', async () => {
    await withFolder(async (folder) => {
      const ref = await writeFeed(folder, 'f', [{}], { name: 'g' });
      expect(await codeOf(() => createRowSource(nodeDisk).feed(ref))).toMatch(/^DATA_FEED_NAME/);
    });
  });

  it('stops for a caller whose time is up, and keeps the rows for the others', async () => {
    await withFolder(async (folder) => {
      const ref = await writeFeed(folder, 'f', [{}]);
      const source = createRowSource(nodeDisk);
      const late = AbortSignal.abort(new VallumError('LATE', 'too late'));
      expect(await codeOf(() => source.feed(ref, undefined, late))).toMatch(/^LATE/);
      expect((await source.feed(ref)).rows).toHaveLength(1);
    });
  });
});
