// One pass over a log's folder, believing none of it: the entries as the bundles frame them, and their hashes as the tiles
// of level 0 hold them. Two witnesses of one log; which of them was changed is known once their roots are. Memory: one
// bundle, one tile, and of each tree only the roots of its full tiles (1/8 byte an entry); what differs is counted to a bound.
import { messageOf, type Disk, type Sha256 } from '@vallum/core';
import { readTile, type TileFile } from '../log/tile-files.js';
import { HASH_BYTES, leafHash } from '../merkle/hash.js';
import { RightEdge } from '../merkle/right-edge.js';
import { decodeBundle } from '../tiles/bundle.js';
import { bundlesOf, TILE_HEIGHT, TILE_WIDTH, tilePath, type Tile } from '../tiles/layout.js';

export interface Problem {
  /** Index of the entry that is concerned, where one is. */
  readonly entry?: number;
  readonly what: string;
}

/** Where the two witnesses of an entry differ. */
export interface Difference {
  readonly entry: number;
  /** What follows it in its bundle differs too, to the end: a changed length shifts everything behind it. */
  readonly andRest: boolean;
  readonly bundle: Tile;
}

/** Problems that are listed one by one; a log that is damaged all over is described by its beginning. */
export const MOST_PROBLEMS = 10_000;

/** A tree of which the roots of full tiles are kept. */
export class SurveyedTree {
  readonly #tree: RightEdge;
  readonly #rows: Uint8Array[][];
  #whole: boolean;

  constructor(from?: SurveyedTree) {
    this.#tree = new RightEdge(from === undefined ? undefined : from.#tree);
    this.#rows = from === undefined ? [] : from.#rows.map((row) => [...row]);
    this.#whole = from === undefined || from.#whole;
  }

  /** One bundle's leaf hashes. Fewer than there should be, and the tree is not known from here on. */
  push(leaves: Uint8Array, width: number): void {
    if (leaves.length < width * HASH_BYTES) this.#whole = false;
    if (!this.#whole) return;
    for (let at = 0; at < width * HASH_BYTES; at += HASH_BYTES)
      this.#tree.push(leaves.subarray(at, at + HASH_BYTES), (level, hash) => {
        if (level > 0 && level % TILE_HEIGHT === 0) (this.#rows[level / TILE_HEIGHT] ??= []).push(hash);
      });
  }

  /** Hex; undefined when leaves are missing. */
  root(): Sha256 | undefined {
    return this.#whole ? (this.#tree.root().toString('hex') as Sha256) : undefined;
  }

  /** The bytes of a tile above level 0. */
  tileBytes({ level, index, width }: Tile): Uint8Array {
    const from = index * TILE_WIDTH;
    return Buffer.concat((this.#rows[Number(level)] ?? []).slice(from, from + width));
  }
}

export interface Survey {
  readonly ofEntries: SurveyedTree;
  readonly ofTiles: SurveyedTree;
  readonly problems: readonly Problem[];
  readonly differences: readonly Difference[];
}

/** Entries that files exist for: a checkpoint can claim any size. */
export function mostEntries(files: readonly TileFile[]): number {
  let most = 0;
  for (const { tile } of files)
    if (tile?.level === 'entries' || tile?.level === 0) most = Math.max(most, tile.index * TILE_WIDTH + tile.width);
  return most;
}

export async function surveyLog(disk: Disk, dir: string, size: number): Promise<Survey> {
  const problems: Problem[] = [];
  const differences: Difference[] = [];
  const ofEntries = new SurveyedTree();
  let ofTiles: SurveyedTree | undefined;
  for (const bundle of bundlesOf(size)) {
    const tile = { ...bundle, level: 0 };
    const [bytes, stored] = await Promise.all([readOr(disk, dir, bundle, problems), readOr(disk, dir, tile, problems)]);
    const { entries, rest } = decodeBundle(bytes ?? new Uint8Array());
    const { width } = bundle;
    const first = bundle.index * TILE_WIDTH;
    if (entries.length > width || (entries.length === width && rest > 0))
      problems.push({ entry: first + width - 1, what: `${tilePath(bundle)} holds bytes behind its last entry` });
    if (stored !== undefined && stored.length !== width * HASH_BYTES)
      problems.push({ what: `${tilePath(tile)} does not have ${width} hashes` });
    const leaves = Buffer.concat(entries.slice(0, width).map((entry) => leafHash(entry)));
    const witnessed = (stored ?? new Uint8Array()).subarray(0, width * HASH_BYTES);
    const agree = Buffer.compare(leaves, witnessed) === 0 && leaves.length === width * HASH_BYTES;
    // While both agree they are one tree, which is most often to the end.
    if (!agree) ofTiles ??= new SurveyedTree(ofEntries);
    ofEntries.push(leaves, width);
    ofTiles?.push(witnessed, width);
    if (!agree && differences.length < MOST_PROBLEMS)
      differences.push(...compare(leaves, witnessed, bundle).map((one) => ({ ...one, entry: first + one.entry })));
  }
  return { ofEntries, ofTiles: ofTiles ?? ofEntries, problems, differences };
}

/** Entries are numbered within the bundle. */
function compare(leaves: Uint8Array, witnessed: Uint8Array, bundle: Tile): Difference[] {
  const wrong: number[] = [];
  for (let at = 0; at < bundle.width; at += 1) {
    const [from, to] = [at * HASH_BYTES, (at + 1) * HASH_BYTES];
    const isThere = to <= leaves.length && to <= witnessed.length;
    if (!isThere || Buffer.compare(leaves.subarray(from, to), witnessed.subarray(from, to)) !== 0) wrong.push(at);
  }
  let end = wrong.length;
  for (let last = bundle.width - 1; end > 0 && wrong[end - 1] === last; last -= 1) end -= 1;
  const listed = wrong.slice(0, end).map((entry): Difference => ({ entry, andRest: false, bundle }));
  const [from] = wrong.slice(end);
  return from === undefined ? listed : [...listed, { entry: from, andRest: wrong.length - end > 1, bundle }];
}

async function readOr(disk: Disk, dir: string, tile: Tile, problems: Problem[]): Promise<Uint8Array | undefined> {
  try {
    return await readTile(disk, dir, tile);
  } catch (error) {
    if (problems.length < MOST_PROBLEMS) problems.push({ entry: tile.index * TILE_WIDTH, what: messageOf(error) });
    return undefined;
  }
}
