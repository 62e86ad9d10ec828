// Rebuilds a ledger from its entries and compares everything with it: every tile, the checkpoint with its signature, and
// for each entry the envelope with the id and signature that were entered. It repairs nothing and trusts one public key.
// What it cannot see: a whole log rewritten by the holder of that key; only an older checkpoint held elsewhere shows that.
import { messageOf, type Disk, type Sha256 } from '@vallum/core';
import type { PublicKeyRecord } from '@vallum/trust';
import { readEntry, type LedgerEntry } from '../entry.js';
import { readCheckpointFile } from '../log/read-log.js';
import { listTiles } from '../log/tile-files.js';
import { EMPTY_ROOT } from '../merkle/hash.js';
import { isCheckpointSignedBy, readCheckpoint, type ReadCheckpoint } from '../note/checkpoint.js';
import { readEntered } from '../read-statements.js';
import { StatementStore } from '../store/content-store.js';
import { inParallel } from '../store/parallel.js';
import { belongsTo } from '../tiles/layout.js';
import { compareTiles, compareWitnesses, differs, treeOf, type Truth } from './differences.js';
import { mostEntries, surveyLog, type Problem, type Witness } from './survey.js';

export interface FsckOptions {
  readonly disk: Disk;
  readonly dir: string;
  readonly statementsDir: string;
  /** The key that signs the checkpoints of this ledger. */
  readonly publicKey: PublicKeyRecord;
}

export interface FsckReport {
  readonly ok: boolean;
  /** Of the checkpoint; empty when it cannot be read. */
  readonly origin: string;
  /** Entries that were examined. */
  readonly size: number;
  readonly root: Sha256;
  readonly problems: readonly Problem[];
  /** Files that are no part of the log, such as what a crash left behind; no problem, and removed by the next writer. */
  readonly notes: readonly string[];
}

export async function fsck({ disk, dir, statementsDir, publicKey }: FsckOptions): Promise<FsckReport> {
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

  const { witnesses } = survey;
  const ofEntries = treeOf(witnesses.map(({ leaf }) => leaf));
  const ofTiles = treeOf(witnesses.map(({ witnessed }) => witnessed));
  const root = checkpoint.read?.root;
  const isTrue = (tree: typeof ofTiles): boolean => tree?.root(size).toString('hex') === root;
  const truth: Truth = isTrue(ofEntries) ? 'entries' : isTrue(ofTiles) ? 'tiles' : 'neither';
  if (truth === 'neither' && root !== undefined)
    problems.push({ what: 'the root hash of the checkpoint is that of neither the entries nor the tiles' });
  problems.push(...compareWitnesses(witnesses, truth));
  const tree = truth === 'tiles' ? ofTiles : (ofEntries ?? ofTiles);
  if (tree !== undefined) problems.push(...(await compareTiles(disk, dir, tree)));
  problems.push(...(await checkStatements(witnesses, truth, new StatementStore(disk, statementsDir))));

  const computed = (tree?.root() ?? EMPTY_ROOT).toString('hex') as Sha256;
  const notes = files.filter(({ tile }) => tile === undefined || !belongsTo(tile, size)).map(({ path }) => path);
  return {
    ok: problems.length === 0,
    origin: checkpoint.read?.origin ?? '',
    size,
    root: root ?? computed,
    problems,
    notes,
  };
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

/** Reads each entry that is as it was hashed, and its envelope. */
async function checkStatements(
  witnesses: readonly Witness[],
  truth: Truth,
  statements: StatementStore,
): Promise<readonly Problem[]> {
  const seen = new Map<Sha256, number>();
  const found = await inParallel([...witnesses.entries()], async ([index, witness]): Promise<Problem | undefined> => {
    if (witness.entry === undefined || (truth !== 'entries' && differs(witness))) return undefined;
    let entry: LedgerEntry;
    try {
      entry = readEntry(witness.entry);
    } catch (error) {
      return { entry: index, what: `entry ${index}: ${messageOf(error)}` };
    }
    const before = seen.get(entry.statement);
    if (before !== undefined)
      return { entry: index, what: `entry ${index} enters the statement of entry ${before} again` };
    seen.set(entry.statement, index);
    const envelope = await readEntered(statements, entry, index);
    return 'problem' in envelope ? { entry: index, what: envelope.problem } : undefined;
  });
  return found.filter((problem) => problem !== undefined);
}
