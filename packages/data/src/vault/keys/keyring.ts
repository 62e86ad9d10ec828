// A file of key encryption keys under one passphrase. What it says openly, ids and states of the keys and the parameters of
// scrypt, is the context under which the keys are encrypted (Cobblestone-256, as everywhere in the vault), so none of it
// can be changed without the passphrase. A checksum tells a damaged file from a wrong passphrase: it proves nothing, and
// the attacker who can compute it learns no more than before.
import { randomBytes } from 'node:crypto';
import type { JsonObject, JsonValue } from '@vallum/core';
import { canonicalJson, isJsonObject, messageOf, parseJsonStrict, sha256, VallumError } from '@vallum/core';
import { decryptMessage, deriveKeys, encryptMessage, KEY_BYTES, SALT_BYTES } from '../format/chunked-encryption.js';
import { bytesOf, isKekId } from '../format/key-record.js';
import type { ScryptParameters } from './passphrase.js';
import { DEFAULT_LOG_N, decodeScrypt, encodeScrypt, keyFromPassphrase, SCRYPT_SALT_BYTES } from './passphrase.js';

const SCHEMA = 'vallum/keyring/v1';
export const MAX_KEYRING_BYTES = 256 * 1024;
export const MAX_KEKS = 256;
const MEMBERS = 'checksum,kdf,keys,schema,sealed';

export type KekState = 'active' | 'retired';

export interface KekInfo {
  readonly id: string;
  readonly state: KekState;
}

export interface Kek extends KekInfo {
  readonly key: Buffer;
}

/** Exactly one key is active. */
export type Keyring = readonly Kek[];

export function newKek(): Kek {
  return { id: `kek-${randomBytes(8).toString('hex')}`, state: 'active', key: randomBytes(KEY_BYTES) };
}

/** The old keys unwrap only; a new one wraps. @throws VallumError `VAULT_KEYRING` when it is full */
export function rotated(ring: Keyring): Keyring {
  if (ring.length >= MAX_KEKS)
    throw new VallumError('VAULT_KEYRING', `the keyring has ${MAX_KEKS} keys already`, {
      fix: 'rotate all objects to the active key and start a new keyring',
    });
  return [...ring.map((kek): Kek => ({ ...kek, state: 'retired' })), newKek()];
}

/** Without a retired key: whatever it alone wraps is lost for ever. @throws VallumError `VAULT_NO_KEK` */
export function without(ring: Keyring, id: string): Keyring {
  if (!ring.some((kek) => kek.id === id && kek.state === 'retired'))
    throw new VallumError('VAULT_NO_KEK', `the keyring has no retired key ${id}`, {
      fix: 'only a retired key can be destroyed: rotate first',
    });
  return ring.filter((kek) => kek.id !== id);
}

/** @param logN cost of scrypt for this file */
export async function encodeKeyring(ring: Keyring, passphrase: string, logN: number = DEFAULT_LOG_N): Promise<Buffer> {
  const kdf: ScryptParameters = { logN, salt: randomBytes(SCRYPT_SALT_BYTES) };
  const open = openPart(kdf, ring);
  const key = await keyFromPassphrase(passphrase, kdf);
  const secrets = Buffer.concat(ring.map((kek) => kek.key));
  const keys = deriveKeys(key, randomBytes(SALT_BYTES), Buffer.from(canonicalJson(open)));
  const body = { ...open, sealed: encryptMessage(keys, secrets).toString('base64') };
  secrets.fill(0);
  return Buffer.from(`${canonicalJson({ ...body, checksum: sha256(canonicalJson(body)) })}\n`);
}

function openPart(kdf: ScryptParameters, keys: readonly KekInfo[]): JsonObject {
  return { schema: SCHEMA, kdf: encodeScrypt(kdf), keys: keys.map(({ id, state }) => ({ id, state })) };
}

export interface LockedKeyring {
  readonly keys: readonly KekInfo[];
  readonly kdf: ScryptParameters;
  readonly sealed: Buffer;
}

/** What the file says without its passphrase. @throws VallumError `VAULT_KEYRING` */
export function decodeKeyring(bytes: Uint8Array, path: string): LockedKeyring {
  const json = readJson(bytes, path);
  if (!isJsonObject(json) || json['schema'] !== SCHEMA) throw broken(path, `its schema is not ${SCHEMA}`);
  if (Object.keys(json).sort().join() !== MEMBERS) throw broken(path, `it does not have ${MEMBERS}`);
  const { checksum, ...body } = json;
  if (checksum !== sha256(canonicalJson(body))) throw broken(path, 'its checksum does not fit');
  const kdf = decodeScrypt(body['kdf']);
  if (kdf === undefined) throw broken(path, 'its scrypt parameters are none that are accepted');
  const keys = keysOf(body['keys']);
  if (keys === undefined) throw broken(path, 'its list of keys is not one active and some retired ones');
  const sealed = bytesOf(body['sealed'], MAX_KEYRING_BYTES);
  if (sealed === undefined) throw broken(path, 'its encrypted part is not base64');
  return { keys, kdf, sealed };
}

function readJson(bytes: Uint8Array, path: string): JsonValue {
  try {
    return parseJsonStrict(bytes, { maxBytes: MAX_KEYRING_BYTES, maxDepth: 3 });
  } catch (error) {
    throw broken(path, messageOf(error));
  }
}

function keysOf(json: JsonValue | undefined): readonly KekInfo[] | undefined {
  if (!Array.isArray(json) || json.length > MAX_KEKS) return undefined;
  const keys: KekInfo[] = [];
  for (const key of json as readonly JsonValue[]) {
    if (!isJsonObject(key) || Object.keys(key).sort().join() !== 'id,state') return undefined;
    const { id, state } = key;
    if (!isKekId(id) || (state !== 'active' && state !== 'retired')) return undefined;
    keys.push({ id, state });
  }
  const isWhole =
    keys.filter(({ state }) => state === 'active').length === 1 &&
    new Set(keys.map(({ id }) => id)).size === keys.length;
  return isWhole ? keys : undefined;
}

/** @throws VallumError `VAULT_PASSPHRASE` when it is another one, `VAULT_KEYRING` when the file was changed */
export async function unlockKeyring(locked: LockedKeyring, passphrase: string, path: string): Promise<Keyring> {
  const { kdf, keys, sealed } = locked;
  const key = await keyFromPassphrase(passphrase, kdf);
  const opened = decryptMessage(key, Buffer.from(canonicalJson(openPart(kdf, keys))), sealed);
  key.fill(0);
  if (opened.kind === 'wrong-key')
    throw new VallumError('VAULT_PASSPHRASE', `the passphrase does not open ${path}`, {
      fix: 'type the passphrase of this keyring; if it is the right one, somebody has edited the file',
    });
  if (opened.kind === 'damaged' || opened.bytes.length !== keys.length * KEY_BYTES)
    throw broken(path, 'its encrypted part is not what was written');
  return keys.map((info, at) => ({ ...info, key: opened.bytes.subarray(at * KEY_BYTES, (at + 1) * KEY_BYTES) }));
}

function broken(path: string, why: string): VallumError {
  return new VallumError('VAULT_KEYRING', `${path} is no usable keyring: ${why}`, {
    fix: 'restore the file from a backup',
  });
}
