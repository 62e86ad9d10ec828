// The scrypt recipient of age: the file key under a passphrase, alone in its file. The work factor in the file is the
// sender's choice, so it is bounded before anything is computed: 2^20 takes 1 GiB and some seconds.
import { randomBytes, scrypt } from 'node:crypto';
import { VallumError } from '@vallum/core';
import type { Stanza } from './header.js';
import { ageFault, decodeBase64, encodeBase64 } from './header.js';
import { AGE_TAG_BYTES, FILE_KEY_BYTES, unwrapFileKey, wrapFileKey } from './stanza-key.js';

const LABEL = Buffer.from('age-encryption.org/v1/scrypt');
const SALT_BYTES = 16;
const R = 8;
/** What the age program itself takes. */
const DEFAULT_LOG_N = 18;
const MAX_LOG_N = 20;

export interface Passphrase {
  readonly kind: 'passphrase';
  readonly passphrase: string;
  /** Cost for encryption as a power of two; 18 unless given. */
  readonly logN?: number;
}

export async function wrapForPassphrase(secret: Passphrase, fileKey: Uint8Array): Promise<Stanza> {
  const { passphrase, logN = DEFAULT_LOG_N } = secret;
  if (passphrase === '') throw new VallumError('AGE_PASSPHRASE', 'the passphrase is empty');
  const salt = randomBytes(SALT_BYTES);
  const body = wrapFileKey(await wrapKey(passphrase, salt, logN), fileKey);
  return { args: ['scrypt', encodeBase64(salt), String(logN)], body };
}

/** Undefined when the passphrase is another one. @throws VallumError `AGE_HEADER` */
export async function unwrapPassphrase(
  { passphrase }: Passphrase,
  { args, body }: Stanza,
): Promise<Buffer | undefined> {
  const [kind, saltText = '', factor = ''] = args;
  if (kind !== 'scrypt') return undefined;
  const salt = decodeBase64(saltText);
  const isFormed = args.length === 3 && salt?.length === SALT_BYTES && body.length === FILE_KEY_BYTES + AGE_TAG_BYTES;
  if (!isFormed || !/^[1-9][0-9]?$/.test(factor)) throw ageFault('AGE_HEADER', 'a scrypt recipient has the wrong form');
  if (Number(factor) > MAX_LOG_N)
    throw ageFault('AGE_HEADER', `its scrypt work factor ${factor} is above ${MAX_LOG_N}, which takes 1 GiB`);
  return unwrapFileKey(await wrapKey(passphrase, salt, Number(factor)), body);
}

function wrapKey(passphrase: string, salt: Uint8Array, logN: number): Promise<Buffer> {
  const N = 2 ** logN;
  return new Promise((resolve, reject) => {
    const options = { N, r: R, p: 1, maxmem: 128 * R * (N + 64) };
    scrypt(passphrase, Buffer.concat([LABEL, salt]), 32, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
