// Table feeds on a temporary disk for tests: CSV written from plain columns, with what a test wants to be wrong about it.
import type { JsonValue } from '@vallum/core';
import { nodeDisk } from '@vallum/core';
import type { FeedRef } from '../rows/row-source.js';

export interface TableFiles {
  /** Text of rows.csv; bytes for a file of another name. */
  readonly table: string | Uint8Array;
  readonly rules?: string;
  readonly features?: Uint8Array;
  readonly facts?: Record<string, JsonValue>;
  readonly columns?: Record<string, JsonValue>;
}

export async function writeTableFeed(folder: string, name: string, files: TableFiles): Promise<FeedRef> {
  const path = `${folder}/${name}`;
  await nodeDisk.makeDirectory(path);
  const feed = {
    schema: 'vallum/feed/v2',
    name,
    source: 'a test',
    license: 'CC0-1.0',
    received: '2026-02-01',
    table: { file: 'rows.csv', label: 'label', ...files.columns },
    ...(files.rules === undefined ? {} : { rules: 'rules.yaml' }),
    ...(files.features === undefined ? {} : { features: 'features.npy' }),
    ...files.facts,
  };
  await nodeDisk.write(`${path}/feed.json`, Buffer.from(JSON.stringify(feed)));
  await nodeDisk.write(`${path}/${feed.table.file}`, Buffer.from(files.table));
  if (files.rules !== undefined) await nodeDisk.write(`${path}/rules.yaml`, Buffer.from(files.rules));
  if (files.features !== undefined) await nodeDisk.write(`${path}/features.npy`, files.features);
  return { name, path };
}

/** Lines of CSV from columns of equal length; no value holds a comma or a quote. */
export function csvOf(columns: Readonly<Record<string, readonly (string | number)[]>>): string {
  const lists = Object.values(columns);
  const rows = (lists[0] ?? []).map((_, row) => lists.map((list) => list[row] ?? '').join(','));
  return `${[Object.keys(columns).join(','), ...rows].join('\n')}\n`;
}
