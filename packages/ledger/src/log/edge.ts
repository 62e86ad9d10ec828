// The right edge of a log on disk: the entries of its partial bundle, the hashes of its partial tiles and the compact
// edge of its tree. That is all a writer needs to go on, however long the log is: at most 255 entries and 255 hashes a
// level. A group makes a new edge and leaves the old one as it is, so that what failed to be written never counts.
import type { Sha256 } from '@vallum/core';
import { HASH_BYTES, leafHash } from '../merkle/hash.js';
import { RightEdge } from '../merkle/right-edge.js';
import { encodeBundle } from '../tiles/bundle.js';
import { countAt, TILE_HEIGHT, TILE_WIDTH, tilesBetween, type Tile } from '../tiles/layout.js';

export interface LogEdge {
  readonly size: number;
  readonly root: Sha256;
  /** Of the partial bundle. */
  readonly entries: readonly Uint8Array[];
  /** Hashes of the partial tile of each level. */
  readonly rows: readonly Uint8Array[];
  readonly tree: RightEdge;
}

export interface Growth {
  readonly edge: LogEdge;
  /** Bundles and tiles that the new log has and the old one does not. */
  readonly files: readonly { readonly tile: Tile; readonly bytes: Uint8Array }[];
}

export const NO_ENTRIES: LogEdge = edgeOf([], []);

/**
 * @param entries of the partial bundle
 * @param rows hashes of the partial tile of each level; that of level 0 belongs to `entries`
 */
export function edgeOf(entries: readonly Uint8Array[], rows: readonly Uint8Array[]): LogEdge {
  const tree = new RightEdge();
  for (let level = rows.length - 1; level >= 0; level -= 1) pushRow(tree, rows[level] ?? new Uint8Array(), level);
  return { size: tree.size, root: hex(tree.root()), entries, rows, tree };
}

/** A row of at most 255 hashes: its perfect subtrees, the largest first. */
function pushRow(tree: RightEdge, row: Uint8Array, level: number): void {
  const count = row.length / HASH_BYTES;
  let at = 0;
  for (let height = TILE_HEIGHT - 1; height >= 0; height -= 1) {
    if ((count & (1 << height)) === 0) continue;
    const width = 1 << height;
    tree.pushSubtree(foldRow(row.subarray(at * HASH_BYTES, (at + width) * HASH_BYTES)), level * TILE_HEIGHT + height);
    at += width;
  }
}

/** Root of the perfect subtree over these hashes; their number is a power of two. */
function foldRow(row: Uint8Array): Uint8Array {
  const fold = new RightEdge();
  for (let at = 0; at < row.length; at += HASH_BYTES) fold.push(row.subarray(at, at + HASH_BYTES));
  return fold.root();
}

/** The log with these entries behind it. The entries are kept, not copied. */
export function grow(edge: LogEdge, added: readonly Uint8Array[]): Growth {
  const tree = new RightEdge(edge.tree);
  const parts = edge.rows.map((row): Uint8Array[] => [row]);
  for (const entry of added)
    tree.push(leafHash(entry), (level, hash) => {
      if (level % TILE_HEIGHT === 0) (parts[level / TILE_HEIGHT] ??= []).push(hash);
    });
  const entries = [...edge.entries, ...added];
  const rows = parts.map((row) => Buffer.concat(row));
  const files = [...tilesBetween(edge.size, tree.size)].map((tile) => {
    const { level, index, width } = tile;
    const from = index * TILE_WIDTH - base(level, edge.size);
    if (level === 'entries') return { tile, bytes: encodeBundle(entries.slice(from, from + width)) };
    return { tile, bytes: (rows[level] ?? Buffer.alloc(0)).subarray(from * HASH_BYTES, (from + width) * HASH_BYTES) };
  });
  const partial = rows.map((row, level) => {
    const kept = base(level, tree.size) - base(level, edge.size);
    return Uint8Array.from(row.subarray(kept * HASH_BYTES));
  });
  const rest = entries.slice(base('entries', tree.size) - base('entries', edge.size));
  return { edge: { size: tree.size, root: hex(tree.root()), entries: rest, rows: partial, tree }, files };
}

/** Where the partial tile of a level begins, in entries or hashes of that level. */
function base(level: Tile['level'], size: number): number {
  return Math.floor(countAt(level, size) / TILE_WIDTH) * TILE_WIDTH;
}

function hex(hash: Uint8Array): Sha256 {
  return Buffer.from(hash).toString('hex') as Sha256;
}
