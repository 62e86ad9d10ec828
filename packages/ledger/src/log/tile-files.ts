// The tiles of a ledger as files: which are there, and their bytes within the bounds of the format.
import type { Disk } from '@vallum/core';
import { HASH_BYTES } from '../merkle/hash.js';
import { LONGEST_ENTRY } from '../tiles/bundle.js';
import { belongsTo, countAt, parseTilePath, TILE_WIDTH, tilePath, type Tile } from '../tiles/layout.js';

export interface TileFile {
  /** Below the ledger's folder. */
  readonly path: string;
  /** Undefined for a file that is no part of a log. */
  readonly tile: Tile | undefined;
}

/** Reads a tile or bundle. @throws VallumError `DISK_READ`, `DISK_TOO_LARGE` */
export function readTile(disk: Disk, dir: string, tile: Tile): Promise<Uint8Array> {
  const each = tile.level === 'entries' ? LONGEST_ENTRY + 2 : HASH_BYTES;
  return disk.read(`${dir}/${tilePath(tile)}`, TILE_WIDTH * each);
}

/** Every file below `tile/`, in no particular order. Folders are known by their names, nothing is opened. */
export async function listTiles(disk: Disk, dir: string): Promise<readonly TileFile[]> {
  const found: TileFile[] = [];
  async function walk(path: string, depth: number): Promise<void> {
    for (const name of await disk.list(`${dir}/${path}`)) {
      const below = `${path}/${name}`;
      const tile = parseTilePath(below);
      const isFolder = tile === undefined && depth < 8 && (await disk.stat(`${dir}/${below}`))?.kind === 'directory';
      if (isFolder) await walk(below, depth + 1);
      else found.push({ path: below, tile });
    }
  }
  if ((await disk.stat(`${dir}/tile`)) !== undefined) await walk('tile', 0);
  return found;
}

/**
 * Removes what no log of `size` entries has: leftovers of a crash behind its end, and partial tiles whose wider successor
 * is there (tlog-tiles lets them go then). Only the holder of the lock may. @returns how many files were removed
 */
export async function pruneTiles(disk: Disk, dir: string, size: number): Promise<number> {
  const files = await listTiles(disk, dir);
  const there = new Set(files.map(({ path }) => path));
  let removed = 0;
  for (const { path, tile } of files) {
    if (tile === undefined || belongsTo(tile, size)) continue;
    const width = Math.min(TILE_WIDTH, countAt(tile.level, size) - tile.index * TILE_WIDTH);
    if (width > tile.width && !there.has(tilePath({ ...tile, width }))) continue;
    await disk.remove(`${dir}/${path}`);
    removed += 1;
  }
  return removed;
}

/** The `at`-th hash of a tile's bytes. */
export function hashInTile(tile: Uint8Array, at: number): Uint8Array {
  return tile.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
}
