// Batches of rows as they arrive in a folder, or one file that grows. A file is read up to its last whole line and known by the
// digest of these bytes: whoever changes what was read already is found out at the next look.
import { createHash } from 'node:crypto';
import type { Disk, FileStat, Sha256 } from '@vallum/core';
import { asSha256, listFiles, VallumError } from '@vallum/core';
import { MOST_FILES } from '@vallum/monitor';

const LINES = /\.(?:csv|tsv|jsonl|ndjson)$/i;
/** Files that somebody is still writing, and those that are hidden. */
const UNFINISHED = /(?:^|\/)\.|\.(?:tmp|part|partial|crdownload)$/i;
const PIECE = 1024 * 1024;

/** Paths relative to the root, in byte order; `''` where the root is one file. @throws VallumError `MONITOR_FILES`, `TREE_*` */
export async function listArrivals(disk: Disk, root: string): Promise<readonly string[]> {
  const stat = await disk.stat(root);
  if (stat === undefined) return [];
  if (stat.kind === 'file') return [''];
  const files = (await listFiles(disk, root)).filter((path) => !UNFINISHED.test(path));
  if (files.length > MOST_FILES)
    throw new VallumError('MONITOR_FILES', `${root} holds ${files.length} files, and a monitor watches ${MOST_FILES}`, {
      fix: 'move files whose rows were judged to an archive',
    });
  return [...files].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

export function arrivalPath(root: string, path: string): string {
  return path === '' ? root : `${root}/${path}`;
}

/** Bytes of a file that are complete: of a file of lines up to the last line break. */
export async function completeSize(disk: Disk, path: string): Promise<number> {
  const file = await disk.open(path);
  try {
    if (!LINES.test(path)) return file.size;
    let end = file.size;
    while (end > 0) {
      const from = Math.max(0, end - PIECE);
      const at = Buffer.from(await file.read(from, end - from)).lastIndexOf(0x0a);
      if (at >= 0) return from + at + 1;
      end = from;
    }
    return 0;
  } finally {
    await file.close();
  }
}

/** Of the first bytes. Undefined where there are not so many. */
export async function prefixDigest(disk: Disk, path: string, size: number): Promise<Sha256 | undefined> {
  const file = await disk.open(path);
  try {
    if (file.size < size) return undefined;
    const hash = createHash('sha256');
    for (let at = 0; at < size;) {
      const bytes = await file.read(at, Math.min(PIECE, size - at));
      if (bytes.length === 0) return undefined;
      hash.update(bytes);
      at += bytes.length;
    }
    return asSha256(hash.digest('hex'));
  } finally {
    await file.close();
  }
}

/** The disk, on which one file ends after its first bytes: what is written behind them meanwhile is for the next run. */
export function cutDisk(disk: Disk, path: string, size: number): Disk {
  return {
    ...disk,
    stat: async (asked): Promise<FileStat | undefined> => {
      const stat = await disk.stat(asked);
      return asked === path && stat !== undefined ? { ...stat, size: Math.min(size, stat.size) } : stat;
    },
    open: async (asked) => {
      const file = await disk.open(asked);
      if (asked !== path) return file;
      return {
        size: Math.min(size, file.size),
        read: (offset, length) => file.read(offset, Math.max(0, Math.min(length, size - offset))),
        close: () => file.close(),
      };
    },
  };
}
