// How a group of entries becomes part of the log: bundles and tiles are written under names that no checkpoint refers to
// and synced with their folders; only then does the new checkpoint replace the old one, in a single rename. A crash at
// any point leaves the old log whole, or the new one.
import { writeDurably, type Disk } from '@vallum/core';
import type { SigningKey } from '@vallum/trust';
import { signCheckpoint } from '../note/checkpoint.js';
import type { DurableFiles } from '../store/durable.js';
import { TILE_WIDTH, tilePath, tilesBetween } from '../tiles/layout.js';
import type { Log } from './log.js';

export interface LogPlace {
  readonly disk: Disk;
  readonly files: DurableFiles;
  readonly dir: string;
  readonly origin: string;
  readonly key: SigningKey;
}

/** Makes everything in `log` after the first `oldSize` entries durable. Returns the checkpoint as it stands in the file. */
export async function commit(place: LogPlace, log: Log, oldSize: number): Promise<string> {
  const { disk, files, dir, origin, key } = place;
  const tiles = [...tilesBetween(oldSize, log.size)];
  await files.writeAll(tiles.map((tile) => ({ path: `${dir}/${tilePath(tile)}`, bytes: log.tileBytes(tile) })));
  const checkpoint = signCheckpoint({ origin, size: log.size, root: log.root() }, key);
  await files.makeDirectories([dir]);
  await writeDurably(disk, `${dir}/checkpoint`, Buffer.from(checkpoint));
  return checkpoint;
}

/** Removes the partial tiles that the log of `size` entries has outgrown; what cannot be removed does no harm. */
export async function removeOutgrown({ disk, dir }: LogPlace, oldSize: number, size: number): Promise<void> {
  for (const { level, index } of tilesBetween(oldSize, size)) {
    const count = level === 'entries' ? oldSize : Math.floor(oldSize / TILE_WIDTH ** level);
    const width = count - index * TILE_WIDTH;
    if (width > 0) await disk.remove(`${dir}/${tilePath({ level, index, width })}`).catch(() => undefined);
  }
}
