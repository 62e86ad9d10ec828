// The right edge of a log on disk, believed only where the checkpoint bears it out: the root is computed again from the
// entries of the partial bundle and the hashes of the partial tiles above it. Full tiles are not read here: `fsck` reads
// them all, and every proof that is made from them is verified before it is handed out.
import { messageOf, type Disk, type Sha256 } from '@vallum/core';
import { HASH_BYTES, leafHash } from '../merkle/hash.js';
import { decodeBundle } from '../tiles/bundle.js';
import { countAt, TILE_WIDTH, tilePath, type Tile } from '../tiles/layout.js';
import { damaged } from './damage.js';
import { edgeOf, type LogEdge } from './edge.js';
import { hashInTile, readTile } from './tile-files.js';

/** @throws VallumError `LEDGER_DAMAGED` naming the first file or entry that differs */
export async function readEdge(
  disk: Disk,
  dir: string,
  { size, root }: { readonly size: number; readonly root: Sha256 },
): Promise<LogEdge> {
  const bundle = partial('entries', size);
  const entries = bundle === undefined ? [] : await readEntries(disk, dir, bundle);
  const stored: Uint8Array[] = [];
  for (let level = 0; countAt(level, size) > 0; level += 1) {
    const tile = partial(level, size);
    const row = tile === undefined ? new Uint8Array() : await readNamed(disk, dir, tile);
    const width = (tile?.width ?? 0) * HASH_BYTES;
    if (tile !== undefined && row.length !== width)
      throw damaged(`${tilePath(tile)} does not have ${tile.width} hashes`);
    stored.push(row);
  }
  const leaves = Buffer.concat(entries.map((entry) => leafHash(entry)));
  const edge = edgeOf(entries, [leaves, ...stored.slice(1)]);
  const wrong = bundle === undefined ? undefined : firstDifference(leaves, stored[0] ?? leaves);
  const tile = bundle === undefined ? '' : tilePath({ ...bundle, level: 0 });
  if (edge.root === root && edge.size === size) {
    if (wrong === undefined) return edge;
    throw damaged(`${tile} does not hold the hashes of its entries`);
  }
  if (wrong === undefined) throw damaged('its root hash or size is not that of its right edge');
  throw damaged(`entry ${size - (size % TILE_WIDTH) + wrong} does not have the hash that ${tile} holds`);
}

function partial(level: Tile['level'], size: number): Tile | undefined {
  const count = countAt(level, size);
  const width = count % TILE_WIDTH;
  return width === 0 ? undefined : { level, index: Math.floor(count / TILE_WIDTH), width };
}

async function readEntries(disk: Disk, dir: string, bundle: Tile): Promise<readonly Uint8Array[]> {
  const { entries, rest } = decodeBundle(await readNamed(disk, dir, bundle));
  const path = tilePath(bundle);
  if (entries.length < bundle.width)
    throw damaged(`entry ${bundle.index * TILE_WIDTH + entries.length} is missing in ${path}`);
  if (entries.length > bundle.width || rest > 0) throw damaged(`${path} holds more than its entries`);
  return entries;
}

async function readNamed(disk: Disk, dir: string, tile: Tile): Promise<Uint8Array> {
  try {
    return await readTile(disk, dir, tile);
  } catch (error) {
    throw damaged(messageOf(error), error);
  }
}

function firstDifference(leaves: Uint8Array, stored: Uint8Array): number | undefined {
  for (let at = 0; at * HASH_BYTES < leaves.length; at += 1)
    if (Buffer.compare(hashInTile(leaves, at), hashInTile(stored, at)) !== 0) return at;
  return undefined;
}
