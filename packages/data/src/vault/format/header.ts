// The first line of a sealed file: canonical JSON that says what is sealed. Its bytes are the context of the key
// derivation, so whoever changes one of them, or puts the ciphertext under another header, gets a key that fails at the
// commitment. The attacker wrote the file: size, depth, members and form are checked before anything is derived.
import type { JsonObject, JsonValue, Sha256 } from '@vallum/core';
import { canonicalJson, isJsonObject, isSha256, messageOf, parseJsonStrict, VallumError } from '@vallum/core';
import { MAX_PLAINTEXT_BYTES } from './chunked-encryption.js';

export const SEALED_SCHEMA = 'vallum/sealed/v1';
export const ALGORITHM = 'cobblestone-256';
/** With its line break. */
export const MAX_HEADER_BYTES = 4096;
const MAX_NAME = 512;
const MEMBERS = ['algorithm', 'bytes', 'digest', 'object', 'schema', 'version'];
const NEWLINE = 0x0a;

export interface SealedHeader {
  /** What is sealed, in the words of its owner: `dataset/mails/feed-a/rows.jsonl`. */
  readonly object: string;
  readonly version: string;
  /** SHA-256 of the plaintext, or whatever digest its owner knows the object by. */
  readonly digest: Sha256;
  /** Size of the plaintext. */
  readonly bytes: number;
}

/** The line without its break: what is written and what keys are derived with. @throws VallumError `VAULT_NAME` */
export function encodeHeader({ object, version, digest, bytes }: SealedHeader): Buffer {
  const fault = faultOf({ object, version, digest, bytes });
  if (fault !== undefined) throw new VallumError('VAULT_NAME', `cannot seal: ${fault}`);
  return Buffer.from(canonicalJson({ schema: SEALED_SCHEMA, algorithm: ALGORITHM, object, version, digest, bytes }));
}

export interface ReadHeader {
  readonly header: SealedHeader;
  /** Of the key derivation: the line as it stands in the file. */
  readonly context: Buffer;
  /** Where the message begins. */
  readonly end: number;
}

/** @param start the first `MAX_HEADER_BYTES` of the file, or all of it @throws VallumError `VAULT_HEADER` */
export function decodeHeader(start: Uint8Array, path: string): ReadHeader {
  const end = start.subarray(0, MAX_HEADER_BYTES).indexOf(NEWLINE);
  if (end < 0) throw broken(path, 'its first line does not end');
  const context = Buffer.from(start.subarray(0, end));
  const json = readJson(context, path);
  if (!isJsonObject(json)) throw broken(path, 'its first line is no JSON object');
  if (json['schema'] !== SEALED_SCHEMA) throw broken(path, `its schema is not ${SEALED_SCHEMA}`);
  if (json['algorithm'] !== ALGORITHM) throw broken(path, `its algorithm is not ${ALGORITHM}`);
  if (Object.keys(json).sort().join() !== MEMBERS.join()) throw broken(path, `it does not have ${MEMBERS.join(', ')}`);
  const fault = faultOf(json);
  if (fault !== undefined) throw broken(path, fault);
  if (canonicalJson(json) !== context.toString()) throw broken(path, 'its first line is not canonical JSON');
  const { object, version, digest, bytes } = json as unknown as SealedHeader;
  return { header: { object, version, digest, bytes }, context, end: end + 1 };
}

function readJson(line: Uint8Array, path: string): JsonValue {
  try {
    return parseJsonStrict(line, { maxBytes: MAX_HEADER_BYTES, maxDepth: 1 });
  } catch (error) {
    throw broken(path, messageOf(error));
  }
}

function faultOf(json: JsonObject | SealedHeader): string | undefined {
  const { object, version, digest, bytes } = json as { readonly [key in keyof SealedHeader]?: unknown };
  if (!isName(object)) return `the object is no printable name of at most ${MAX_NAME} characters`;
  if (!isName(version)) return `the version is no printable name of at most ${MAX_NAME} characters`;
  if (!isSha256(digest)) return 'the digest is not 64 lower-case hexadecimal digits';
  if (!Number.isSafeInteger(bytes) || Number(bytes) < 0 || Number(bytes) > MAX_PLAINTEXT_BYTES || Object.is(bytes, -0))
    return `the size is no number of bytes up to ${MAX_PLAINTEXT_BYTES}`;
  return undefined;
}

/** Names are shown to people and stand in logs: no control characters, no half of a surrogate pair. */
export function isName(value: unknown): value is string {
  return (
    typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME && !/[\p{C}\p{Zl}\p{Zp}]/u.test(value)
  );
}

function broken(path: string, why: string): VallumError {
  return new VallumError(
    'VAULT_HEADER',
    `${path} is not a sealed file: ${why}`,
    {
      fix: 'restore the file from a backup',
    },
    'unproven',
  );
}
