// Generated model folders: names that have broken signers (Unicode in both normal forms, spaces, colons, dots, quotes),
// deep ones, ones with many files, empty files; and one change to each.
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mulberry32, shuffle } from '@vallum/stats';

const PARTS = [
  'a',
  'b.c',
  'b-c',
  'B',
  'model',
  'x y',
  ' ',
  'é',
  'e\u0301',
  '日本',
  '😀',
  '\uffff',
  'c:0:9',
  ':',
  '..x',
  '...',
  '-',
  '~',
  '#1',
  'a\\b',
  '"',
  "'",
  'İ',
  '%2e',
  '*',
  'model.sig.bak',
];

export interface Tree {
  readonly dir: string;
  readonly files: readonly string[];
}

/** @param colons names with a colon, which the reference cannot read in shards */
export function makeTree(dir: string, index: number, { colons = true, empty = true } = {}): Tree {
  const random = mulberry32(index);
  const parts = colons ? PARTS : PARTS.filter((part) => !part.includes(':'));
  const count = index % 25 === 0 ? 60 : 1 + Math.floor(random() * 12);
  const taken = new Set<string>();
  const files: string[] = [];
  while (files.length < count) {
    const depth = 1 + Math.floor(random() * (index % 10 === 0 ? 12 : 3));
    const path = Array.from({ length: depth }, () => `${shuffle(parts, random)[0] ?? 'p'}${Math.floor(random() * 9)}`);
    const above = path.map((_, i) => path.slice(0, i + 1).join('/'));
    const name = path.join('/');
    // A file cannot also be a directory.
    if (taken.has(name) || above.slice(0, -1).some((part) => files.includes(part))) continue;
    above.forEach((part) => taken.add(part));
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    const isEmpty = empty && random() < 0.2;
    writeFileSync(join(dir, name), Buffer.alloc(isEmpty ? 0 : 1 + Math.floor(random() * 40), index));
    files.push(name);
  }
  return { dir, files };
}

/** A byte more, a file less, a file more, or nothing. */
export function changeTree({ dir, files }: Tree, index: number): 'valid' | 'files-differ' {
  const victim = join(dir, files[index % files.length] as string);
  if (index % 4 === 0) appendFileSync(victim, 'x');
  else if (index % 4 === 1) rmSync(victim);
  else if (index % 4 === 2) writeFileSync(join(dir, 'new file'), 'x');
  else return 'valid';
  return 'files-differ';
}
