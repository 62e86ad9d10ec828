// Proofs of RFC 6962 sections 2.1.1 and 2.1.2, read from a tree that knows its perfect subtrees.
import { nodeHash } from './hash.js';

/** Root of the perfect subtree number `index` of height `level`. */
export type NodeAt = (level: number, index: number) => Uint8Array;

/** Largest power of two below `n`; `n` is at least 2. */
function split(n: number): number {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

/** MTH of leaves `from` to `to`; `from` is a multiple of the subtree's width. */
export function rangeHash(nodeAt: NodeAt, from: number, to: number): Uint8Array {
  const width = to - from;
  const level = Math.log2(width);
  if (Number.isInteger(level)) return nodeAt(level, from / width);
  const middle = from + split(width);
  return nodeHash(rangeHash(nodeAt, from, middle), rangeHash(nodeAt, middle, to));
}

/** The audit path of a leaf in the tree of the first `size` leaves, from the leaf upwards. */
export function inclusionHashes(nodeAt: NodeAt, index: number, size: number): Uint8Array[] {
  const path: Uint8Array[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + split(to - from);
    if (index < middle) {
      path.push(rangeHash(nodeAt, middle, to));
      to = middle;
    } else {
      path.push(rangeHash(nodeAt, from, middle));
      from = middle;
    }
  }
  return path.reverse();
}

/** Shows that the tree of `newSize` leaves begins with the tree of `oldSize` leaves. */
export function consistencyHashes(nodeAt: NodeAt, oldSize: number, newSize: number): Uint8Array[] {
  if (oldSize === 0 || oldSize === newSize) return [];
  const path: Uint8Array[] = [];
  let from = 0;
  let to = newSize;
  while (oldSize !== to) {
    const middle = from + split(to - from);
    if (oldSize <= middle) {
      path.push(rangeHash(nodeAt, middle, to));
      to = middle;
    } else {
      path.push(rangeHash(nodeAt, from, middle));
      from = middle;
    }
  }
  // The old tree's own root is known to whoever asks; only a part of it has to be given.
  if (from > 0) path.push(rangeHash(nodeAt, from, to));
  return path.reverse();
}
