// Files that are written and not yet durable. Where the disk can hold them open, their sync opens nothing; else they are
// synced by name. The files of a large group are not held, for a process has only so many descriptors.
import type { Disk, HeldFile } from '@vallum/core';
import type { NewFile } from './durable.js';
import { inParallel } from './parallel.js';

/** Most files that one group holds open. */
const MOST_HELD = 64;

/**
 * Writes a group of files, each of which is then to be synced or closed.
 * @param write told whether it may hold the file; where it fails for one, all are closed
 */
export async function writeGroup(
  files: readonly NewFile[],
  write: (file: NewFile, mayHold: boolean) => Promise<HeldFile>,
): Promise<readonly HeldFile[]> {
  const mayHold = files.length <= MOST_HELD;
  const written: HeldFile[] = [];
  try {
    await inParallel(files, async (file) => written.push(await write(file, mayHold)));
    return written;
  } catch (error) {
    await closeAll(written);
    throw error;
  }
}

/** Creates or replaces a file. */
export async function writeUnsynced(disk: Disk, { path, bytes }: NewFile, mayHold: boolean): Promise<HeldFile> {
  const held = mayHold ? await disk.writeHeld?.(path, bytes) : undefined;
  if (held === undefined) await disk.write(path, bytes);
  return held ?? unheld(disk, path);
}

/** Creates a file. Undefined when its name is taken. */
export async function createUnsynced(
  disk: Disk,
  { path, bytes }: NewFile,
  mayHold: boolean,
): Promise<HeldFile | undefined> {
  if (mayHold && disk.writeHeld !== undefined) return disk.writeHeld(path, bytes, { fresh: true });
  return (await disk.create(path, bytes)) ? unheld(disk, path) : undefined;
}

/** A file that is there, synced by its name. */
export function unheld(disk: Disk, path: string): HeldFile {
  return { sync: () => disk.sync(path), close: async () => undefined };
}

/** Syncs files and folders side by side; the files are closed whatever happens. */
export async function syncTogether(disk: Disk, files: readonly HeldFile[], folders: readonly string[]): Promise<void> {
  const syncs = [
    ...files.map((file) => () => file.sync()),
    ...[...new Set(folders)].map((path) => () => disk.sync(path)),
  ];
  try {
    await inParallel(syncs, (sync) => sync());
  } finally {
    await closeAll(files);
  }
}

/** What was synced is closed already. */
async function closeAll(files: readonly HeldFile[]): Promise<void> {
  await Promise.allSettled(files.map((file) => file.close()));
}
