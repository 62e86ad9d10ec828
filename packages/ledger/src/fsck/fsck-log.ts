// Rebuilds a log from its entries and compares everything with it: every tile, and the checkpoint with its signature. It
// repairs nothing and trusts one public key. What it cannot see: a whole log rewritten by the holder of that key; only an
// older checkpoint held elsewhere, or a witness, shows that.
import { messageOf, type Disk, type Sha256 } from '@vallum/core';
import type { PublicKeyRecord } from '@vallum/trust';
import { readCheckpointFile } from '../log/committed.js';
import { listTiles } from '../log/tile-files.js';
import { EMPTY_ROOT } from '../merkle/hash.js';
import { isCheckpointSignedBy, readCheckpoint, type ReadCheckpoint } from '../note/checkpoint.js';
import { belongsTo } from '../tiles/layout.js';
import { compareTiles, nameDifferences, type Truth } from './differences.js';
import { mostEntries, surveyLog, type Problem } from './survey.js';

export interface LogFsckOptions {
  readonly disk: Disk;
  readonly dir: string;
  /** The key that signs the checkpoints of this log. */
  readonly publicKey: PublicKeyRecord;
}

export interface FsckReport {
  readonly ok: boolean;
  /** Of the checkpoint; empty when it cannot be read. */
  readonly origin: string;
  /** Entries that were examined. */
  readonly size: number;
  readonly root: Sha256;
  /** The first 10,000 of each kind. */
  readonly problems: readonly Problem[];
  /** Files that are no part of the log, such as what a crash left behind; no problem, and removed by the next writer. */
  readonly notes: readonly string[];
}

export async function fsckLog(options: LogFsckOptions): Promise<FsckReport> {
  return (await examine(options)).report;
}

/** @returns besides the report, which witness the checkpoint bears out */
export async function examine({
  disk,
  dir,
  publicKey,
}: LogFsckOptions): Promise<{ readonly report: FsckReport; readonly truth: Truth }> {
  const problems: Problem[] = [];
  const checkpoint = await vouchedCheckpoint(disk, dir, publicKey, problems);
  const files = await listTiles(disk, dir);
  const most = mostEntries(files);
  const size = Math.min(checkpoint.vouched?.size ?? most, most);
  if (checkpoint.vouched !== undefined && checkpoint.vouched.size > most)
    problems.push({
      entry: most,
      what: `the checkpoint speaks of ${checkpoint.vouched.size} entries, ${most} are there`,
    });
  const survey = await surveyLog(disk, dir, size);
  problems.push(...survey.problems);
  const { ofEntries, ofTiles } = survey;
  const root = checkpoint.read?.root;
  const known = { entries: ofEntries.root(), tiles: ofTiles.root() };
  const isTrue = (computed: Sha256 | undefined): boolean => computed !== undefined && computed === root;
  const truth: Truth = isTrue(known.entries) ? 'entries' : isTrue(known.tiles) ? 'tiles' : 'neither';
  if (truth === 'neither' && root !== undefined)
    problems.push({ what: 'the root hash of the checkpoint is that of neither the entries nor the tiles' });
  problems.push(...nameDifferences(survey.differences, truth));
  const tree = truth === 'tiles' || known.entries === undefined ? ofTiles : ofEntries;
  const computed = tree.root();
  if (computed !== undefined) problems.push(...(await compareTiles(disk, dir, tree, size)));
  const notes = files.filter(({ tile }) => tile === undefined || !belongsTo(tile, size)).map(({ path }) => path);
  const report: FsckReport = {
    ok: problems.length === 0,
    origin: checkpoint.read?.origin ?? '',
    size,
    root: root ?? computed ?? (EMPTY_ROOT.toString('hex') as Sha256),
    problems,
    notes,
  };
  return { report, truth };
}

async function vouchedCheckpoint(
  disk: Disk,
  dir: string,
  publicKey: PublicKeyRecord,
  problems: Problem[],
): Promise<{ readonly read?: ReadCheckpoint; readonly vouched?: ReadCheckpoint }> {
  try {
    const text = await readCheckpointFile(disk, dir);
    if (text === undefined) throw new Error('there is none');
    const read = readCheckpoint(text);
    if (isCheckpointSignedBy(read, publicKey)) return { read, vouched: read };
    problems.push({ what: 'the checkpoint is not signed by the key of this ledger' });
    return { read };
  } catch (error) {
    problems.push({ what: `the checkpoint cannot be used: ${messageOf(error)}` });
    return {};
  }
}
