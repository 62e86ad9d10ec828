// What became of files, as signals. The key holds path and bytes: settling one file, or one change of it, says nothing about the
// next. Whoever writes files chooses how many there are, so beyond some they share one signal.
import type { Sha256 } from '@vallum/core';
import { digestJson } from '@vallum/core';
import type { Signal } from './signal.js';
import { named } from './signal.js';

const MOST_SINGLE = 50;
const WHY_KEPT = 500;

export interface NamedBytes {
  /** As it is shown, below the folder of arrivals. */
  readonly path: string;
  /** Of the bytes that are there now. */
  readonly sha256: Sha256;
}

/** @param files whose bytes were read already and are others now */
export function changedFiles(files: readonly NamedBytes[]): readonly Signal[] {
  const single = files.slice(0, MOST_SINGLE).map((file) => changed([file]));
  const rest = files.slice(MOST_SINGLE);
  return rest.length === 0 ? single : [...single, changed(rest)];
}

function changed(files: readonly NamedBytes[]): Signal {
  const key = keyOf('file-changed', files);
  const why = `bytes of ${named(files.map(({ path }) => path))} were read already and are others now`;
  return { key, rule: 'VLM-MON-006', columns: [], groups: [], why };
}

/** @param why what the reader said */
export function unreadableFile(file: NamedBytes, why: string): Signal {
  const key = keyOf('file-unreadable', [file]);
  return {
    key,
    rule: 'VLM-MON-007',
    columns: [],
    groups: [],
    why: `${named([file.path])}: ${why.slice(0, WHY_KEPT)}`,
  };
}

const keyOf = (what: string, files: readonly NamedBytes[]): string =>
  JSON.stringify([what, digestJson(files.map(({ path, sha256 }) => [path, sha256]))]);
