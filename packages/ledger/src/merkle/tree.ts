// An RFC 6962 tree in memory: one growing buffer of hashes for each level, so that a tile is a slice of a buffer and a
// leaf costs 64 bytes and one further hash on average. Only perfect subtrees are kept; the right edge is folded on demand.
import { EMPTY_ROOT, HASH_BYTES, nodeHash } from './hash.js';
import { rangeHash } from './proofs.js';

class Row {
  #bytes = Buffer.alloc(4 * HASH_BYTES);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  push(hash: Uint8Array): void {
    const at = this.#count * HASH_BYTES;
    if (at === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], 2 * at);
    this.#bytes.set(hash, at);
    this.#count += 1;
  }

  slice(from: number, to: number): Buffer {
    if (from < 0 || to > this.#count) throw new RangeError(`hashes ${from}..${to} of ${this.#count}`);
    return this.#bytes.subarray(from * HASH_BYTES, to * HASH_BYTES);
  }
}

export class MerkleTree {
  readonly #rows: Row[] = [new Row()];

  get size(): number {
    return this.#rows[0]?.count ?? 0;
  }

  /** Adds a leaf by its leaf hash. */
  push(leaf: Uint8Array): void {
    let hash = leaf;
    for (let level = 0; ; level += 1) {
      const row = (this.#rows[level] ??= new Row());
      row.push(hash);
      if (row.count % 2 === 1) return;
      hash = nodeHash(row.slice(row.count - 2, row.count - 1), row.slice(row.count - 1, row.count));
    }
  }

  /** Hashes `from` (included) to `to` (excluded) of a level; level 0 holds the leaves. A view, valid until the next push. */
  hashes(level: number, from: number, to: number): Buffer {
    return (this.#rows[level] ?? new Row()).slice(from, to);
  }

  /** The root of perfect subtree number `index` of height `level`. */
  readonly nodeAt = (level: number, index: number): Buffer => this.hashes(level, index, index + 1);

  /** The root of the first `size` leaves. */
  root(size: number = this.size): Buffer {
    return size === 0 ? EMPTY_ROOT : Buffer.from(rangeHash(this.nodeAt, 0, size));
  }
}
