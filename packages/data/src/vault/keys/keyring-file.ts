// The keyring on the disk: 0600, replaced in one step, never read when other accounts can read it. A keyring that gets lost
// takes everything that it wraps with it, so it is changed by one process at a time.
import type { Disk } from '@vallum/core';
import { VallumError, writeDurably } from '@vallum/core';
import type { Keyring, KekInfo } from './keyring.js';
import { decodeKeyring, encodeKeyring, MAX_KEYRING_BYTES, newKek, rotated, unlockKeyring, without } from './keyring.js';
import { keyringProvider } from './keyring-provider.js';
import { checkNewPassphrase } from './passphrase.js';
import type { KeyProvider } from './provider.js';

const OWNER_ONLY = 0o600;
const GROUP_OR_OTHERS = 0o077;

export interface KeyringPlace {
  readonly disk: Disk;
  readonly path: string;
  readonly passphrase: string;
  /** Cost of scrypt for what is written, as a power of two; 17 unless given. */
  readonly logN?: number;
}

/** A new keyring with one key. @returns the id of that key @throws VallumError `VAULT_EXISTS`, `VAULT_PASSPHRASE` */
export async function createKeyring({ disk, path, passphrase, logN }: KeyringPlace): Promise<string> {
  checkNewPassphrase(passphrase);
  const kek = newKek();
  const bytes = await encodeKeyring([kek], passphrase, logN);
  if (!(await disk.create(path, new Uint8Array(), OWNER_ONLY)))
    throw new VallumError('VAULT_EXISTS', `${path} is there already`, {
      fix: 'choose another name: a keyring that is overwritten takes all it wraps with it',
    });
  try {
    await writeDurably(disk, path, bytes, OWNER_ONLY);
  } catch (error) {
    await disk.remove(path).catch(() => undefined);
    throw error;
  }
  return kek.id;
}

/** The provider that `seal` and `open` take. @throws VallumError `VAULT_PASSPHRASE`, `VAULT_KEYRING`, `KEY_MODE` */
export async function openKeyring(place: KeyringPlace): Promise<KeyProvider> {
  return keyringProvider(`keyring:${place.path}`, await load(place));
}

/** Ids and states, without the passphrase. */
export async function listKeyring(place: Omit<KeyringPlace, 'passphrase'>): Promise<readonly KekInfo[]> {
  return decodeKeyring(await readBytes(place), place.path).keys;
}

/**
 * Whether a change could be made now, for who has to record it first.
 * @throws VallumError `VAULT_LOCKED`, or as `rotateKeyring` does when a key is to be added and there is no room
 */
export async function assertChangeable(place: KeyringPlace, { adds }: { readonly adds: boolean }): Promise<void> {
  const { disk, path } = place;
  if ((await disk.stat(`${path}.lock`)) !== undefined) throw locked(path);
  if (adds) rotated(await load(place));
}

/** Adds a key and makes it the active one. @returns its id */
export async function rotateKeyring(place: KeyringPlace): Promise<string> {
  const ring = await change(place, rotated);
  return ring.find(({ state }) => state === 'active')?.id ?? '';
}

/** Destroys a retired key and, with it, every object that only it wraps. */
export async function destroyKek(place: KeyringPlace, id: string): Promise<void> {
  await change(place, (ring) => without(ring, id));
}

/** The keys stay, so no object has to be touched. Old copies of the file open with the old passphrase. */
export async function changePassphrase(place: KeyringPlace, next: string): Promise<void> {
  checkNewPassphrase(next);
  await change(place, (ring) => ring, next);
}

async function load(place: KeyringPlace): Promise<Keyring> {
  return unlockKeyring(decodeKeyring(await readBytes(place), place.path), place.passphrase, place.path);
}

/** One at a time: of two rotations at once, one would lose the other's key and all that it has wrapped. */
async function change(
  place: KeyringPlace,
  how: (ring: Keyring) => Keyring,
  passphrase = place.passphrase,
): Promise<Keyring> {
  const { disk, path, logN } = place;
  const lock = `${path}.lock`;
  if (!(await disk.create(lock, new Uint8Array(), OWNER_ONLY))) throw locked(path);
  try {
    const next = how(await load(place));
    await writeDurably(disk, path, await encodeKeyring(next, passphrase, logN), OWNER_ONLY);
    return next;
  } finally {
    await disk.remove(lock);
  }
}

function locked(path: string): VallumError {
  return new VallumError('VAULT_LOCKED', `somebody else is changing ${path}`, {
    fix: `try again; if nobody is, an earlier change was cut short: remove ${path}.lock`,
  });
}

async function readBytes({ disk, path }: Omit<KeyringPlace, 'passphrase'>): Promise<Uint8Array> {
  const stat = await disk.stat(path);
  if (stat?.kind === 'file' && (stat.mode & GROUP_OR_OTHERS) !== 0)
    throw new VallumError('KEY_MODE', `${path} is readable by other accounts`, { fix: `chmod 600 ${path}` });
  return disk.read(path, MAX_KEYRING_BYTES);
}
