// Proofs and entries of a log of any length, from the tiles on disk. Those who can write there control them: a proof is
// verified against the root in memory before it is handed out, and entries are proven by their bundle's hash, so that
// nothing is served that would fail later. Memory is bounded: the right edge, and the tiles that were used last.
import { messageOf, type Disk, type Sha256 } from '@vallum/core';
import { HASH_BYTES, leafHash, nodeHash } from '../merkle/hash.js';
import { consistencyHashes, inclusionHashes, rangeHash, type NodeAt } from '../merkle/proofs.js';
import { MerkleTree } from '../merkle/tree.js';
import { verifyConsistency, verifyInclusion, type ConsistencyProof, type InclusionProof } from '../merkle/verify.js';
import { decodeBundle } from '../tiles/bundle.js';
import { countAt, TILE_HEIGHT, TILE_WIDTH, tilePath, type Tile } from '../tiles/layout.js';
import { damaged } from './damage.js';
import type { LogEdge } from './edge.js';
import { hashInTile, readTile } from './tile-files.js';

/** Full tiles that are kept, with their inner nodes about 16 KiB each. */
const KEPT_TILES = 128;
const NO_HASH = new Uint8Array(HASH_BYTES);

export class Prover {
  readonly #disk: Disk;
  readonly #dir: string;
  /** The least recently used first. */
  readonly #kept = new Map<string, MerkleTree>();
  #partial: { readonly edge: LogEdge; readonly trees: readonly MerkleTree[] } | undefined;

  constructor(disk: Disk, dir: string) {
    this.#disk = disk;
    this.#dir = dir;
  }

  /** @throws RangeError for an index that is not in the log; VallumError `LEDGER_DAMAGED` */
  async inclusion(edge: LogEdge, index: number): Promise<InclusionProof> {
    const { size, root } = edge;
    if (!Number.isSafeInteger(index) || index < 0 || index >= size)
      throw new RangeError(`no entry ${index} of ${size}`);
    const [leaf, ...path] = await this.#hashes(edge, (nodeAt) => [
      nodeAt(0, index),
      ...inclusionHashes(nodeAt, index, size),
    ]);
    const proof = { index, size, hashes: path.map(hex) };
    if (leaf === undefined || !verifyInclusion(proof, leaf, root)) throw this.#untrue(`entry ${index}`);
    return proof;
  }

  /** @throws RangeError for a size the log never had; VallumError `LEDGER_DAMAGED` */
  async consistency(edge: LogEdge, oldSize: number): Promise<ConsistencyProof> {
    const { size, root } = edge;
    if (!Number.isSafeInteger(oldSize) || oldSize < 0 || oldSize > size)
      throw new RangeError(`this log never had ${oldSize} entries, it has ${size}`);
    if (oldSize === 0) return { oldSize, newSize: size, hashes: [] };
    const [before, ...path] = await this.#hashes(edge, (nodeAt) => [
      Buffer.from(rangeHash(nodeAt, 0, oldSize)),
      ...consistencyHashes(nodeAt, oldSize, size),
    ]);
    const proof = { oldSize, newSize: size, hashes: path.map(hex) };
    if (before === undefined || !verifyConsistency(proof, hex(before), root))
      throw this.#untrue(`the first ${oldSize} entries`);
    return proof;
  }

  /** The entries of one bundle, proven. */
  async bundle(edge: LogEdge, index: number): Promise<readonly Uint8Array[]> {
    const first = index * TILE_WIDTH;
    if (first + TILE_WIDTH > edge.size) return edge.entries;
    const tile: Tile = { level: 'entries', index, width: TILE_WIDTH };
    const { entries, rest } = decodeBundle(await this.#read(tile));
    const tree = new MerkleTree();
    for (const entry of entries) tree.push(leafHash(entry));
    // The proof of its first entry passes through the root of the bundle's subtree, so that one proof covers all of it.
    const { hashes } = await this.inclusion(edge, first);
    const passed = hashes
      .slice(0, TILE_HEIGHT)
      .reduce<Uint8Array>((hash, sibling) => nodeHash(hash, Buffer.from(sibling, 'hex')), tree.nodeAt(0, 0));
    if (entries.length !== TILE_WIDTH || rest !== 0 || Buffer.compare(passed, tree.nodeAt(TILE_HEIGHT, 0)) !== 0)
      throw damaged(`${tilePath(tile)} does not hold the entries that were hashed`);
    return entries;
  }

  #untrue(what: string): Error {
    this.#kept.clear();
    return damaged(`the tiles do not prove ${what}`);
  }

  /** Runs `work` twice: once to learn which tiles it looks at, and again with them. */
  async #hashes(edge: LogEdge, work: (nodeAt: NodeAt) => readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    const trees = new Map<string, MerkleTree>();
    const wanted = new Map<string, Tile>();
    work((level, index) => {
      const tile = tileOf(level, index);
      wanted.set(tilePath(tile), tile);
      return NO_HASH;
    });
    for (const [path, tile] of wanted) trees.set(path, await this.#tree(edge, path, tile));
    return work((level, index) => {
      const tile = tileOf(level, index);
      const height = level % TILE_HEIGHT;
      return trees.get(tilePath(tile))?.nodeAt(height, index % (TILE_WIDTH >> height)) ?? NO_HASH;
    });
  }

  async #tree(edge: LogEdge, path: string, tile: Tile): Promise<MerkleTree> {
    if (typeof tile.level === 'number' && tile.index * TILE_WIDTH + TILE_WIDTH > countAt(tile.level, edge.size)) {
      if (this.#partial?.edge !== edge) this.#partial = { edge, trees: edge.rows.map(treeOf) };
      return this.#partial.trees[tile.level] ?? new MerkleTree();
    }
    const kept = this.#kept.get(path) ?? treeOf(await this.#read(tile));
    if (kept.size !== TILE_WIDTH) throw damaged(`${path} does not have ${TILE_WIDTH} hashes`);
    this.#kept.delete(path);
    this.#kept.set(path, kept);
    for (const oldest of this.#kept.keys()) if (this.#kept.size > KEPT_TILES) this.#kept.delete(oldest);
    return kept;
  }

  async #read(tile: Tile): Promise<Uint8Array> {
    try {
      return await readTile(this.#disk, this.#dir, tile);
    } catch (error) {
      throw damaged(messageOf(error), error);
    }
  }
}

/** The full tile in which a node of the tree lies or from which it is computed. */
function tileOf(level: number, index: number): Tile {
  const height = level % TILE_HEIGHT;
  return {
    level: (level - height) / TILE_HEIGHT,
    index: Math.floor(index / (TILE_WIDTH >> height)),
    width: TILE_WIDTH,
  };
}

function treeOf(row: Uint8Array): MerkleTree {
  const tree = new MerkleTree();
  for (let at = 0; (at + 1) * HASH_BYTES <= row.length; at += 1) tree.push(hashInTile(row, at));
  return tree;
}

function hex(hash: Uint8Array): Sha256 {
  return Buffer.from(hash).toString('hex') as Sha256;
}
