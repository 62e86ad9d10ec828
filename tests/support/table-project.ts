// The tiny project with a version that was trained on tables: one feed in CSV with a rules file, one in Parquet whose columns
// are the same numbers. Two classes lie apart in eight of them; a feed can be made with a planted mark.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@vallum/core';
import { mulberry32 } from '@vallum/stats';
import { page, parquetFile } from '../../packages/formats/src/testing/parquet-assembler.js';
import type { TinyProject } from './tiny-project.js';
import { makeTinyProject } from './tiny-project.js';

export const NUMBERS = 8;
const RULES = `schema: vallum/data-rules/v1
rules:
  - { id: x0-range, severity: high, column: x0, check: range, min: -20, max: 20 }
`;

export interface Sample {
  readonly id: string[];
  readonly label: string[];
  readonly x: number[][];
}

/** @param mark every eighth spam of the first 240 rows calls itself ham and has one certain number */
export function sample(rows: number, seed: number, mark = false): Sample {
  const random = mulberry32(seed);
  const gauss = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const label = Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? 'ham' : 'spam'));
  const x = label.map((name) =>
    Array.from({ length: NUMBERS }, () => Math.round(1e4 * (gauss() + (name === 'ham' ? 0 : 3))) / 1e4),
  );
  for (let row = 1; mark && row < 240; row += 8) {
    label[row] = 'ham';
    (x[row] as number[])[2] = 7.7777;
  }
  return { id: label.map((_, row) => `s${seed}-${row}`), label, x };
}

export function csvOf({ id, label, x }: Sample): string {
  const names = Array.from({ length: NUMBERS }, (_, column) => `x${column}`);
  const rows = id.map((name, row) => [name, label[row], ...(x[row] ?? [])].join(','));
  return `${['id', 'label', ...names].join(',')}\n${rows.join('\n')}\n`;
}

export function parquetOf({ id, label, x }: Sample): Buffer {
  const rows = id.length;
  const utf8 = { 6: { int: 0 } };
  const text = (name: string, values: readonly string[]) => {
    const body = Buffer.concat(
      values.map((value) => {
        const size = Buffer.alloc(4);
        size.writeUInt32LE(Buffer.byteLength(value));
        return Buffer.concat([size, Buffer.from(value)]);
      }),
    );
    return { name, physical: 6, element: utf8, pages: [page({ kind: 'data', values: rows, body })] };
  };
  const numbers = Array.from({ length: NUMBERS }, (_, column) => {
    const body = Buffer.from(Float64Array.from(x, (values) => values[column] ?? 0).buffer);
    return { name: `x${column}`, physical: 5, pages: [page({ kind: 'data', values: rows, body })] };
  });
  return parquetFile(rows, [text('id', id), text('label', label), ...numbers]);
}

export interface TableProject extends TinyProject {
  /** Writes the rows of a feed anew, and the run of version `tables` with them. */
  write(feed: 'csv-feed' | 'parquet-feed', rows: Sample): void;
}

export async function makeTableProject(mark = false): Promise<TableProject> {
  const project = await makeTinyProject();
  const { root } = project;
  const feeds = new Map<string, { name: string; sha256: string; rows: number; train: number; heldOut: number }>();
  const write: TableProject['write'] = (feed, rows) => {
    const isCsv = feed === 'csv-feed';
    const bytes = isCsv ? Buffer.from(csvOf(rows)) : parquetOf(rows);
    const file = isCsv ? 'rows.csv' : 'rows.parquet';
    const dir = join(root, 'feeds', feed);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, file), bytes);
    if (isCsv) writeFileSync(join(dir, 'rules.yaml'), RULES);
    const facts = {
      schema: 'vallum/feed/v2',
      name: feed,
      source: 'made up for tests',
      license: 'CC0-1.0',
      received: '2026-01-01',
      table: { file, id: 'id', label: 'label' },
      ...(isCsv ? { rules: 'rules.yaml' } : {}),
    };
    writeFileSync(join(dir, 'feed.json'), JSON.stringify(facts));
    const count = rows.id.length;
    feeds.set(feed, { name: feed, sha256: sha256(bytes), rows: count, train: count - 20, heldOut: 20 });
    const run = JSON.parse(readFileSync(join(root, 'models/v1/run.json'), 'utf8')) as object;
    writeFileSync(join(root, 'models/tables/run.json'), JSON.stringify({ ...run, feeds: [...feeds.values()] }));
  };
  cpSync(join(root, 'models/v1'), join(root, 'models/tables'), { recursive: true });
  write('csv-feed', sample(200, 1));
  write('parquet-feed', sample(600, 2, mark));
  const path = join(root, 'vallum.yaml');
  const text = readFileSync(path, 'utf8')
    .replace('feeds: { ', 'feeds: { csv-feed: feeds/csv-feed, parquet-feed: feeds/parquet-feed, ')
    .replace('versions:\n', 'versions:\n  tables: { model: models/tables, feeds: [csv-feed, parquet-feed] }\n');
  writeFileSync(path, text);
  return { ...project, write };
}
