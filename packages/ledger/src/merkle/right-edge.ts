// The compact right edge of a tree: the roots of its perfect subtrees, at most one for each level. With it the root of
// any number of leaves is computed in O(log n) memory: all that a writer or an auditor needs to keep of a tree.
import { EMPTY_ROOT, nodeHash } from './hash.js';

/** Told of every perfect subtree that a leaf completes, from the leaf itself (level 0) upwards. */
export type Completed = (level: number, root: Uint8Array) => void;

export class RightEdge {
  /** Index = height of the subtree. */
  readonly #edge: (Uint8Array | undefined)[];
  #size: number;

  constructor(from?: RightEdge) {
    this.#edge = [...(from === undefined ? [] : from.#edge)];
    this.#size = from?.size ?? 0;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a leaf by its leaf hash. */
  push(leaf: Uint8Array, completed?: Completed): void {
    this.#carry(leaf, 0, completed);
    this.#size += 1;
  }

  /** Adds a perfect subtree of 2^level leaves by its root; the size must be a multiple of that. */
  pushSubtree(root: Uint8Array, level: number): void {
    if (this.#edge.slice(0, level).some((subtree) => subtree !== undefined))
      throw new RangeError(`a subtree of height ${level} cannot follow ${this.#size} leaves`);
    this.#carry(root, level);
    this.#size += 2 ** level;
  }

  root(): Buffer {
    let root: Uint8Array | undefined;
    for (const subtree of this.#edge)
      if (subtree !== undefined) root = root === undefined ? subtree : nodeHash(subtree, root);
    return Buffer.from(root ?? EMPTY_ROOT);
  }

  #carry(subtree: Uint8Array, height: number, completed?: Completed): void {
    let [hash, level] = [subtree, height];
    completed?.(level, hash);
    for (let left = this.#edge[level]; left !== undefined; left = this.#edge[level]) {
      hash = nodeHash(left, hash);
      this.#edge[level] = undefined;
      level += 1;
      completed?.(level, hash);
    }
    this.#edge[level] = hash;
  }
}
