// The statement ledger's index: every entry, where each statement stands, and the tree for proofs at once. Entries are a
// few hundred bytes and are asked for all the time, so the whole of it is kept; what lies on disk is compared with it.
import type { Sha256 } from '@vallum/core';
import { encodeEntry, type LedgerEntry } from '../entry.js';
import { edgeOf, type LogEdge } from '../log/edge.js';
import { leafHash } from '../merkle/hash.js';
import { MerkleTree } from '../merkle/tree.js';
import { countAt, TILE_HEIGHT, TILE_WIDTH } from '../tiles/layout.js';

export class StatementIndex {
  readonly tree = new MerkleTree();
  readonly #entries: LedgerEntry[] = [];
  readonly #indexOf = new Map<Sha256, number>();

  get size(): number {
    return this.#entries.length;
  }

  get entries(): readonly LedgerEntry[] {
    return this.#entries;
  }

  push(entry: LedgerEntry, encoded: Uint8Array): void {
    this.#indexOf.set(entry.statement, this.#entries.length);
    this.#entries.push(entry);
    this.tree.push(leafHash(encoded));
  }

  /** Index of the entry of this statement. */
  indexOf(statement: Sha256): number | undefined {
    return this.#indexOf.get(statement);
  }

  /** The entry of this statement. */
  find(statement: Sha256): LedgerEntry | undefined {
    const index = this.#indexOf.get(statement);
    return index === undefined ? undefined : this.#entries[index];
  }

  /** Hex root of the first `size` entries. */
  root(size: number = this.size): Sha256 {
    return this.tree.root(size).toString('hex') as Sha256;
  }

  /** What a writer goes on from. */
  edge(): LogEdge {
    const rows: Uint8Array[] = [];
    for (let level = 0, count = this.size; count > 0; level += 1, count = countAt(level, this.size))
      rows.push(Uint8Array.from(this.tree.hashes(TILE_HEIGHT * level, count - (count % TILE_WIDTH), count)));
    return edgeOf(this.#entries.slice(this.size - (this.size % TILE_WIDTH)).map(encodeEntry), rows);
  }
}
