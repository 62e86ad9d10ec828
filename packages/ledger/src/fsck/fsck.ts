// Checks a statement ledger: the log by itself, and then for each entry that is as it was hashed the envelope with the id
// and signature that were entered, in its own file or in a pack.
import { messageOf, type Disk, type Sha256 } from '@vallum/core';
import { readEntry, type LedgerEntry } from '../entry.js';
import { hashInTile, readTile } from '../log/tile-files.js';
import { leafHash } from '../merkle/hash.js';
import { readEntered } from '../read-statements.js';
import { StatementStore } from '../store/content-store.js';
import { inParallel } from '../store/parallel.js';
import { decodeBundle } from '../tiles/bundle.js';
import { bundlesOf, TILE_WIDTH, type Tile } from '../tiles/layout.js';
import type { Truth } from './differences.js';
import { examine, type FsckReport, type LogFsckOptions } from './fsck-log.js';
import { MOST_PROBLEMS, type Problem } from './survey.js';

/** Copies that are broken, and packs that are none, which are named one by one. */
const MOST_NOTES = 1000;

export interface FsckOptions extends LogFsckOptions {
  readonly statementsDir: string;
}

export async function fsck(options: FsckOptions): Promise<FsckReport> {
  const { report, truth } = await examine(options);
  const statements = new StatementStore(options.disk, options.statementsDir);
  const { found, broken } = await checkStatements(options, report.size, truth, statements);
  const problems = [...report.problems, ...found];
  const torn = (await statements.torn()).map(({ path }) => path);
  const notes = [...report.notes, ...shortened(broken), ...shortened(torn)];
  return { ...report, ok: problems.length === 0, problems, notes };
}

function shortened(notes: readonly string[]): readonly string[] {
  const more = notes.length - MOST_NOTES;
  return more > 0 ? [...notes.slice(0, MOST_NOTES), `and ${more} more such files`] : notes;
}

/** Reads each entry that is as it was hashed, and its envelope, bundle by bundle. */
async function checkStatements(
  { disk, dir }: FsckOptions,
  size: number,
  truth: Truth,
  statements: StatementStore,
): Promise<{ readonly found: readonly Problem[]; readonly broken: readonly string[] }> {
  const seen = new Map<Sha256, number>();
  const problems: Problem[] = [];
  const broken: string[] = [];
  const noteBroken = (path: string, why: unknown): unknown =>
    broken.push(`${path}: ${messageOf(why)}; the statement is whole elsewhere`);
  async function check(bytes: Uint8Array, index: number): Promise<Problem | undefined> {
    let entry: LedgerEntry;
    try {
      entry = readEntry(bytes);
    } catch (error) {
      return { entry: index, what: `entry ${index}: ${messageOf(error)}` };
    }
    const before = seen.get(entry.statement);
    if (before !== undefined)
      return { entry: index, what: `entry ${index} enters the statement of entry ${before} again` };
    seen.set(entry.statement, index);
    const envelope = await readEntered(statements, entry, index, noteBroken);
    return 'problem' in envelope ? { entry: index, what: envelope.problem } : undefined;
  }
  for (const bundle of bundlesOf(size)) {
    const entries = await asHashed(disk, dir, bundle, truth);
    const found = await inParallel([...entries.entries()], async ([at, bytes]) =>
      bytes === undefined ? undefined : check(bytes, bundle.index * TILE_WIDTH + at),
    );
    for (const problem of found) if (problem !== undefined && problems.length < MOST_PROBLEMS) problems.push(problem);
  }
  return { found: problems, broken };
}

/** The entries of a bundle; undefined in place of one that the survey has found to be changed. */
async function asHashed(
  disk: Disk,
  dir: string,
  bundle: Tile,
  truth: Truth,
): Promise<readonly (Uint8Array | undefined)[]> {
  try {
    const { entries } = decodeBundle(await readTile(disk, dir, bundle));
    const own = entries.slice(0, bundle.width);
    if (truth === 'entries') return own;
    const hashes = await readTile(disk, dir, { ...bundle, level: 0 });
    return own.map((entry, at) => (Buffer.compare(leafHash(entry), hashInTile(hashes, at)) === 0 ? entry : undefined));
  } catch {
    return [];
  }
}
