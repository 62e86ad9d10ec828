// Feeds of tables through all four controls of the room: clean ones pass, and for each thing that can be wrong one twin is.
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import type { ControlResult, Planned } from '@vallum/core';
import { isBlocked, nodeDisk } from '@vallum/core';
import { mulberry32 } from '@vallum/stats';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../manifest/dataset.js';
import { isUnreadable, openDataset } from '../../manifest/dataset.js';
import { planDataManifest } from '../../manifest/plan-manifest.js';
import { planPiiScan } from '../../pii/plan-pii-scan.js';
import { createRowSource } from '../../rows/row-source.js';
import { codeOf, run, withFolder, writeFeed } from '../../testing/feeds.js';
import type { TableFiles } from '../../testing/tables.js';
import { csvOf, writeTableFeed } from '../../testing/tables.js';
import { planDataValidation } from '../../validation/plan-validation.js';
import { planPoisonScan } from '../plan-poison-scan.js';

const absent = { code: 'no-predecessor', message: 'no other version is approved' };

interface Made {
  id: string[];
  label: string[];
  note: string[];
  seen: string[];
  [number: `x${number}`]: number[];
}

/** Two classes apart in eight numbers, with notes whose words nobody shares. */
function made(rows: number, seed = 1): Made {
  const random = mulberry32(seed);
  const gauss = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const label = Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? 'ham' : 'spam'));
  const columns: Made = {
    id: label.map((_, row) => `r${row}`),
    label,
    note: label.map((_, row) => `word${row} of${row * 7}`.replace(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '')),
    seen: label.map(() => '2026-01-30T00:00:00Z'),
  };
  for (let column = 0; column < 8; column += 1)
    columns[`x${column}`] = label.map((name) => Math.round(1e4 * (gauss() + (name === 'ham' ? 0 : 3))) / 1e4);
  return columns;
}

const files = (columns: Made, more: Partial<TableFiles> = {}): TableFiles => ({
  table: csvOf(columns as unknown as Record<string, readonly (string | number)[]>),
  columns: { id: 'id', received: 'seen' },
  ...more,
});

async function controls(folder: string, feeds: Readonly<Record<string, TableFiles>>): Promise<Record<string, Planned>> {
  const refs = [];
  for (const [name, each] of Object.entries(feeds)) refs.push(await writeTableFeed(folder, name, each));
  const dataset = await openDataset({ disk: nodeDisk, feeds: refs, subjectName: 'd@v1' });
  return plans(dataset);
}

async function plans(dataset: Awaited<ReturnType<typeof openDataset>>): Promise<Record<string, Planned>> {
  const source = createRowSource(nodeDisk);
  return {
    manifest: await planDataManifest({ disk: nodeDisk, dataset }),
    validation: await planDataValidation({ dataset, source, labels: ['ham', 'spam'] }),
    pii: await planPiiScan({ dataset, source, approved: [] }),
    poison: await planPoisonScan({ dataset, source, predecessor: absent }),
  };
}

const results = (feeds: Readonly<Record<string, TableFiles>>): Promise<Record<string, ControlResult>> =>
  withFolder(async (folder) => {
    const all: Record<string, ControlResult> = {};
    for (const [name, plan] of Object.entries(await controls(folder, feeds))) all[name] = await run(plan);
    return all;
  });

const one = async (each: TableFiles, control: string): Promise<ControlResult> =>
  (await results({ t: each }))[control] as ControlResult;
const rulesOf = (result: ControlResult): string[] => [
  ...new Set(result.findings.filter(({ severity }) => severity !== 'info').map(({ rule }) => rule)),
];

const RULES = `schema: vallum/data-rules/v1
rules:
  - { id: x0-range, severity: high, column: x0, check: range, min: -20, max: 20 }
`;

describe('table feeds', () => {
  it('pass all four controls when nothing is wrong', async () => {
    const all = await results({ t: files(made(200), { rules: RULES }) });
    expect(Object.entries(all).map(([name, { outcome }]) => `${name} ${outcome}`)).toEqual([
      'manifest pass',
      'validation pass',
      'pii pass',
      'poison pass',
    ]);
    for (const { findings } of Object.values(all))
      expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(all['manifest']?.coverage.examined).toMatchObject({ files: 3, rows: 200 });
    expect(all['poison']?.metrics.find(({ id }) => id === 'poison.suspect-rows')).toMatchObject({ value: 0, n: 200 });
    expect(all['poison']?.coverage.notExamined.map(({ what }) => what)).toContain(
      't: rows against the last approved model',
    );
  });

  it('puts every file into manifest and inputs', async () => {
    await withFolder(async (folder) => {
      const { manifest } = await controls(folder, { t: files(made(10), { rules: RULES }) });
      if (manifest === undefined || isBlocked(manifest)) throw new Error('blocked');
      expect(manifest.inputs.map(({ name }) => name)).toEqual(['t/feed.json', 't/rows.csv', 't/rules.yaml']);
    });
  });

  it.each<[string, string, (columns: Made) => void, Partial<TableFiles>, string]>([
    ['a label that nobody knows', 'validation', ({ label }) => (label[3] = 'eggs'), {}, 'row.label'],
    ['a row without a label', 'validation', ({ label }) => (label[3] = ''), {}, 'row.label-missing'],
    ['a name twice', 'validation', ({ id }) => (id[3] = 'r2'), {}, 'row.id'],
    ['a row from the future', 'validation', ({ seen }) => seen.fill('2027-01-01T00:00:00Z'), {}, 'row.future'],
    ['a broken rule', 'validation', (columns) => (columns['x0']![5] = 99), { rules: RULES }, 'rules.x0-range'],
    ['one class only', 'validation', ({ label }) => label.fill('ham'), {}, 'class.missing'],
    ['an address', 'pii', ({ note }) => (note[7] = 'ask jane@mail.example'), {}, 'pii.email'],
    ['no source', 'manifest', () => undefined, { facts: { source: '' } }, 'manifest.source_missing'],
  ])('fail with %s', async (_what, control, spoil, more, rule) => {
    const columns = made(120);
    spoil(columns);
    const result = await one(files(columns, more), control);
    expect(result.outcome).toBe('fail');
    expect(rulesOf(result)).toContain(rule);
    expect(JSON.stringify(result)).not.toContain('jane@mail.example');
  });

  it('finds a planted mark, and names column and rows', async () => {
    const columns = made(600);
    // Spam that calls itself ham wherever one number has a certain value.
    for (let row = 1; row < 240; row += 8) {
      columns.label[row] = 'ham';
      columns['x2']![row] = 7.7777;
    }
    const result = await one(files(columns), 'poison');
    expect(result.outcome).toBe('fail');
    const mark = result.findings.find(({ rule }) => rule === 'poison.mark');
    expect(mark).toMatchObject({ severity: 'critical', message: expect.stringContaining('column x2') as string });
    const rows = result.findings.filter(({ rule }) => rule === 'poison.row').map(({ location }) => location);
    expect(rows).toContainEqual({ feed: 't', row: 'r1' });
  });

  it('proves nothing where there is nothing to compare rows by', async () => {
    const { id, label, note, seen } = made(60);
    const result = await one({ ...files({ id, label, note, seen }) }, 'poison');
    expect(result).toMatchObject({ outcome: 'inconclusive', reason: { code: 'features-absent' } });
  });

  it('proves nothing with features of other rows', async () => {
    const header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }";
    const padded = header.padEnd(128 - 10 - 1) + '\n';
    const npy = Buffer.concat([
      Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
      Buffer.from([padded.length & 255, padded.length >> 8]),
      Buffer.from(padded),
      Buffer.from(new Float64Array(6).buffer),
    ]);
    const result = await one(files(made(60), { features: npy }), 'poison');
    expect(result).toMatchObject({ outcome: 'inconclusive', reason: { code: 'POISON_INPUT' } });
    expect(result.reason?.message).toContain('60 rows and 2 rows of features');
  });

  it('names a missing predecessor of mails only where the tables are settled', async () => {
    await withFolder(async (folder) => {
      const { id, label, note, seen } = made(60);
      const feeds = [
        await writeTableFeed(folder, 't', files({ id, label, note, seen })),
        await writeFeed(folder, 'm', [{}, {}]),
      ];
      const dataset = (await openDataset({ disk: nodeDisk, feeds, subjectName: 'd@v1' })) as Dataset;
      const { poison, validation } = await plans(dataset);
      expect(await run(poison as Planned)).toMatchObject({ reason: { code: 'features-absent' } });
      const seenRows = (await run(validation as Planned)).coverage.examined.rows;
      expect(seenRows).toBe(62);
    });
  });

  it.each(['validation', 'pii', 'poison', 'manifest'])('are not judged on other bytes: %s', async (control) => {
    await withFolder(async (folder) => {
      const all = await controls(folder, { t: files(made(30)) });
      await appendFile(`${folder}/t/rows.csv`, 'r30,ham,more,2026-01-30T00:00:00Z,1,1,1,1,1,1,1,1\n');
      expect(await codeOf(() => run(all[control] as Planned))).toMatch(/^DATA_CHANGED: .*rows.csv/);
    });
  });

  it('are not judged on rows that were swapped without a trace in the size', async () => {
    await withFolder(async (folder) => {
      const all = await controls(folder, { t: files(made(30)) });
      const before = await readFile(`${folder}/t/rows.csv`, 'utf8');
      await writeFile(`${folder}/t/rows.csv`, before.replace('r7,spam', 'r7, ham'));
      expect(await codeOf(() => run(all['validation'] as Planned))).toMatch(/^DATA_CHANGED: .*rows.csv/);
    });
  });

  it.each<[string, TableFiles, RegExp]>([
    ['a column that is not there', files(made(3), { columns: { label: 'klass' } }), /^DATA_COLUMN: .*"klass"/],
    ['a ragged row', { table: 'id,label\na,ham\nb,ham,x\n' }, /^TABLE_.*rows\.csv/],
    ['no rows', { table: 'id,label\n' }, /^DATA_NO_ROWS|^TABLE_/],
    [
      'a way out of the folder',
      { table: 'label\nham\n', columns: { file: '../rows.csv' } },
      /^DATA_FEED: .*table.file/,
    ],
    ['one file twice', { table: 'label\nham\n', facts: { rules: 'rows.csv' } }, /^DATA_FEED: .*two meanings/],
    ['an unknown key', { table: 'label\nham\n', columns: { labels: 'x' } }, /^DATA_FEED: .*table.labels/],
  ])('are refused with %s', async (_what, each, message) => {
    await withFolder(async (folder) => {
      expect(await codeOf(() => controls(folder, { t: each }))).toMatch(message);
    });
  });

  it('block every control while a file is not there', async () => {
    await withFolder(async (folder) => {
      const ref = await writeTableFeed(folder, 't', { table: 'label\nham\n', facts: { rules: 'gone.yaml' } });
      const dataset = await openDataset({ disk: nodeDisk, feeds: [ref], subjectName: 'd@v1' });
      expect(isUnreadable(dataset)).toBe(true);
      expect(dataset).toMatchObject({ blocked: { message: expect.stringContaining('gone.yaml') as string } });
    });
  });
});
