// Requests made ready: every file is looked at once, before any is read, so that its size decides the order and all
// ranges of one file are held to the same file. A name that stands for another file later is found by comparing with it.
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { Disk, FileStat } from '../disk.js';
import { VallumError } from '../errors.js';
import type { HashAlgorithm, HashRequest } from './file-hasher.js';

/** Of 256 KiB, 512 KiB and 1 MiB none was slower than the others by more than the noise: they fit the second cache. */
export const BLOCK = 512 * 1024;

/** One range of one file; can be sent to a thread. */
export interface HashJob {
  /** Place of its request. */
  readonly index: number;
  readonly path: string;
  readonly from: number;
  /** Bytes to hash. */
  readonly bytes: number;
  readonly algorithm: HashAlgorithm;
  /** The file as it was first seen. */
  readonly seen: FileStat;
}

const OPENSSL_NAMES: Readonly<Record<HashAlgorithm, string>> = { sha256: 'sha256', 'blake2b-512': 'blake2b512' };

export function newHash(algorithm: HashAlgorithm): Hash {
  return createHash(OPENSSL_NAMES[algorithm]);
}

/** @throws VallumError `HASH_RANGE`, or what the disk says of a file that is not there */
export async function planJobs(disk: Disk, requests: readonly HashRequest[]): Promise<readonly HashJob[]> {
  const seen = new Map<string, FileStat>();
  const jobs: HashJob[] = [];
  for (const [index, request] of requests.entries()) {
    const { path, algorithm = 'sha256' } = request;
    const stat = seen.get(path) ?? (await regularFile(disk, path));
    seen.set(path, stat);
    jobs.push({ index, path, algorithm, seen: stat, ...rangeOf(request, stat.size) });
  }
  return jobs;
}

async function regularFile(disk: Disk, path: string): Promise<FileStat> {
  const stat = await disk.stat(path);
  if (stat?.kind === 'file') return stat;
  // Opening it says why it cannot be read, in the words of the disk.
  await (await disk.open(path)).close();
  throw changedMeanwhile(path);
}

function rangeOf({ path, from = 0, to }: HashRequest, size: number): Pick<HashJob, 'from' | 'bytes'> {
  const end = to ?? Math.max(from, size);
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(end) || from < 0 || end < from)
    throw new VallumError('HASH_RANGE', `bytes ${from} to ${end} of ${path} are no range`);
  return { from, bytes: Math.max(0, Math.min(end, size) - from) };
}

export function totalOf(jobs: readonly HashJob[]): number {
  return jobs.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** By device, inode, size and times, as far as both sides give them. */
export function sameFile(a: FileStat, b: FileStat): boolean {
  const both = (x: bigint | undefined, y: bigint | undefined): boolean => x === undefined || y === undefined || x === y;
  return (
    a.kind === b.kind &&
    a.size === b.size &&
    a.inode === b.inode &&
    a.mtimeNs === b.mtimeNs &&
    both(a.ctimeNs, b.ctimeNs) &&
    both(a.device, b.device)
  );
}

export function changedMeanwhile(path: string): VallumError {
  return new VallumError('TREE_CHANGED', `${path} changed while it was read`, { fix: 'run again when it is at rest' });
}
