// What lies in a ledger's folder, read without believing any of it: the entries as the bundles frame them, and their
// hashes as the tiles of level 0 hold them. Two witnesses of one log; fsck finds out which one was changed.
import { messageOf, type Disk } from '@vallum/core';
import { hashInTile } from '../log/log.js';
import { readTile, type TileFile } from '../log/tile-files.js';
import { HASH_BYTES, leafHash } from '../merkle/hash.js';
import { decodeBundle } from '../tiles/bundle.js';
import { bundlesOf, hashTilesOf, TILE_WIDTH, tilePath, type Tile } from '../tiles/layout.js';

export interface Problem {
  /** Index of the entry that is concerned, where one is. */
  readonly entry?: number;
  readonly what: string;
}

export interface Witness {
  /** Encoded entry; undefined where its bundle ends before it. */
  readonly entry: Uint8Array | undefined;
  /** Leaf hash of that. */
  readonly leaf: Uint8Array | undefined;
  /** Leaf hash that the tile holds. */
  readonly witnessed: Uint8Array | undefined;
}

export interface Survey {
  readonly witnesses: readonly Witness[];
  readonly problems: readonly Problem[];
}

/** Entries that files exist for: a checkpoint can claim any size. */
export function mostEntries(files: readonly TileFile[]): number {
  let most = 0;
  for (const { tile } of files)
    if (tile?.level === 'entries' || tile?.level === 0) most = Math.max(most, tile.index * TILE_WIDTH + tile.width);
  return most;
}

export async function surveyLog(disk: Disk, dir: string, size: number): Promise<Survey> {
  const problems: Problem[] = [];
  const entries: (Uint8Array | undefined)[] = [];
  const witnessed: (Uint8Array | undefined)[] = [];
  for (const tile of bundlesOf(size)) {
    const bundle = decodeBundle((await readOr(disk, dir, tile, problems)) ?? new Uint8Array());
    for (let at = 0; at < tile.width; at += 1) entries.push(bundle.entries[at]);
    if (bundle.entries.length > tile.width || (bundle.entries.length === tile.width && bundle.rest > 0))
      problems.push({ entry: entries.length - 1, what: `${tilePath(tile)} holds bytes behind its last entry` });
  }
  for (const tile of hashTilesOf(size)) {
    if (tile.level !== 0) break;
    const bytes = await readOr(disk, dir, tile, problems);
    for (let at = 0; at < tile.width; at += 1) {
      const hash = hashInTile(bytes ?? new Uint8Array(), at);
      witnessed.push(hash.length === HASH_BYTES ? hash : undefined);
    }
  }
  const witnesses = entries.map((entry, at) => ({
    entry,
    leaf: entry === undefined ? undefined : leafHash(entry),
    witnessed: witnessed[at],
  }));
  return { witnesses, problems };
}

async function readOr(disk: Disk, dir: string, tile: Tile, problems: Problem[]): Promise<Uint8Array | undefined> {
  try {
    return await readTile(disk, dir, tile);
  } catch (error) {
    problems.push({ entry: tile.index * TILE_WIDTH, what: messageOf(error) });
    return undefined;
  }
}
