// A key from a passphrase: scrypt (RFC 7914). The file that states its parameters may be hostile: parameters that would
// take more than 1 GiB of memory or many seconds are refused before anything is computed.
import { scrypt } from 'node:crypto';
import type { JsonValue } from '@vallum/core';
import { isJsonObject, VallumError } from '@vallum/core';

const R = 8;
const P = 1;
/** 128 MiB and about half a second: the least that new files are made with. */
export const DEFAULT_LOG_N = 17;
const MIN_LOG_N = 14;
const MAX_LOG_N = 20;
export const MIN_PASSPHRASE = 12;
const MAX_PASSPHRASE = 1024;
const KEY_BYTES = 32;
export const SCRYPT_SALT_BYTES = 32;
const MEMBERS = 'logN,name,p,r,salt';

export interface ScryptParameters {
  /** Cost as a power of two; memory is 128 * 8 * 2^logN bytes. */
  readonly logN: number;
  readonly salt: Buffer;
}

export function encodeScrypt({ logN, salt }: ScryptParameters): JsonValue {
  return { name: 'scrypt', logN, r: R, p: P, salt: salt.toString('base64') };
}

/** Undefined for anything but scrypt with r 8, p 1 and 14 <= logN <= 20. */
export function decodeScrypt(json: JsonValue | undefined): ScryptParameters | undefined {
  if (!isJsonObject(json) || Object.keys(json).sort().join() !== MEMBERS) return undefined;
  const { name, logN, r, p, salt } = json;
  if (name !== 'scrypt' || r !== R || p !== P || typeof salt !== 'string') return undefined;
  if (typeof logN !== 'number' || !Number.isInteger(logN) || logN < MIN_LOG_N || logN > MAX_LOG_N) return undefined;
  const bytes = Buffer.from(salt, 'base64');
  return bytes.length === SCRYPT_SALT_BYTES && bytes.toString('base64') === salt ? { logN, salt: bytes } : undefined;
}

/** @throws VallumError `VAULT_PASSPHRASE` when it is too short for a new file */
export function checkNewPassphrase(passphrase: string): void {
  if (normal(passphrase).length < MIN_PASSPHRASE)
    throw new VallumError('VAULT_PASSPHRASE', `the passphrase has fewer than ${MIN_PASSPHRASE} characters`, {
      fix: 'take a longer one: whoever gets the key file can try passphrases for as long as they like',
    });
}

/** In the thread pool, not on the event loop. @returns 32 bytes @throws VallumError `VAULT_PASSPHRASE` */
export function keyFromPassphrase(passphrase: string, { logN, salt }: ScryptParameters): Promise<Buffer> {
  const text = normal(passphrase);
  if (text.length === 0 || text.length > MAX_PASSPHRASE)
    throw new VallumError('VAULT_PASSPHRASE', `a passphrase has 1 to ${MAX_PASSPHRASE} characters`);
  const N = 2 ** logN;
  return new Promise((resolve, reject) => {
    scrypt(text, salt, KEY_BYTES, { N, r: R, p: P, maxmem: 128 * R * (N + 64) }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

/** The same passphrase typed on two systems may differ in its code points (UAX 15). */
function normal(passphrase: string): string {
  return passphrase.normalize('NFKC');
}
