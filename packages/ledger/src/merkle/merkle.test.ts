// The tree against the definition of RFC 6962 section 2.1, written here a second time in its own words, and against the
// roots that Certificate Transparency publishes for its eight test leaves.
import { createHash } from 'node:crypto';
import type { Sha256 } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leafHash, nodeHash } from './hash.js';
import { consistencyHashes, inclusionHashes } from './proofs.js';
import { RightEdge } from './right-edge.js';
import { MerkleTree } from './tree.js';
import { verifyConsistency, verifyInclusion, type ConsistencyProof, type InclusionProof } from './verify.js';

const CT_LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const CT_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

function oracle(leaves: readonly Buffer[]): Buffer {
  const digest = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
  if (leaves.length === 0) return digest();
  if (leaves.length === 1) return digest(Buffer.from([0]), leaves[0]!);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return digest(Buffer.from([1]), oracle(leaves.slice(0, k)), oracle(leaves.slice(k)));
}

const data = (n: number): Buffer[] => Array.from({ length: n }, (_, at) => Buffer.from(`leaf ${at}`));

function treeOf(leaves: readonly Buffer[]): MerkleTree {
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.push(leafHash(leaf));
  return tree;
}

const hex = (hash: Uint8Array): Sha256 => Buffer.from(hash).toString('hex') as Sha256;

function inclusion(tree: MerkleTree, index: number, size = tree.size): InclusionProof {
  return { index, size, hashes: inclusionHashes(tree.nodeAt, index, size).map(hex) };
}

function consistency(tree: MerkleTree, oldSize: number, newSize = tree.size): ConsistencyProof {
  return { oldSize, newSize, hashes: consistencyHashes(tree.nodeAt, oldSize, newSize).map(hex) };
}

describe('roots', () => {
  test('the eight leaves of Certificate Transparency give the published roots', () => {
    const leaves = CT_LEAVES.map((leaf) => Buffer.from(leaf, 'hex'));
    for (const [size, root] of CT_ROOTS.entries()) {
      expect(hex(oracle(leaves.slice(0, size)))).toBe(root);
      expect(hex(treeOf(leaves).root(size))).toBe(root);
    }
  });

  test('the tree, any prefix of it and the compact right edge agree with the definition', () => {
    const leaves = data(70);
    const tree = treeOf(leaves);
    const edge = new RightEdge();
    for (let size = 0; size <= leaves.length; size += 1) {
      expect(hex(tree.root(size))).toBe(hex(oracle(leaves.slice(0, size))));
      expect(hex(edge.root())).toBe(hex(tree.root(size)));
      if (size < leaves.length) edge.push(leafHash(leaves[size]!));
    }
    expect(edge.size).toBe(leaves.length);
    const [copy, subtree] = [new RightEdge(edge), new RightEdge()];
    copy.push(leafHash(leaves[0]!));
    expect([edge.size, hex(edge.root())]).toEqual([70, hex(tree.root())]);
    subtree.pushSubtree(tree.nodeAt(6, 0), 6);
    for (const leaf of leaves.slice(64)) subtree.push(leafHash(leaf));
    expect(hex(subtree.root())).toBe(hex(tree.root()));
    expect(() => subtree.pushSubtree(tree.nodeAt(2, 0), 2)).toThrow(RangeError);
  });

  test('the published proofs of Certificate Transparency are made and verified', () => {
    const tree = treeOf(CT_LEAVES.map((leaf) => Buffer.from(leaf, 'hex')));
    const [a, b, c] = [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
    ];
    const first = '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7';
    const half = '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4';
    const six = '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a';
    expect(inclusion(tree, 0, 8).hashes).toEqual([first, a, half]);
    expect(inclusion(tree, 5, 8).hashes).toEqual([b, c, CT_ROOTS[4]]);
    expect(inclusion(tree, 2, 3).hashes).toEqual([CT_ROOTS[2]]);
    expect(inclusion(tree, 1, 5).hashes).toEqual([CT_ROOTS[1], a, b]);
    expect(consistency(tree, 1, 8).hashes).toEqual([first, a, half]);
    expect(consistency(tree, 6, 8).hashes).toEqual([six, c, CT_ROOTS[4]]);
    expect(consistency(tree, 2, 5).hashes).toEqual([a, b]);
  });

  test('a leaf cannot be passed off as a node', () => {
    const [left, right] = [leafHash(Buffer.from('a')), leafHash(Buffer.from('b'))];
    expect(hex(leafHash(Buffer.concat([left, right])))).not.toBe(hex(nodeHash(left, right)));
  });
});

describe('proofs', () => {
  test('every leaf of every tree up to 33 leaves is proven, and only at its own index', () => {
    const leaves = data(33);
    const tree = treeOf(leaves);
    for (let size = 1; size <= 33; size += 1)
      for (let index = 0; index < size; index += 1) {
        const proof = inclusion(tree, index, size);
        const root = hex(tree.root(size));
        const leaf = leafHash(leaves[index]!);
        expect(verifyInclusion(proof, leaf, root)).toBe(true);
        expect(verifyInclusion({ ...proof, index: (index + 1) % size }, leaf, root)).toBe(size === 1);
        expect(verifyInclusion(proof, leafHash(Buffer.from('other')), root)).toBe(false);
      }
  });

  test('every pair of sizes up to 33 is consistent, and no forged old root is', () => {
    const tree = treeOf(data(33));
    const fork = treeOf([...data(33).slice(0, 1), Buffer.from('forged'), ...data(33).slice(2)]);
    for (let newSize = 0; newSize <= 33; newSize += 1)
      for (let oldSize = 0; oldSize <= newSize; oldSize += 1) {
        const proof = consistency(tree, oldSize, newSize);
        const [before, after] = [hex(tree.root(oldSize)), hex(tree.root(newSize))];
        expect(verifyConsistency(proof, before, after)).toBe(true);
        if (oldSize < 2) continue;
        const forged = hex(fork.root(oldSize));
        expect(verifyConsistency(proof, forged, after)).toBe(false);
        expect(verifyConsistency(consistency(fork, oldSize, newSize), before, hex(fork.root(newSize)))).toBe(false);
      }
  });

  const sizes = fc.integer({ min: 1, max: 3000 });
  const large = treeOf(data(3000));

  test('property: proofs of random sizes hold, and no changed proof does', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (size, a, b, c, flip) => {
        const index = a % size;
        const leaf = large.nodeAt(0, index);
        const root = hex(large.root(size));
        const proof = inclusion(large, index, size);
        expect(verifyInclusion(proof, leaf, root)).toBe(true);
        const oldSize = 1 + (b % size);
        const grown = consistency(large, oldSize, size);
        expect(verifyConsistency(grown, hex(large.root(oldSize)), root)).toBe(true);
        for (const hashes of changes(proof.hashes, c, flip))
          expect(verifyInclusion({ ...proof, hashes }, leaf, root)).toBe(false);
        for (const hashes of changes(grown.hashes, c, flip))
          expect(verifyConsistency({ ...grown, hashes }, hex(large.root(oldSize)), root)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  /** One byte changed, one hash left out, one hash too many. */
  function changes(hashes: readonly Sha256[], at: number, flip: number): Sha256[][] {
    const extra = [...hashes, hex(large.nodeAt(0, 0))];
    const one = hashes[at % Math.max(hashes.length, 1)];
    if (one === undefined) return [extra];
    const bytes = Buffer.from(one, 'hex');
    bytes[at % 32] = (bytes[at % 32] ?? 0) ^ flip;
    const changed = hashes.map((hash) => (hash === one ? hex(bytes) : hash));
    return [extra, changed, hashes.slice(0, -1), hashes.slice(1)];
  }

  test('property: whatever a prover sends, the verifiers answer and do not throw', () => {
    const anything = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(2 ** 53, 2 ** 60, -0));
    const hashes = fc.array(fc.oneof(fc.string(), fc.constant(hex(large.root()))), { maxLength: 70 });
    fc.assert(
      fc.property(anything, anything, hashes, (a, b, path) => {
        const root = hex(large.root());
        const sent = path as Sha256[];
        expect(verifyInclusion({ index: a, size: b, hashes: sent }, large.nodeAt(0, 0), root)).toBe(false);
        const grown = verifyConsistency({ oldSize: a, newSize: b, hashes: sent }, hex(large.root(5)), root);
        expect(grown).toBe(false);
      }),
    );
  });
});
