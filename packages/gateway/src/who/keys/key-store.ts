// Keys on the disk: the list where gateway.yaml says, the pepper in the state folder. Other accounts of the machine are the
// attacker: a pepper that they can read is none, and a list that they can write lets them in. Two people who change the list
// at once would lose one of the changes, such as a revocation, so that a change holds a lock and looks again before it
// replaces the file.
import type { Disk } from '@vallum/core';
import { sha256, VallumError, writeDurably } from '@vallum/core';
import { lockLedger } from '@vallum/ledger';
import type { KeyHolder } from './key-file.js';
import { encodeKeyList, MAX_KEYS_BYTES, readKeyList } from './key-file.js';
import { PEPPER_BYTES, pepperMark } from './key-hash.js';
import type { RandomBytes } from './key-token.js';
import type { PackedKeys } from './packed-keys.js';
import { packKeys, packKeysInTurns } from './packed-keys.js';

export interface KeyPlaces {
  /** The file that `identity.keys` of gateway.yaml names. */
  readonly list: string;
  /** State folder of the gateway. */
  readonly state: string;
}

const OWNER_ONLY = 0o600;
const BY_OTHERS = 0o077;
const WRITE_BY_OTHERS = 0o022;

export interface KeysAtHand {
  /** 32 bytes. */
  readonly pepper: Uint8Array;
  readonly packed: PackedKeys;
}

/**
 * What `openPackedKeys` takes, read by one process for all workers.
 * @throws VallumError `GATEWAY_KEYS`, `GATEWAY_PEPPER`, `GATEWAY_KEYS_MODE`, `DISK_READ`
 */
export async function readKeys(disk: Disk, places: KeyPlaces): Promise<KeysAtHand> {
  const pepper = await readPepper(disk, places.state);
  if (pepper === undefined)
    throw new VallumError('GATEWAY_PEPPER', `there is no pepper at ${pepperPath(places.state)}`, {
      fix: 'restore it from a copy, or run vallum gateway keys create',
    });
  return { pepper, packed: await packKeysInTurns(await readList(disk, places.list), pepper) };
}

/** All holders, in the order of the file. @throws as `readKeys` */
export async function readHolders(disk: Disk, { list }: KeyPlaces): Promise<readonly KeyHolder[]> {
  if ((await disk.stat(list)) === undefined) return [];
  return [...readKeyList(await readList(disk, list)).holders];
}

export interface KeyChange<T> {
  readonly holders: readonly KeyHolder[];
  readonly answer: T;
}

/**
 * Changes the list: all of it, or nothing. The pepper is made with the first key.
 * @throws VallumError as `readKeys`; `GATEWAY_KEYS_HELD` (not proven) while somebody else changes it
 */
export async function changeKeys<T>(
  disk: Disk,
  places: KeyPlaces,
  random: RandomBytes,
  change: (holders: readonly KeyHolder[], pepper: Uint8Array) => KeyChange<T>,
): Promise<T> {
  const { list, state } = places;
  await disk.makeDirectory(`${state}/keys`, 0o700);
  const release = await lock(disk, `${state}/keys`);
  try {
    const before = (await disk.stat(list)) === undefined ? undefined : await readList(disk, list);
    const pepper = (await readPepper(disk, state)) ?? (await makePepper(disk, state, before, random));
    // Also shows that the pepper is the one of the list.
    if (before !== undefined) packKeys(before, pepper);
    const { holders, answer } = change(before === undefined ? [] : [...readKeyList(before).holders], pepper);
    const after = encodeKeyList(pepperMark(pepper), holders);
    // What the gateway would refuse to read is not written.
    packKeys(after, pepper);
    const now = (await disk.stat(list)) === undefined ? undefined : await readList(disk, list);
    if (digestOf(now) !== digestOf(before)) throw held(`${list} changed meanwhile`);
    await writeDurably(disk, list, after, OWNER_ONLY);
    return answer;
  } finally {
    await release();
  }
}

function digestOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : sha256(bytes);
}

async function lock(disk: Disk, folder: string): Promise<() => Promise<void>> {
  try {
    return await lockLedger(disk, folder);
  } catch (error) {
    if (!(error instanceof VallumError) || error.code !== 'LEDGER_HELD') throw error;
    throw held(`the list of keys is held by ${error.message.replace(/^the ledger is held by /, '')}`);
  }
}

function held(why: string): VallumError {
  return new VallumError('GATEWAY_KEYS_HELD', why, { fix: 'try again' }, 'unproven');
}

function pepperPath(state: string): string {
  return `${state}/keys/pepper`;
}

async function readPepper(disk: Disk, state: string): Promise<Uint8Array | undefined> {
  const path = pepperPath(state);
  const stat = await disk.stat(path);
  if (stat === undefined) return undefined;
  if ((stat.mode & BY_OTHERS) !== 0) throw exposed(path, 'read');
  const pepper = await disk.read(path, PEPPER_BYTES);
  if (pepper.length === PEPPER_BYTES) return pepper;
  throw new VallumError('GATEWAY_PEPPER', `${path} has ${pepper.length} bytes, not ${PEPPER_BYTES}`, {
    fix: 'restore it from a copy',
  });
}

async function makePepper(
  disk: Disk,
  state: string,
  list: Uint8Array | undefined,
  random: RandomBytes,
): Promise<Uint8Array> {
  if (list !== undefined)
    throw new VallumError('GATEWAY_PEPPER', `there are API keys, and no pepper at ${pepperPath(state)}`, {
      fix: 'restore it from a copy; without it no key counts, and new ones need a new list',
    });
  const pepper = random(PEPPER_BYTES);
  await writeDurably(disk, pepperPath(state), pepper, OWNER_ONLY);
  return pepper;
}

async function readList(disk: Disk, path: string): Promise<Uint8Array> {
  const stat = await disk.stat(path);
  if (stat?.kind === 'file' && (stat.mode & WRITE_BY_OTHERS) !== 0) throw exposed(path, 'write');
  return disk.read(path, MAX_KEYS_BYTES);
}

function exposed(path: string, what: 'read' | 'write'): VallumError {
  return new VallumError('GATEWAY_KEYS_MODE', `other accounts can ${what} ${path}`, { fix: `chmod 600 ${path}` });
}
