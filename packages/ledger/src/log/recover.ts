// What a crash leaves behind the checkpoint: bundles and tiles of a group that was never acknowledged, in any state.
// Entries that are whole and whose envelopes are there are rolled forward; the rest is removed. Nothing is believed: an
// entry counts only if it is exactly the one that its envelope gives, and if that envelope would be admitted from the
// inbox: whoever can write here could else have the ledger's key sign in a statement that nobody signed.
import { halfWritten, type Disk } from '@vallum/core';
import type { Signed } from '@vallum/trust';
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
  admit?: (signed: Signed) => string | undefined,
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
      const signed = isNew ? await voucherOf(entry, statements) : undefined;
      if (signed === undefined || admit?.(signed) !== undefined) return tail;
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

/** The envelope that gives exactly this entry. */
async function voucherOf(entry: LedgerEntry, statements: StatementStore): Promise<Signed | undefined> {
  try {
    const signed = (await statements.get(entry.statement))?.signed;
    return signed !== undefined && encodeEntry(entryOf(signed)).equals(encodeEntry(entry)) ? signed : undefined;
  } catch {
    return undefined;
  }
}

/** Removes what no log of `size` entries has: leftovers of a crash and partial tiles that were outgrown. */
export async function removeLeftovers(disk: Disk, dir: string, size: number): Promise<void> {
  for (const { path, tile } of await listTiles(disk, dir))
    if (tile !== undefined && !belongsTo(tile, size)) await disk.remove(`${dir}/${path}`);
  for (const name of await disk.list(dir)) if (halfWritten(name) === 'checkpoint') await disk.remove(`${dir}/${name}`);
}
