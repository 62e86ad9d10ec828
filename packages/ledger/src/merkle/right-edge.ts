// The compact right edge of a tree: the roots of its perfect subtrees, at most one for each level. With it the root of
// any number of leaves is computed in O(log n) memory; an auditor rebuilds a root from an export with nothing else.
import { EMPTY_ROOT, nodeHash } from './hash.js';

export class RightEdge {
  /** Index = height of the subtree. */
  readonly #edge: (Uint8Array | undefined)[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds a leaf by its leaf hash. */
  push(leaf: Uint8Array): void {
    let hash = leaf;
    let level = 0;
    for (let left = this.#edge[level]; left !== undefined; left = this.#edge[level]) {
      hash = nodeHash(left, hash);
      this.#edge[level] = undefined;
      level += 1;
    }
    this.#edge[level] = hash;
    this.#size += 1;
  }

  root(): Buffer {
    let root: Uint8Array | undefined;
    for (const subtree of this.#edge)
      if (subtree !== undefined) root = root === undefined ? subtree : nodeHash(subtree, root);
    return Buffer.from(root ?? EMPTY_ROOT);
  }
}
