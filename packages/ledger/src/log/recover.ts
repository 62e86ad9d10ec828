// What a crash leaves behind the checkpoint: bundles and tiles of a group that was never acknowledged, in any state.
// Nothing of it is believed: whoever can write here could else have the log's key sign in what nobody handed over. An
// entry is rolled forward only if its owner vouches for exactly these bytes; the first that is not ends the tail.
import { halfWritten, type Disk } from '@vallum/core';
import { decodeBundle } from '../tiles/bundle.js';
import { TILE_WIDTH, type Tile } from '../tiles/layout.js';
import type { LogEdge } from './edge.js';
import { listTiles, pruneTiles, readTile } from './tile-files.js';

/** True when these bytes may become the entry of this index although nobody was told that they did. */
export type Vouch = (entry: Uint8Array, index: number) => Promise<boolean>;

/** Entries behind the end of the log that can be appended to it as they are. */
export async function unacknowledgedTail(
  disk: Disk,
  dir: string,
  edge: LogEdge,
  vouch: Vouch,
): Promise<readonly Uint8Array[]> {
  const widest = new Map<number, Tile>();
  for (const { tile } of await listTiles(disk, dir))
    if (tile?.level === 'entries' && tile.width > (widest.get(tile.index)?.width ?? 0)) widest.set(tile.index, tile);
  const tail: Uint8Array[] = [];
  /** What the bundle that is looked at has to begin with. */
  let known = edge.entries;
  for (let index = Math.floor(edge.size / TILE_WIDTH); ; index += 1) {
    const tile = widest.get(index);
    const found = tile === undefined ? [] : await entriesBehind(disk, dir, tile, known);
    for (const entry of found) {
      if (!(await vouch(entry, edge.size + tail.length))) return tail;
      tail.push(entry);
    }
    if (known.length + found.length !== TILE_WIDTH) return tail;
    known = [];
  }
}

/** The entries of a bundle after those that are known, if it begins with exactly those. */
async function entriesBehind(
  disk: Disk,
  dir: string,
  tile: Tile,
  known: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  try {
    const entries = decodeBundle(await readTile(disk, dir, tile)).entries.slice(0, TILE_WIDTH);
    const continues = known.every((entry, at) => Buffer.compare(entry, entries[at] ?? new Uint8Array()) === 0);
    return continues ? entries.slice(known.length) : [];
  } catch {
    return [];
  }
}

/** Removes what no log of `size` entries has: leftovers of a crash and partial tiles that were outgrown. */
export async function removeLeftovers(disk: Disk, dir: string, size: number): Promise<void> {
  await pruneTiles(disk, dir, size);
  for (const name of await disk.list(dir)) if (halfWritten(name) === 'checkpoint') await disk.remove(`${dir}/${name}`);
}
