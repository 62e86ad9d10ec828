// A private key that a person gives as a file, encrypted or not. What is wrong with it is said before anything is hashed:
// a passphrase that is missing or wrong, a file cut short, a public key, a certificate.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { Disk } from '@vallum/core';
import { VallumError } from '@vallum/core';
import { MAX_KEY_BYTES } from './model-target.js';

const MAX_PASSWORD_BYTES = 4096;
const FIX = 'give an EC private key in PEM, as openssl ecparam -genkey -name prime256v1 writes it';

export interface PrivateKeyFile {
  readonly key: string;
  readonly passwordFile?: string;
}

/** @throws VallumError `SIGN_KEY` with a sentence that names the file */
export async function readPrivateKey(disk: Disk, { key: path, passwordFile }: PrivateKeyFile): Promise<KeyObject> {
  const bytes = Buffer.from(await disk.read(path, MAX_KEY_BYTES));
  const text = bytes.toString('latin1');
  const isEncrypted = /-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(text);
  if (!text.includes('PRIVATE KEY-----')) throw keyError(`${path} is not a private key in PEM`, FIX);
  if (isEncrypted && passwordFile === undefined)
    throw keyError(`${path} is encrypted`, 'give the file that holds its passphrase with --password-file FILE');
  const passphrase = passwordFile === undefined ? undefined : await readPassphrase(disk, passwordFile);
  try {
    return createPrivateKey({ key: bytes, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (cause) {
    if (isEncrypted && /bad decrypt|bad password|decryption/i.test(String(cause)))
      throw keyError(`the passphrase does not open ${path}`, 'give the passphrase of this key', cause);
    throw keyError(`${path} is damaged: no private key can be read from it`, FIX, cause);
  }
}

/** The first line: editors end a file with a line break, which is no part of a passphrase. */
async function readPassphrase(disk: Disk, path: string): Promise<string> {
  const text = Buffer.from(await disk.read(path, MAX_PASSWORD_BYTES)).toString();
  return text.replace(/\r?\n$/, '');
}

function keyError(message: string, fix: string, cause?: unknown): VallumError {
  return new VallumError('SIGN_KEY', message, { fix, ...(cause === undefined ? {} : { cause }) });
}
