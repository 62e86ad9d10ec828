import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Disk } from '@vallum/core';
import { nodeDisk } from '@vallum/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenTableOptions } from './open-table.js';
import { openTable as openAny } from './open-table.js';
import type { Table } from './table.js';
import { contractFaults, readColumns } from './testing/contract.js';
import VEGA from './testing/vega.json' with { type: 'json' };

const VEGA_DATA = fileURLToPath(new URL('../../../../node_modules/vega-datasets/data', import.meta.url));

const opened: Table[] = [];
async function openTable(disk: Disk, path: string, options?: OpenTableOptions): Promise<Table> {
  const table = await openAny(disk, path, options);
  opened.push(table);
  return table;
}

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tables-'));
});
afterAll(async () => {
  for (const table of opened) await table.close();
  await rm(root, { recursive: true });
});

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(root, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

/** Counts the files that are open. */
function counting(): { disk: Disk; open: () => number } {
  let open = 0;
  const disk: Disk = {
    ...nodeDisk,
    open: async (path) => {
      const opened = await nodeDisk.open(path);
      open += 1;
      return { ...opened, close: async () => void (await opened.close(), (open -= 1)) };
    },
  };
  return { disk, open: () => open };
}

interface Frozen {
  readonly rows: number;
  readonly columns: Readonly<Record<string, { readonly missing: number; readonly sum?: number }>>;
}

describe('real tables', () => {
  const cases: [string, Frozen][] = Object.entries(VEGA as Readonly<Record<string, Frozen>>);
  it.each(cases)('%s has the rows, gaps and sums that pandas finds', async (name, wanted) => {
    const table = await openTable(nodeDisk, join(VEGA_DATA, name));
    const read = await readColumns(table);
    expect(table.rows).toBe(wanted.rows);
    expect([...read.keys()]).toEqual(Object.keys(wanted.columns));
    for (const [column, { missing, sum }] of Object.entries(wanted.columns)) {
      const cells = read.get(column)!;
      expect([column, cells.filter((cell) => cell === null).length]).toEqual([column, missing]);
      const { type } = table.columns.find((one) => one.name === column)!;
      if (sum === undefined) expect([column, type]).not.toEqual([column, 'number']);
      else if (missing < wanted.rows) {
        expect([column, type]).toEqual([column, 'number']);
        const total = cells.reduce<number>((all, cell) => all + Number(cell ?? 0), 0);
        expect(Math.abs(total - sum)).toBeLessThanOrEqual(
          1e-12 * cells.reduce<number>((all, cell) => all + Math.abs(Number(cell ?? 0)), 0),
        );
      }
    }
    await table.close();
  });

  it('has the same flights in JSON as its parser gives', async () => {
    const read = await readColumns(await openTable(nodeDisk, join(VEGA_DATA, 'flights-2k.json')));
    const rows = JSON.parse(readFileSync(join(VEGA_DATA, 'flights-2k.json'), 'utf8')) as Record<string, unknown>[];
    const cells = (value: unknown): unknown =>
      typeof value === 'string' ? Date.parse(`${value.replace(' ', 'T')}Z`) : value;
    for (const [name, column] of read)
      expect(column).toEqual(rows.map((row) => (typeof column[0] === 'number' ? cells(row[name]) : row[name])));
  });

  it('has the same flights in Arrow as in JSON', async () => {
    const arrow = await openTable(nodeDisk, join(VEGA_DATA, 'flights-200k.arrow'));
    const json = await openTable(nodeDisk, join(VEGA_DATA, 'flights-200k.json'));
    expect([arrow.format, json.format, json.rows]).toEqual(['arrow', 'jsonl', 200_000]);
    const [left, right] = [await readColumns(arrow), await readColumns(json)];
    expect([...left.keys()].sort()).toEqual([...right.keys()].sort());
    for (const [name, cells] of left) {
      const wanted = right.get(name)!;
      expect([
        name,
        cells.length,
        cells.findIndex((cell, row) => Math.fround(Number(cell)) !== Math.fround(Number(wanted[row]))),
      ]).toEqual([name, 200_000, -1]);
    }
  });

  it('has three million flights in Parquet', async () => {
    const table = await openTable(nodeDisk, join(VEGA_DATA, 'flights-3m.parquet'));
    expect([table.format, table.rows]).toEqual(['parquet', 3_000_000]);
  });
});

describe('openTable', () => {
  it('goes by content where the name says something else', async () => {
    for (const name of ['lies.csv', 'lies.json'])
      expect((await openTable(nodeDisk, await file(name, '{"a":1}\n{"a":2}\n'))).format).toBe('jsonl');
    expect((await openTable(nodeDisk, await file('no-name', 'a;b\n1;2\n'))).columns.map(({ name }) => name)).toEqual([
      'a',
      'b',
    ]);
    expect((await openTable(nodeDisk, await file('a.tsv', 'a\tb,c\n1\t2\n'))).columns.map(({ name }) => name)).toEqual([
      'a',
      'b,c',
    ]);
  });

  it('reads packed tables, and says when the packing is broken', async () => {
    const text = `a,b\n${Array.from({ length: 20_000 }, (_, at) => `${at},x${at}`).join('\n')}\n`;
    const path = await file('t.csv.gz', gzipSync(text));
    const table = await openTable(nodeDisk, path);
    expect([table.format, table.rows]).toEqual(['csv', 20_000]);
    expect((await readColumns(table, ['a'])).get('a')?.at(-1)).toBe(19_999);
    expect(await contractFaults(() => openTable(nodeDisk, path))).toEqual([]);
    const cut = await file('cut.csv.gz', gzipSync(text).subarray(0, 40_000));
    await expect(openTable(nodeDisk, cut)).rejects.toMatchObject({ code: 'TABLE_COMPRESSED' });
    const bomb = await file('bomb.csv.gz', gzipSync(Buffer.alloc(20_000_000, 'a,b\n')));
    await expect(openTable(nodeDisk, bomb, { limits: { maxUnpackedBytes: 1_000_000 } })).rejects.toMatchObject({
      code: 'TABLE_LIMIT',
    });
  });

  it.each([
    ['one.txt', 'just a sentence', 'TABLE_FORMAT'],
    ['empty.csv', '', 'TABLE_EMPTY'],
    ['noise.bin', Buffer.from([1, 0, 2, 3]), 'TABLE_FORMAT'],
    ['one.png', Buffer.from('89504e470d0a1a0a', 'hex'), 'TABLE_FORMAT'],
    ['map.json', '{"type": "Topology",\n "arcs": []}', 'TABLE_JSON'],
  ])('refuses %s', async (name, content, code) => {
    const { disk, open } = counting();
    await expect(openTable(disk, await file(name, content))).rejects.toMatchObject({ code });
    expect(open()).toBe(0);
  });

  it('closes its file, once, and gives nothing afterwards', async () => {
    const { disk, open } = counting();
    const table = await openTable(disk, await file('c.csv', 'a\n1\n'));
    expect(open()).toBe(1);
    await table.close();
    await table.close();
    expect(open()).toBe(0);
    await expect(readColumns(table)).rejects.toMatchObject({ code: 'TABLE_CLOSED' });
  });

  it('reads a folder of shards as one table', async () => {
    await file('shards/a.csv', 'n,s\n1,x\n2,\n');
    await file('shards/b.csv', 'n,s\n3,y\n');
    const { disk, open } = counting();
    const table = await openTable(disk, join(root, 'shards'));
    expect([table.format, table.rows, Object.fromEntries(await readColumns(table))]).toEqual([
      'csv',
      3,
      { n: [1, 2, 3], s: ['x', null, 'y'] },
    ]);
    expect(await contractFaults(() => openTable(disk, join(root, 'shards')))).toEqual([]);
    await file('shards/c.csv', 'n,s\noops,y\n');
    const mixed = await openTable(disk, join(root, 'shards'));
    expect(mixed.columns[0]?.type).toBe('text');
    expect(mixed.notes.map(({ code, column }) => [code, column])).toContainEqual(['mixed-types', 'n']);
    expect((await readColumns(mixed)).get('n')).toEqual(['1', '2', '3', 'oops']);
    await file('shards/d.csv', 's,n\n1,2\n');
    await expect(openTable(disk, join(root, 'shards'))).rejects.toMatchObject({ code: 'TABLE_SHARDS' });
    expect(open()).toBe(0);
  });

  it('refuses a folder of files of several kinds', async () => {
    await file('several/a.csv', 'n,s\n1,x\n');
    await file('several/b.jsonl', '{"n":1}\n');
    await expect(openTable(nodeDisk, join(root, 'several'))).rejects.toMatchObject({ code: 'TABLE_FORMAT' });
    await mkdir(join(root, 'nothing'));
    await expect(openTable(nodeDisk, join(root, 'nothing'))).rejects.toMatchObject({ code: 'TABLE_FORMAT' });
  });
});
