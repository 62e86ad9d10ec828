// The inbox: where writers without the lock or without the ledger's key leave envelopes, one durable file each.
// Whoever can write into the folder controls names, kinds, sizes and contents; what is not a statement under its own
// name is set aside with a reason, so that it neither stops the others nor disappears.
import {
  assertRealFolders,
  canonicalJson,
  halfWritten,
  messageOf,
  parent,
  writeDurably,
  type Disk,
  type Sha256,
} from '@vallum/core';
import { MAX_ENVELOPE_BYTES, readEnvelope, type Signed } from '@vallum/trust';
import { entryOf } from './entry.js';
import type { Envelope } from './store/content-store.js';
import { DurableFiles } from './store/durable.js';

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

/** Names in the inbox, oldest first as far as the file system knows. @throws VallumError `DISK_LINK` */
export async function listInbox(disk: Disk, inboxDir: string): Promise<readonly string[]> {
  await assertReal(disk, inboxDir);
  if ((await disk.stat(inboxDir)) === undefined) return [];
  const found: { readonly name: string; readonly mtimeNs: bigint }[] = [];
  for (const name of await disk.list(inboxDir)) {
    if (name === ASIDE || isUnderWay(name)) continue;
    found.push({ name, mtimeNs: (await disk.stat(`${inboxDir}/${name}`))?.mtimeNs ?? 0n });
  }
  found.sort((a, b) => (a.mtimeNs < b.mtimeNs ? -1 : a.mtimeNs > b.mtimeNs ? 1 : 0));
  return found.map(({ name }) => name);
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
 * Moves a file out of the way, beside a note that says why.
 * @returns what to tell people; a file that cannot even be moved stays where it is, and they are told that too
 */
export async function setAside(
  disk: Disk,
  inboxDir: string,
  { name, reason }: SetAside,
  nonce: string,
): Promise<SetAside> {
  try {
    await assertReal(disk, inboxDir);
    await new DurableFiles(disk).makeDirectories([`${inboxDir}/${ASIDE}`]);
    await move(disk, inboxDir, { name, reason }, `${inboxDir}/${ASIDE}/${nonce}`);
    return { name, reason };
  } catch (error) {
    return { name, reason: `${reason}; it could not be set aside: ${messageOf(error)}` };
  }
}

async function move(disk: Disk, inboxDir: string, { name, reason }: SetAside, place: string): Promise<void> {
  try {
    await writeDurably(disk, `${place}.json`, Buffer.from(canonicalJson({ name: name.toWellFormed(), reason })));
    await disk.rename(`${inboxDir}/${name}`, place);
    await disk.sync(`${inboxDir}/${ASIDE}`);
  } catch (error) {
    await disk.remove(`${place}.json`).catch(() => undefined);
    throw error;
  }
}
