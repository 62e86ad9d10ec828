// The farthest state of each ledger that this person has seen, kept beside the pins. Somebody who can write to the project
// can put an older, rightly signed `.vallum` back, and with it everything that was not revoked then; only a memory outside
// the project shows it. A machine that never saw the ledger has no such memory.
import type { Disk, JsonValue, Sha256 } from '@vallum/core';
import { asSha256, canonicalJson, isJsonObject, parseJsonStrict, VallumError, writeDurably } from '@vallum/core';
import type { Ledger } from '@vallum/ledger';
import { verifyConsistency } from '@vallum/ledger';
import type { Session } from './session.js';

interface Seen {
  /** Real path of the project. */
  readonly path: string;
  readonly origin: string;
  readonly size: number;
  readonly root: Sha256;
}

const SCHEMA = 'vallum/seen/v1';
const MAX_BYTES = 4 * 1024 * 1024;

const fileOf = (folder: string): string => `${folder}/seen.json`;

/** @throws VallumError `LEDGER_ROLLED_BACK` (not proven) when the log does not go on from what was seen before */
export async function refuseRollback({ disk, keysFolder, paths, origin }: Session, ledger: Ledger): Promise<void> {
  const before = (await readSeen(disk, keysFolder)).find((one) => one.path === paths.root && one.origin === origin);
  if (before === undefined || before.size === 0) return;
  const goesOn =
    ledger.size >= before.size && verifyConsistency(ledger.consistency(before.size), before.root, ledger.root);
  if (goesOn) return;
  throw new VallumError(
    'LEDGER_ROLLED_BACK',
    `the ledger ${origin} has ${ledger.size} entries and is not the one that had ${before.size}: it was rolled back or forked`,
    { fix: `restore .vallum; if it is meant to be another ledger, remove its entry from ${fileOf(keysFolder)}` },
    'unproven',
  );
}

/** Where the folder cannot be written to, nothing is remembered: that makes no verdict wrong. */
export async function remember({ disk, keysFolder, paths, origin }: Session, ledger: Ledger): Promise<void> {
  const all = await readSeen(disk, keysFolder);
  const { size, root } = ledger;
  const isThis = (one: Seen): boolean => one.path === paths.root && one.origin === origin;
  if (all.some((one) => isThis(one) && one.size >= size) || size === 0) return;
  const ledgers = [...all.filter((one) => !isThis(one)), { path: paths.root, origin, size, root }];
  const bytes = Buffer.from(`${canonicalJson({ schema: SCHEMA, ledgers: ledgers.map((one) => ({ ...one })) })}\n`);
  try {
    await disk.makeDirectory(keysFolder, 0o700);
    await writeDurably(disk, fileOf(keysFolder), bytes, 0o600);
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
  }
}

/** @throws VallumError `SEEN_INVALID` (not proven) when the file is broken: what it said is lost */
async function readSeen(disk: Disk, folder: string): Promise<readonly Seen[]> {
  const path = fileOf(folder);
  if ((await disk.stat(path)) === undefined) return [];
  try {
    const json = parseJsonStrict(await disk.read(path, MAX_BYTES));
    if (!isJsonObject(json) || json['schema'] !== SCHEMA || !Array.isArray(json['ledgers'])) throw invalid(path);
    return (json['ledgers'] as readonly JsonValue[]).map((entry) => readOne(entry, path));
  } catch (error) {
    if (error instanceof VallumError && error.code === 'SEEN_INVALID') throw error;
    throw invalid(path, error);
  }
}

function readOne(entry: JsonValue, file: string): Seen {
  if (!isJsonObject(entry)) throw invalid(file);
  const { path, origin, size, root } = entry;
  if (typeof path !== 'string' || typeof origin !== 'string' || typeof size !== 'number' || typeof root !== 'string')
    throw invalid(file);
  return { path, origin, size, root: asSha256(root) };
}

function invalid(path: string, cause?: unknown): VallumError {
  return new VallumError(
    'SEEN_INVALID',
    `${path} cannot be read`,
    { fix: 'restore it, or remove it', cause },
    'unproven',
  );
}
