// What a crash leaves behind the checkpoint: bundles and tiles of a group that was never acknowledged, in any state.
// Entries that are whole and whose envelopes are there are rolled forward; the rest is removed. Nothing is believed: an
// entry counts only if it is exactly the one that its envelope gives, as if the envelope had just been handed in.
import type { Disk } from '@vallum/core';
import { encodeEntry, entryOf, readEntry, type LedgerEntry } from '../entry.js';
import type { StatementStore } from '../store/content-store.js';
import { decodeBundle } from '../tiles/bundle.js';
import { belongsTo, TILE_WIDTH, type Tile } from '../tiles/layout.js';
import type { Log } from './log.js';
import { listTiles, readTile } from './tile-files.js';

/** Entries behind the end of the log that can be appended to it as they are. */
export async function unacknowledgedTail(
  disk: Disk,
  dir: string,
  log: Log,
  statements: StatementStore,
): Promise<readonly LedgerEntry[]> {
  const widest = new Map<number, Tile>();
  for (const { tile } of await listTiles(disk, dir))
    if (tile?.level === 'entries' && tile.width > (widest.get(tile.index)?.width ?? 0)) widest.set(tile.index, tile);
  const tail: LedgerEntry[] = [];
  for (;;) {
    const size = log.size + tail.length;
    const tile = widest.get(Math.floor(size / TILE_WIDTH));
    const found = tile === undefined ? [] : await entriesBehind(disk, dir, tile, [...log.entries, ...tail]);
    let taken = 0;
    for (const entry of found) {
      const isNew = log.indexOf(entry.statement) === undefined && !tail.some((e) => e.statement === entry.statement);
      if (!isNew || !(await isVouchedFor(entry, statements))) return tail;
      tail.push(entry);
      taken += 1;
    }
    if (taken === 0 || (size + taken) % TILE_WIDTH !== 0) return tail;
  }
}

/** The readable entries of a bundle after those that are known, if it begins with exactly those. */
async function entriesBehind(
  disk: Disk,
  dir: string,
  tile: Tile,
  known: readonly LedgerEntry[],
): Promise<readonly LedgerEntry[]> {
  const committed = known.slice(tile.index * TILE_WIDTH);
  const behind: LedgerEntry[] = [];
  try {
    const { entries } = decodeBundle(await readTile(disk, dir, tile));
    for (const [at, bytes] of entries.slice(0, TILE_WIDTH).entries()) {
      const before = committed[at];
      if (before === undefined) behind.push(readEntry(bytes));
      else if (!encodeEntry(before).equals(bytes)) return [];
    }
  } catch {
    // A torn bundle ends where it can no longer be read.
  }
  return behind;
}

async function isVouchedFor(entry: LedgerEntry, statements: StatementStore): Promise<boolean> {
  try {
    const envelope = await statements.get(entry.statement);
    return envelope !== undefined && encodeEntry(entryOf(envelope.signed)).equals(encodeEntry(entry));
  } catch {
    return false;
  }
}

const HALF_WRITTEN = /^checkpoint\.\d+-\d+\.tmp$/;

/** Removes what no log of `size` entries has: leftovers of a crash and partial tiles that were outgrown. */
export async function removeLeftovers(disk: Disk, dir: string, size: number): Promise<void> {
  for (const { path, tile } of await listTiles(disk, dir))
    if (tile !== undefined && !belongsTo(tile, size)) await disk.remove(`${dir}/${path}`);
  for (const name of await disk.list(dir)) if (HALF_WRITTEN.test(name)) await disk.remove(`${dir}/${name}`);
}
