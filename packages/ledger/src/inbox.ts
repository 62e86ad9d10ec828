// The inbox: where writers without the lock or without the ledger's key leave envelopes, one durable file each.
// Whoever can write into the folder controls names, kinds, sizes and contents; what is not a statement under its own
// name is set aside with a reason, so that it neither stops the others nor disappears.
import {
  assertRealFolders,
  canonicalJson,
  halfWritten,
  messageOf,
  parent,
  VallumError,
  writeDurably,
  type Disk,
  type Sha256,
} from '@vallum/core';
import { MAX_ENVELOPE_BYTES, readEnvelope, type Signed } from '@vallum/trust';
import { entryOf } from './entry.js';
import type { Envelope } from './store/content-store.js';
import { DurableFiles } from './store/durable.js';
import { inParallel } from './store/parallel.js';
import { createUnsynced, syncTogether, writeGroup } from './store/unsynced.js';

export interface SetAside {
  /** Name of the file in the inbox. */
  readonly name: string;
  readonly reason: string;
}

/** Leaves an envelope for the holder of the lock; durable when it returns. @throws VallumError for a broken envelope */
export async function submit(disk: Disk, inboxDir: string, envelope: Uint8Array): Promise<Sha256> {
  const signed = readEnvelope(envelope);
  entryOf(signed);
  await assertReal(disk, inboxDir);
  await new DurableFiles(disk).makeDirectories([inboxDir]);
  await writeDurably(disk, `${inboxDir}/${signed.id}.json`, envelope);
  return signed.id;
}

const ASIDE = 'aside';
const OF_STATEMENT = /^[0-9a-f]{64}\.json$/;

/** A submission that is under way, or was never acknowledged: not ours to judge. */
function isUnderWay(name: string): boolean {
  return OF_STATEMENT.test(halfWritten(name) ?? '');
}

/** A link in place of the inbox would have the files of another folder entered or moved. @throws VallumError `DISK_LINK` */
async function assertReal(disk: Disk, inboxDir: string): Promise<void> {
  const name = inboxDir.slice(inboxDir.lastIndexOf('/') + 1);
  await assertRealFolders(disk, parent(inboxDir), [`${name}/${ASIDE}`]);
}

export interface Listing {
  /** Those that may be statements first, oldest first as far as the file system knows, then all others. */
  readonly names: readonly string[];
  /** Files whose names are not valid UTF-8: they cannot even be named. */
  readonly nameless: number;
}

/** What waits in the inbox. @throws VallumError `DISK_LINK` */
export async function listInbox(disk: Disk, inboxDir: string): Promise<Listing> {
  await assertReal(disk, inboxDir);
  if ((await disk.stat(inboxDir)) === undefined) return { names: [], nameless: 0 };
  const listed = await (disk.listValid?.(inboxDir) ?? disk.list(inboxDir));
  const { names, invalid } = 'invalid' in listed ? listed : { names: listed, invalid: 0 };
  const waiting = names.filter((name) => name !== ASIDE && !isUnderWay(name));
  const valid = waiting.filter((name) => OF_STATEMENT.test(name));
  const dated = await inParallel(valid, async (name) => {
    const mtimeNs = (await disk.stat(`${inboxDir}/${name}`))?.mtimeNs ?? 0n;
    return { name, mtimeNs };
  });
  dated.sort((a, b) => (a.mtimeNs < b.mtimeNs ? -1 : a.mtimeNs > b.mtimeNs ? 1 : 0));
  const others = waiting.filter((name) => !OF_STATEMENT.test(name));
  return { names: [...dated.map(({ name }) => name), ...others], nameless: invalid };
}

/** An envelope, or why there is none in this file. */
export async function readInboxFile(
  disk: Disk,
  inboxDir: string,
  name: string,
): Promise<Envelope | { readonly reason: string }> {
  const path = `${inboxDir}/${name}`;
  try {
    if (!OF_STATEMENT.test(name)) return { reason: 'its name is not the id of a statement' };
    if ((await disk.stat(path))?.kind !== 'file') return { reason: 'it is not a regular file' };
    const bytes = await disk.read(path, MAX_ENVELOPE_BYTES);
    const signed: Signed = readEnvelope(bytes);
    if (`${signed.id}.json` !== name) return { reason: `it holds the statement ${signed.id}` };
    entryOf(signed);
    return { signed, bytes };
  } catch (error) {
    return { reason: messageOf(error) };
  }
}

/**
 * Moves files out of the way, each beside a note that says why; the notes are synced together.
 * @returns what to tell people; a file that cannot even be moved stays where it is, and they are told that too
 */
export async function setAside(
  disk: Disk,
  inboxDir: string,
  files: readonly SetAside[],
  nonce: () => string,
): Promise<readonly SetAside[]> {
  const folder = `${inboxDir}/${ASIDE}`;
  const moves = files.map((file) => ({ ...file, place: `${folder}/${nonce()}` }));
  try {
    await assertReal(disk, inboxDir);
    await new DurableFiles(disk).makeDirectories([folder]);
    await writeNotes(disk, folder, moves);
  } catch (error) {
    return files.map((file) => notMoved(file, error));
  }
  const told = await inParallel(moves, async ({ name, reason, place }) => {
    try {
      await disk.rename(`${inboxDir}/${name}`, place);
      return { name, reason };
    } catch (error) {
      await disk.remove(noteOf(place)).catch(() => undefined);
      return notMoved({ name, reason }, error);
    }
  });
  const failure = await disk.sync(folder).then(
    () => undefined,
    (error: unknown) => error,
  );
  return failure === undefined ? told : files.map((file) => notMoved(file, failure));
}

interface Move extends SetAside {
  readonly place: string;
}

const noteOf = (place: string): string => `${place}.json`;

function notMoved({ name, reason }: SetAside, error: unknown): SetAside {
  return { name, reason: `${reason}; it could not be set aside: ${messageOf(error)}` };
}

/** Durable when it returns; all of them or none. */
async function writeNotes(disk: Disk, folder: string, moves: readonly Move[]): Promise<void> {
  const notes = moves.map(({ name, reason, place }) => ({
    path: noteOf(place),
    bytes: Buffer.from(canonicalJson({ name: name.toWellFormed(), reason })),
  }));
  const made: string[] = [];
  try {
    const written = await writeGroup(notes, async (note, mayHold) => {
      const file = await createUnsynced(disk, note, mayHold);
      if (file === undefined) throw new VallumError('DISK_WRITE', `cannot write ${note.path}: the name is taken`);
      made.push(note.path);
      return file;
    });
    await syncTogether(disk, written, [folder]);
  } catch (error) {
    await inParallel(made, (path) => disk.remove(path).catch(() => undefined));
    throw error;
  }
}
