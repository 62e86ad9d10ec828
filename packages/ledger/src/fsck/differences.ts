// Which entry was changed, and where: names what the survey found, and compares the upper tiles with the tree.
import { messageOf, type Disk } from '@vallum/core';
import { hashInTile, readTile } from '../log/tile-files.js';
import { hashTilesOf, TILE_WIDTH, tilePath } from '../tiles/layout.js';
import { MOST_PROBLEMS, type Difference, type Problem, type SurveyedTree } from './survey.js';

/** Which witness gives the root that the checkpoint vouches for. */
export type Truth = 'entries' | 'tiles' | 'neither';

export function nameDifferences(differences: readonly Difference[], truth: Truth): Problem[] {
  return differences.map((difference) => ({ entry: difference.entry, what: describe(difference, truth) }));
}

function describe({ entry, andRest, bundle }: Difference, truth: Truth): string {
  const [entries, hashes] = [tilePath(bundle), tilePath({ ...bundle, level: 0 })];
  const rest = andRest ? ', or its length, and what follows it,' : '';
  switch (truth) {
    case 'tiles':
      return `entry ${entry}${rest} was changed in ${entries}`;
    case 'entries':
      return `the hash of entry ${entry}${rest} was changed in ${hashes}`;
    case 'neither':
      return `entry ${entry}${rest} in ${entries} does not have the hash in ${hashes}`;
  }
}

/** Compares every tile above level 0 with the tree; level 0 was compared with the entries. */
export async function compareTiles(disk: Disk, dir: string, tree: SurveyedTree, size: number): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const tile of hashTilesOf(size)) {
    const { level, index, width } = tile;
    if (typeof level !== 'number' || level === 0) continue;
    if (problems.length >= MOST_PROBLEMS) break;
    try {
      const stored = await readTile(disk, dir, tile);
      const computed = tree.tileBytes(tile);
      if (stored.length !== computed.length) problems.push({ what: `${tilePath(tile)} does not have ${width} hashes` });
      if (Buffer.compare(stored, computed) === 0) continue;
      for (let at = 0; at < width; at += 1) {
        if (Buffer.compare(hashInTile(stored, at), hashInTile(computed, at)) === 0) continue;
        const span = TILE_WIDTH ** level;
        const entry = (index * TILE_WIDTH + at) * span;
        const what = `the hash of entries ${entry} to ${entry + span - 1} was changed in ${tilePath(tile)}`;
        problems.push({ entry, what });
      }
    } catch (error) {
      problems.push({ what: messageOf(error) });
    }
  }
  return problems;
}
