// How `sign` and `verify` read a model: on threads, and with `--incremental` through the cache in the key folder. What
// the cache stood in for is weaker than what was read, so both the text and the JSON say which it was.
import { randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import type { FileHasher } from '@vallum/core';
import { threadHasher } from '@vallum/core';
import type { IncrementalReport } from '@vallum/model';
import { datesMappedWrites, incrementalHasher } from '@vallum/model';
import type { Io } from '../answer.js';
import { printable } from '../output/style.js';

export interface Hashed<T> {
  readonly result: T;
  /** With `--incremental` only. */
  readonly report?: IncrementalReport;
}

/** @param dir folder of the model, as the paths to hash begin */
export async function withHasher<T>(
  io: Io,
  dir: string,
  incremental: boolean,
  work: (hasher: FileHasher) => Promise<T>,
): Promise<Hashed<T>> {
  const threads = threadHasher(io.disk);
  const cached = incremental ? await throughCache(io, dir, threads) : undefined;
  const hasher = cached ?? threads;
  const result = await work(hasher).finally(() => hasher.close());
  return cached === undefined ? { result } : { result, report: cached.report() };
}

async function throughCache(io: Io, dir: string, inner: FileHasher): ReturnType<typeof incrementalHasher> {
  const { disk, clock } = io;
  // The cache is bound to the folder and not to one of its names.
  const folder = await realpath(dir);
  const keysFolder = await realpath(io.keysFolder).catch(() => io.keysFolder);
  return incrementalHasher(inner, { disk, clock, dir, folder, keysFolder, randomBytes, datesMappedWrites });
}

/** Fields for the JSON of the command. */
export function assuranceJson(report: IncrementalReport | undefined): object {
  if (report === undefined) return { assurance: 'content' };
  const { assurance, files, rehashed, contradicted, notes } = report;
  return { assurance, incremental: { files, rehashed, contradicted, notes } };
}

/** Lines for the text of the command; none when every file was read and there is nothing to say about it. */
export function assuranceLines(report: IncrementalReport | undefined): readonly string[] {
  if (report === undefined) return [];
  const { assurance, files, rehashed, contradicted, notes } = report;
  const weaker = `  note  weaker than a full reading: ${files - rehashed} of ${files} files were believed by size, times and inode, ${rehashed} read.`;
  return [
    ...(assurance === 'stat' ? [weaker] : []),
    ...contradicted.map((path) => `  note  other bytes than before, though it looks unchanged: ${printable(path)}`),
    ...notes.map((note) => `  note  ${printable(note)}`),
  ];
}
