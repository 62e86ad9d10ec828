// Verifiers of inclusion and consistency proofs: RFC 9162 sections 2.1.3.2 and 2.1.4.2, over plain values.
// The prover is the attacker: sizes, indices, number and length of the hashes are his. Any doubt is `false`.
import { isSha256, type Sha256 } from '@vallum/core';
import { EMPTY_ROOT, nodeHash } from './hash.js';

export interface InclusionProof {
  readonly index: number;
  /** Size of the tree that the proof is about. */
  readonly size: number;
  /** From the leaf's sibling upwards. */
  readonly hashes: readonly Sha256[];
}

export interface ConsistencyProof {
  readonly oldSize: number;
  readonly newSize: number;
  readonly hashes: readonly Sha256[];
}

/** A tree of 2^53 leaves is 53 levels high. */
const MOST_HASHES = 64;

export function verifyInclusion(proof: InclusionProof, leaf: Uint8Array, root: Sha256): boolean {
  const { index, size } = proof;
  if (!isCount(index) || !isCount(size) || index >= size || !isPath(proof.hashes)) return false;
  let [position, last] = [index, size - 1];
  let hash = leaf;
  for (const sibling of bytesOf(proof.hashes)) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      hash = nodeHash(sibling, hash);
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && hex(hash) === root;
}

export function verifyConsistency(proof: ConsistencyProof, oldRoot: Sha256, newRoot: Sha256): boolean {
  const { oldSize, newSize, hashes } = proof;
  if (!isCount(oldSize) || !isCount(newSize) || oldSize > newSize || !isPath(hashes)) return false;
  if (oldSize === newSize) return hashes.length === 0 && oldRoot === newRoot;
  if (oldSize === 0) return hashes.length === 0 && oldRoot === hex(EMPTY_ROOT);
  let [position, last] = [oldSize - 1, newSize - 1];
  while (position % 2 === 1) [position, last] = [half(position), half(last)];
  const path = bytesOf(hashes);
  // A power of two: the old root is itself a node of the new tree.
  const first = position === 0 ? Buffer.from(oldRoot, 'hex') : path.shift();
  if (first === undefined) return false;
  let [oldHash, newHash]: [Uint8Array, Uint8Array] = [first, first];
  for (const sibling of path) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      oldHash = nodeHash(sibling, oldHash);
      newHash = nodeHash(sibling, newHash);
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      newHash = nodeHash(newHash, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && hex(oldHash) === oldRoot && hex(newHash) === newRoot;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isPath(hashes: readonly string[]): boolean {
  return hashes.length <= MOST_HASHES && hashes.every(isSha256);
}

function bytesOf(hashes: readonly Sha256[]): Buffer[] {
  return hashes.map((hash) => Buffer.from(hash, 'hex'));
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function hex(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex');
}
