// A log in memory: its entries, its tree, and where each statement stands. Entries are few hundred bytes, so the whole
// of it is kept; what is on disk is only ever compared with it or derived from it.
import type { Sha256 } from '@vallum/core';
import { encodeEntry, type LedgerEntry } from '../entry.js';
import { HASH_BYTES, leafHash } from '../merkle/hash.js';
import { MerkleTree } from '../merkle/tree.js';
import { encodeBundle } from '../tiles/bundle.js';
import { TILE_WIDTH, type Tile } from '../tiles/layout.js';

export class Log {
  readonly tree = new MerkleTree();
  readonly #entries: LedgerEntry[] = [];
  readonly #indexOf = new Map<Sha256, number>();

  get size(): number {
    return this.#entries.length;
  }

  get entries(): readonly LedgerEntry[] {
    return this.#entries;
  }

  push(entry: LedgerEntry, encoded: Uint8Array = encodeEntry(entry)): void {
    this.#indexOf.set(entry.statement, this.#entries.length);
    this.#entries.push(entry);
    this.tree.push(leafHash(encoded));
  }

  /** Index of the entry of this statement. */
  indexOf(statement: Sha256): number | undefined {
    return this.#indexOf.get(statement);
  }

  /** Hex root of the first `size` entries. */
  root(size: number = this.size): Sha256 {
    return this.tree.root(size).toString('hex') as Sha256;
  }

  /** The bytes of a tile or bundle of this log; a view, valid until the next push. */
  tileBytes({ level, index, width }: Tile): Uint8Array {
    const from = index * TILE_WIDTH;
    if (level === 'entries') return encodeBundle(this.#entries.slice(from, from + width).map(encodeEntry));
    // A tile of level L holds every eighth level of the tree.
    return this.tree.hashes(8 * level, from, from + width);
  }
}

/** The `at`-th hash of a tile's bytes. */
export function hashInTile(tile: Uint8Array, at: number): Uint8Array {
  return tile.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
}
