// What a stat-and-digest cache holds, and when an entry may stand in for reading the file. Pure.
// Whoever changes a file can set its size and mtime back, but not its ctime without the clock or the disk itself; and a
// change within the grain of the file system's clock leaves no trace at all ("racy git"): entries that young do not count.
// Nor does a write through a shared mapping to a page that is waiting to be written: files are synced before they are kept.
import type { FileStat, HashedFile, HashRequest } from '@vallum/core';

export interface CacheEntry {
  /** Relative to the folder. */
  readonly path: string;
  readonly from: number;
  /** -1 for the end of the file. */
  readonly to: number;
  readonly algorithm: string;
  readonly digest: string;
  readonly bytes: number;
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly inode: bigint;
  readonly device: bigint;
  /** Milliseconds since the epoch, before the file was looked at. */
  readonly seenMs: number;
}

export interface StatCache {
  /** Real path of the folder, so that a cache is of use for no other. */
  readonly folder: string;
  readonly writtenMs: number;
  /** When every file was last read. */
  readonly fullMs: number;
  readonly entries: readonly CacheEntry[];
}

/** FAT keeps time in steps of two seconds, the coarsest grain in use. */
const RACY_MS = 2000;
const SCRUB_MS = 7 * 24 * 3600 * 1000;

/** Why the whole cache is of no use now; undefined when it is. */
export function staleness(cache: StatCache, folder: string, nowMs: number): string | undefined {
  if (cache.folder !== folder) return 'the cache is of another folder';
  if (nowMs < cache.writtenMs) return 'the cache is from the future: the clock was set back';
  if (nowMs - cache.fullMs > SCRUB_MS) return 'the last full reading is more than 7 days ago';
  return undefined;
}

export function keyOf(path: string, { from = 0, to, algorithm = 'sha256' }: HashRequest): string {
  return `${algorithm} ${from} ${to ?? -1} ${path}`;
}

export function byKey(cache: StatCache): ReadonlyMap<string, CacheEntry> {
  return new Map(
    cache.entries.map((entry) => {
      const { path, from, to, algorithm } = entry;
      return [`${algorithm} ${from} ${to} ${path}`, entry];
    }),
  );
}

/** Is the file, as far as a look at it can tell, the one that was read? */
export function looksSame(entry: CacheEntry, stat: FileStat | undefined): boolean {
  return (
    stat?.kind === 'file' &&
    stat.size === entry.size &&
    stat.mtimeNs === entry.mtimeNs &&
    stat.ctimeNs === entry.ctimeNs &&
    stat.inode === entry.inode &&
    stat.device === entry.device
  );
}

/** Was the file so young when it was read that a later change may have left the same times? */
export function isRacy({ mtimeNs, ctimeNs, seenMs }: CacheEntry): boolean {
  const youngest = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
  return youngest >= BigInt(seenMs - RACY_MS) * 1_000_000n;
}

/** Undefined when the disk does not give what an entry needs. */
export function entryOf(
  path: string,
  request: HashRequest,
  { digest, bytes }: HashedFile,
  seen: { readonly stat: FileStat | undefined; readonly ms: number },
): CacheEntry | undefined {
  const { from = 0, to = -1, algorithm = 'sha256' } = request;
  const { size, mtimeNs, ctimeNs, inode, device } = seen.stat ?? {};
  if (size === undefined || mtimeNs === undefined || ctimeNs === undefined) return undefined;
  if (inode === undefined || device === undefined) return undefined;
  return { path, from, to, algorithm, digest, bytes, size, mtimeNs, ctimeNs, inode, device, seenMs: seen.ms };
}
