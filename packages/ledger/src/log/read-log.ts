// Reads a committed log and refuses anything that its checkpoint does not vouch for. Every entry is hashed again, so a
// changed byte, a truncation or a fork inside the log cannot be opened; the message names the first thing that differs.
import { messageOf, VallumError, type Disk } from '@vallum/core';
import { readEntry } from '../entry.js';
import { readCheckpoint, type ReadCheckpoint } from '../note/checkpoint.js';
import { decodeBundle } from '../tiles/bundle.js';
import { bundlesOf, hashTilesOf, TILE_WIDTH, tilePath, type Tile } from '../tiles/layout.js';
import { damaged } from './damage.js';
import { hashInTile, Log } from './log.js';
import { readTile } from './tile-files.js';

export interface ReadLog {
  readonly log: Log;
  /** As it stands in the file. */
  readonly text: string;
  readonly checkpoint: ReadCheckpoint;
}

const NOTE_LIMIT = 64 * 1024;
/** A reader without the lock may meet a writer that has just replaced the right edge. */
const RACES = 20;

/** Undefined when there is no checkpoint. @throws VallumError `CHECKPOINT_INVALID`, `NOTE_INVALID` */
export async function readCheckpointFile(disk: Disk, dir: string): Promise<string | undefined> {
  const path = `${dir}/checkpoint`;
  if ((await disk.stat(path)) === undefined) return undefined;
  return Buffer.from(await disk.read(path, NOTE_LIMIT)).toString('utf8');
}

/**
 * The log that the checkpoint speaks of; undefined when there is none.
 * @throws VallumError `LEDGER_DAMAGED`, `LEDGER_ORIGIN`
 */
export async function readLog(disk: Disk, dir: string, origin: string): Promise<ReadLog | undefined> {
  for (let race = 0; ; race += 1) {
    const text = await readCheckpointFile(disk, dir);
    if (text === undefined) {
      if ((await disk.stat(`${dir}/tile`)) !== undefined) throw damaged('the file `checkpoint` is missing');
      return undefined;
    }
    try {
      return await readAt(disk, dir, origin, text);
    } catch (error) {
      if (race === RACES || (await readCheckpointFile(disk, dir)) === text) throw error;
    }
  }
}

async function readAt(disk: Disk, dir: string, origin: string, text: string): Promise<ReadLog> {
  const checkpoint = named('the file `checkpoint` is broken', () => readCheckpoint(text));
  if (checkpoint.origin !== origin)
    throw new VallumError('LEDGER_ORIGIN', `the ledger in ${dir} is that of ${checkpoint.origin}, not of ${origin}`);
  const log = new Log();
  for (const tile of bundlesOf(checkpoint.size)) await readBundle(disk, dir, tile, log);
  if (log.root() !== checkpoint.root) throw await difference(disk, dir, log);
  for (const tile of hashTilesOf(log.size)) if (isRightEdge(tile, log.size)) await compareTile(disk, dir, tile, log);
  return { log, text, checkpoint };
}

async function readBundle(disk: Disk, dir: string, tile: Tile, log: Log): Promise<void> {
  const path = tilePath(tile);
  const bytes = await readNamed(disk, dir, tile);
  const { entries } = decodeBundle(bytes);
  for (let at = 0; at < tile.width; at += 1) {
    const encoded = entries[at];
    if (encoded === undefined) throw damaged(`entry ${log.size} is missing in ${path}`);
    log.push(
      named(`entry ${log.size} in ${path} cannot be read`, () => readEntry(encoded)),
      encoded,
    );
  }
  if (Buffer.compare(log.tileBytes(tile), bytes) !== 0) throw damaged(`${path} holds more than its entries`);
}

/** Level 0 says which entry is not the one that was hashed. */
async function difference(disk: Disk, dir: string, log: Log): Promise<VallumError> {
  for (const tile of hashTilesOf(log.size)) {
    if (tile.level !== 0) break;
    const stored = await readNamed(disk, dir, tile);
    for (let at = 0; at < tile.width; at += 1) {
      const entry = TILE_WIDTH * tile.index + at;
      if (Buffer.compare(hashInTile(stored, at), log.tree.nodeAt(0, entry)) !== 0)
        return damaged(`entry ${entry} does not have the hash that ${tilePath(tile)} holds`);
    }
  }
  return damaged('its root hash or size is not that of the entries');
}

function isRightEdge({ level, index, width }: Tile, size: number): boolean {
  return level !== 'entries' && index * TILE_WIDTH + width === Math.floor(size / TILE_WIDTH ** level);
}

async function compareTile(disk: Disk, dir: string, tile: Tile, log: Log): Promise<void> {
  const stored = await readNamed(disk, dir, tile);
  if (Buffer.compare(stored, log.tileBytes(tile)) !== 0)
    throw damaged(`${tilePath(tile)} does not hold the hashes of its entries`);
}

async function readNamed(disk: Disk, dir: string, tile: Tile): Promise<Uint8Array> {
  try {
    return await readTile(disk, dir, tile);
  } catch (error) {
    throw damaged(messageOf(error), error);
  }
}

function named<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw damaged(`${what} (${messageOf(error)})`, error);
  }
}
