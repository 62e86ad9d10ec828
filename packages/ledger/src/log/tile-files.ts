// The tiles of a ledger as files: which are there, and their bytes within the bounds of the format.
import type { Disk } from '@vallum/core';
import { ENTRY_LIMIT } from '../entry.js';
import { HASH_BYTES } from '../merkle/hash.js';
import { parseTilePath, TILE_WIDTH, tilePath, type Tile } from '../tiles/layout.js';

export interface TileFile {
  /** Below the ledger's folder. */
  readonly path: string;
  /** Undefined for a file that is no part of a log. */
  readonly tile: Tile | undefined;
}

/** Reads a tile or bundle. @throws VallumError `DISK_READ`, `DISK_TOO_LARGE` */
export function readTile(disk: Disk, dir: string, tile: Tile): Promise<Uint8Array> {
  const each = tile.level === 'entries' ? ENTRY_LIMIT + 2 : HASH_BYTES;
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
