// Which entry was changed, and where: compares the two witnesses of every entry, and the upper tiles with the tree.
import { messageOf, type Disk } from '@vallum/core';
import { hashInTile } from '../log/log.js';
import { readTile } from '../log/tile-files.js';
import { MerkleTree } from '../merkle/tree.js';
import { bundlesOf, hashTilesOf, TILE_WIDTH, tilePath, type Tile } from '../tiles/layout.js';
import type { Problem, Witness } from './survey.js';

/** Which witness gives the root that the checkpoint vouches for. */
export type Truth = 'entries' | 'tiles' | 'neither';

/** The tree of these leaves; undefined when one is missing. */
export function treeOf(leaves: readonly (Uint8Array | undefined)[]): MerkleTree | undefined {
  const tree = new MerkleTree();
  for (const leaf of leaves) {
    if (leaf === undefined) return undefined;
    tree.push(leaf);
  }
  return tree;
}

export function differs({ leaf, witnessed }: Witness): boolean {
  return leaf === undefined || witnessed === undefined || Buffer.compare(leaf, witnessed) !== 0;
}

export function compareWitnesses(witnesses: readonly Witness[], truth: Truth): Problem[] {
  const problems: Problem[] = [];
  for (const bundle of bundlesOf(witnesses.length)) {
    const first = bundle.index * TILE_WIDTH;
    const wrong: number[] = [];
    for (let entry = first; entry < first + bundle.width; entry += 1) {
      const witness = witnesses[entry];
      if (witness !== undefined && differs(witness)) wrong.push(entry);
    }
    // A changed length shifts everything behind it: that is one change, at the first entry that is wrong to the end.
    let end = wrong.length;
    let expected = first + bundle.width - 1;
    while (end > 0 && wrong[end - 1] === expected) [end, expected] = [end - 1, expected - 1];
    for (const [at, entry] of wrong.entries()) {
      if (at > end) break;
      const rest = at === end && wrong.length - end > 1 ? ', or its length, and what follows it,' : '';
      problems.push({ entry, what: describe(entry, rest, bundle, truth) });
    }
  }
  return problems;
}

function describe(entry: number, rest: string, bundle: Tile, truth: Truth): string {
  const [entries, hashes] = [tilePath(bundle), tilePath({ ...bundle, level: 0 })];
  switch (truth) {
    case 'tiles':
      return `entry ${entry}${rest} was changed in ${entries}`;
    case 'entries':
      return `the hash of entry ${entry}${rest} was changed in ${hashes}`;
    case 'neither':
      return `entry ${entry}${rest} in ${entries} does not have the hash in ${hashes}`;
  }
}

/** Compares every tile of hashes with the tree; level 0 was compared with the entries, so only its length is looked at. */
export async function compareTiles(disk: Disk, dir: string, tree: MerkleTree): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const tile of hashTilesOf(tree.size)) {
    const { level, index, width } = tile;
    if (typeof level !== 'number') continue;
    try {
      const stored = await readTile(disk, dir, tile);
      const computed = tree.hashes(8 * level, index * TILE_WIDTH, index * TILE_WIDTH + width);
      if (stored.length !== computed.length) problems.push({ what: `${tilePath(tile)} does not have ${width} hashes` });
      for (let at = 0; at < width && level > 0; at += 1) {
        if (Buffer.compare(hashInTile(stored, at), hashInTile(computed, at)) === 0) continue;
        const span = TILE_WIDTH ** level;
        const entry = (index * TILE_WIDTH + at) * span;
        problems.push({
          entry,
          what: `the hash of entries ${entry} to ${entry + span - 1} was changed in ${tilePath(tile)}`,
        });
      }
    } catch (error) {
      if (level > 0) problems.push({ what: messageOf(error) });
    }
  }
  return problems;
}
