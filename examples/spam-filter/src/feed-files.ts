// A feed on disk: feed.json says where it comes from, rows.jsonl has one mail a line.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from './corpus.js';

export interface FeedFacts {
  readonly name: string;
  readonly source: string;
}

export interface FeedFile {
  readonly rows: readonly Row[];
  /** SHA-256 of rows.jsonl. */
  readonly sha256: string;
}

export function writeFeed(data: string, { name, source }: FeedFacts, rows: readonly Row[]): void {
  const folder = join(data, name);
  mkdirSync(folder, { recursive: true });
  const received = rows.reduce((latest, row) => (row.received > latest ? row.received : latest), '2002-01-01');
  const facts = { schema: 'vallum/feed/v1', name, source, license: 'PDDL-1.0', received };
  writeFileSync(join(folder, 'feed.json'), `${JSON.stringify(facts, null, 2)}\n`);
  writeFileSync(join(folder, 'rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

export function readFeed(data: string, name: string): FeedFile {
  const bytes = readFileSync(join(data, name, 'rows.jsonl'));
  const lines = bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  return {
    rows: lines.map((line) => JSON.parse(line) as Row),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}
