// Reads the log of a statement ledger, all of it, and refuses anything that its checkpoint does not vouch for. Every entry
// is hashed again, so a changed byte, a truncation or a fork inside the log cannot be opened; the message names the first
// thing that differs.
import { messageOf, type Disk, type VallumError } from '@vallum/core';
import { readEntry } from '../entry.js';
import { readCommitted, type Committed } from '../log/committed.js';
import { damaged } from '../log/damage.js';
import { hashInTile, readTile } from '../log/tile-files.js';
import { decodeBundle } from '../tiles/bundle.js';
import { bundlesOf, countAt, hashTilesOf, TILE_HEIGHT, TILE_WIDTH, tilePath, type Tile } from '../tiles/layout.js';
import { StatementIndex } from './statement-index.js';

/**
 * The entries that the checkpoint speaks of; undefined when there is no ledger.
 * @throws VallumError `LEDGER_DAMAGED`, `LEDGER_ORIGIN`
 */
export function readIndex(disk: Disk, dir: string, origin: string): Promise<Committed<StatementIndex> | undefined> {
  return readCommitted(disk, dir, origin, async ({ size, root }) => {
    const index = new StatementIndex();
    for (const tile of bundlesOf(size)) await readBundle(disk, dir, tile, index);
    if (index.root() !== root) throw await difference(disk, dir, index);
    for (const tile of hashTilesOf(size)) if (isRightEdge(tile, size)) await compareTile(disk, dir, tile, index);
    return index;
  });
}

async function readBundle(disk: Disk, dir: string, tile: Tile, index: StatementIndex): Promise<void> {
  const path = tilePath(tile);
  const { entries, rest } = decodeBundle(await readNamed(disk, dir, tile));
  for (const encoded of entries.slice(0, tile.width)) index.push(read(encoded, index.size, path), encoded);
  if (entries.length < tile.width) throw damaged(`entry ${index.size} is missing in ${path}`);
  if (entries.length > tile.width || rest > 0) throw damaged(`${path} holds more than its entries`);
}

function read(encoded: Uint8Array, at: number, path: string): ReturnType<typeof readEntry> {
  try {
    return readEntry(encoded);
  } catch (error) {
    throw damaged(`entry ${at} in ${path} cannot be read (${messageOf(error)})`, error);
  }
}

/** Level 0 says which entry is not the one that was hashed. */
async function difference(disk: Disk, dir: string, index: StatementIndex): Promise<VallumError> {
  for (const tile of hashTilesOf(index.size)) {
    if (tile.level !== 0) break;
    const stored = await readNamed(disk, dir, tile);
    for (let at = 0; at < tile.width; at += 1) {
      const entry = TILE_WIDTH * tile.index + at;
      if (Buffer.compare(hashInTile(stored, at), index.tree.nodeAt(0, entry)) !== 0)
        return damaged(`entry ${entry} does not have the hash that ${tilePath(tile)} holds`);
    }
  }
  return damaged('its root hash or size is not that of the entries');
}

function isRightEdge({ level, index, width }: Tile, size: number): boolean {
  return index * TILE_WIDTH + width === countAt(level, size);
}

async function compareTile(disk: Disk, dir: string, tile: Tile, { tree }: StatementIndex): Promise<void> {
  if (tile.level === 'entries') return;
  const from = tile.index * TILE_WIDTH;
  const stored = await readNamed(disk, dir, tile);
  if (Buffer.compare(stored, tree.hashes(TILE_HEIGHT * tile.level, from, from + tile.width)) !== 0)
    throw damaged(`${tilePath(tile)} does not hold the hashes of its entries`);
}

async function readNamed(disk: Disk, dir: string, tile: Tile): Promise<Uint8Array> {
  try {
    return await readTile(disk, dir, tile);
  } catch (error) {
    throw damaged(messageOf(error), error);
  }
}
