// The small file beside a sealed one with its wrapped data key: rotation writes only this file anew, shredding destroys
// only this file. It names the object, the version and the commitment of the ciphertext that its key belongs to; the three
// are also the context of the wrapping, so a key file moved beside another object is refused by name, by the provider and
// by the commitment. The attacker may have written it: it is bounded and read strictly.
import type { Disk, JsonValue } from '@vallum/core';
import { canonicalJson, isJsonObject, isSha256, messageOf, parseJsonStrict, VallumError } from '@vallum/core';
import { isName } from './header.js';

export const KEY_SCHEMA = 'vallum/sealed-key/v1';
export const MAX_KEY_RECORD_BYTES = 16 * 1024;
/** Of what a provider makes of 32 bytes: RSA-8192 needs 1024. */
export const MAX_WRAPPED_BYTES = 4096;
const MEMBERS = ['commitment', 'kek', 'object', 'schema', 'version', 'wrapped'];
const KEK = /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}$/;

export interface KeyRecord {
  readonly object: string;
  readonly version: string;
  /** 64 hexadecimal digits, as they stand before the ciphertext. */
  readonly commitment: string;
  /** Which key encryption key wrapped it. */
  readonly kek: string;
  readonly wrapped: Uint8Array;
}

export type WrapContext = Pick<KeyRecord, 'object' | 'version' | 'commitment'>;

export function isKekId(value: unknown): value is string {
  return typeof value === 'string' && KEK.test(value);
}

/** What the provider binds the wrapped key to. */
export function wrapContext({ object, version, commitment }: WrapContext): Buffer {
  return Buffer.from(canonicalJson({ schema: KEY_SCHEMA, object, version, commitment }));
}

export function encodeKeyRecord({ object, version, commitment, kek, wrapped }: KeyRecord): Buffer {
  const base64 = Buffer.from(wrapped).toString('base64');
  return Buffer.from(`${canonicalJson({ schema: KEY_SCHEMA, object, version, commitment, kek, wrapped: base64 })}\n`);
}

/** @throws VallumError `VAULT_KEY_FILE` */
export function decodeKeyRecord(bytes: Uint8Array, path: string): KeyRecord {
  const json = readJson(bytes, path);
  if (!isJsonObject(json) || json['schema'] !== KEY_SCHEMA) throw broken(path, `its schema is not ${KEY_SCHEMA}`);
  if (Object.keys(json).sort().join() !== MEMBERS.join()) throw broken(path, `it does not have ${MEMBERS.join(', ')}`);
  const { object, version, commitment, kek } = json;
  if (!isName(object) || !isName(version)) throw broken(path, 'its object or version is no printable name');
  if (!isSha256(commitment)) throw broken(path, 'its commitment is not 64 hexadecimal digits');
  if (!isKekId(kek)) throw broken(path, 'it names no key encryption key');
  const wrapped = bytesOf(json['wrapped'], MAX_WRAPPED_BYTES);
  if (wrapped === undefined) throw broken(path, 'its wrapped key is not base64 of a plausible size');
  return { object, version, commitment, kek, wrapped };
}

function readJson(bytes: Uint8Array, path: string): JsonValue {
  try {
    return parseJsonStrict(bytes, { maxBytes: MAX_KEY_RECORD_BYTES, maxDepth: 1 });
  } catch (error) {
    throw broken(path, messageOf(error));
  }
}

/** Standard base64 in its only canonical form, of one byte up to `most`; undefined for anything else. */
export function bytesOf(value: unknown, most: number): Buffer | undefined {
  if (typeof value !== 'string' || value.length > Math.ceil(most / 3) * 4) return undefined;
  const bytes = Buffer.from(value, 'base64');
  return bytes.length > 0 && bytes.length <= most && bytes.toString('base64') === value ? bytes : undefined;
}

/** @throws VallumError `VAULT_SHREDDED` when there is none, `VAULT_KEY_FILE` when it cannot be understood */
export async function readKeyRecord(disk: Disk, path: string): Promise<KeyRecord> {
  if ((await disk.stat(path)) === undefined)
    throw new VallumError(
      'VAULT_SHREDDED',
      `there is no key file ${path}: the object was shredded, or the file is lost`,
      {
        fix: 'restore the key file from a backup, if it was not shredded on purpose',
      },
    );
  return decodeKeyRecord(await disk.read(path, MAX_KEY_RECORD_BYTES), path);
}

function broken(path: string, why: string): VallumError {
  return new VallumError(
    'VAULT_KEY_FILE',
    `the key file ${path} is broken: ${why}`,
    {
      fix: 'restore the key file from a backup',
    },
    'unproven',
  );
}
