// Anchors: copies of checkpoints in another place, such as a mounted bucket that forgets nothing, a git repository or a
// disk of somebody else. Each is a file of its own that is never written again; before a new one is added, the log is
// compared with all that are there, so a rewritten log is found by whoever anchors next.
import { sha256, VallumError, writeDurably, type Disk, type Sha256 } from '@vallum/core';
import { verifyConsistency, type ConsistencyProof } from '../merkle/verify.js';
import { DurableFiles } from '../store/durable.js';
import { readCheckpoint, type ReadCheckpoint } from '../note/checkpoint.js';

/** What comparing needs of a ledger. */
export interface ComparedLog {
  readonly origin: string;
  readonly size: number;
  readonly root: Sha256;
  consistency(oldSize: number): ConsistencyProof;
}

export type Comparison = 'same history' | 'another history' | 'ahead of this log' | 'another log';

const SUFFIX = '.checkpoint';
const NOTE_LIMIT = 64 * 1024;
const MOST_ANCHORS = 100_000;

/** Does the log here go on from an older checkpoint? Whether that one is signed is the caller's question. */
export function compareWith(log: ComparedLog, older: Pick<ReadCheckpoint, 'origin' | 'size' | 'root'>): Comparison {
  if (older.origin !== log.origin) return 'another log';
  if (older.size > log.size) return 'ahead of this log';
  const goesOn = verifyConsistency(log.consistency(older.size), older.root, log.root);
  return goesOn ? 'same history' : 'another history';
}

export interface Anchor {
  readonly path: string;
  readonly checkpoint?: ReadCheckpoint;
  /** Why the file is no anchor of this log. */
  readonly problem?: string;
}

/** All anchors of one log in a folder, by name. @param isSigned by a key of the log */
export async function readAnchors(
  disk: Disk,
  folder: string,
  origin: string,
  isSigned: (checkpoint: ReadCheckpoint) => boolean,
): Promise<readonly Anchor[]> {
  const dir = `${folder}/${folderOf(origin)}`;
  if ((await disk.stat(dir)) === undefined) return [];
  const names = (await disk.list(dir)).filter((name) => name.endsWith(SUFFIX));
  if (names.length > MOST_ANCHORS)
    throw new VallumError('ANCHOR_COUNT', `${dir} holds more than ${MOST_ANCHORS} anchors`);
  const anchors: Anchor[] = [];
  for (const name of names) anchors.push(await readAnchor(disk, `${dir}/${name}`, origin, isSigned));
  return anchors;
}

async function readAnchor(
  disk: Disk,
  path: string,
  origin: string,
  isSigned: (checkpoint: ReadCheckpoint) => boolean,
): Promise<Anchor> {
  try {
    const checkpoint = readCheckpoint(Buffer.from(await disk.read(path, NOTE_LIMIT)).toString('utf8'));
    if (checkpoint.origin !== origin) return { path, problem: `it is of the log ${checkpoint.origin}` };
    return isSigned(checkpoint) ? { path, checkpoint } : { path, problem: 'no known key of the log signed it' };
  } catch (error) {
    if (error instanceof VallumError) return { path, problem: error.message };
    throw error;
  }
}

/** Adds a checkpoint; one of the same size stays as it is. @returns the path, or undefined where it was there already */
export async function addAnchor(disk: Disk, folder: string, note: string): Promise<string | undefined> {
  const { origin, size } = readCheckpoint(note);
  const dir = `${folder}/${folderOf(origin)}`;
  await new DurableFiles(disk).makeDirectories([dir]);
  const path = `${dir}/${String(size).padStart(16, '0')}${SUFFIX}`;
  if ((await disk.stat(path)) !== undefined) return undefined;
  await writeDurably(disk, path, Buffer.from(note));
  return path;
}

function folderOf(origin: string): string {
  return `${origin.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 60)}-${sha256(Buffer.from(origin)).slice(0, 8)}`;
}
