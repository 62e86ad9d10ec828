// How the signed list was made: whole files or shards of them, with which hash, and what was left out. Signed with the
// list, and obeyed by the verifier: an attacker with a signing key can hide files here, so all of it is reported.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { Form } from './form.js';
import { canonicalPath, GIT_PATHS, posixPath, staysInside } from './paths.js';
import { Refusal } from './refusal.js';

export const DEFAULT_SHARD_SIZE = 1_000_000_000;

export type FileHash = 'sha256' | 'blake2b';

export interface Serialization {
  readonly hash: FileHash;
  /** Bytes; absent when files are hashed whole. */
  readonly shardSize?: number;
  readonly allowSymlinks: boolean;
  readonly ignore: ReadonlySet<string>;
}

/** The name of the hash in each resource, as the reference writes it: it carries the size of the shards. */
export function algorithmLabel({ hash, shardSize }: Pick<Serialization, 'hash' | 'shardSize'>): string {
  return shardSize === undefined ? hash : `${hash}-sharded-${shardSize}`;
}

export function writeSerialization(how: Serialization): JsonObject {
  return {
    method: how.shardSize === undefined ? 'files' : 'shards',
    hash_type: how.hash,
    ...(how.shardSize === undefined ? {} : { shard_size: how.shardSize }),
    allow_symlinks: how.allowSymlinks,
    ...(how.ignore.size === 0 ? {} : { ignore_paths: [...how.ignore] }),
  };
}

/** @throws Refusal `serialization-unsupported`, `path-unsafe`, or of the form */
export function readSerialization(form: Form, value: JsonObject): Serialization {
  const method = value['method'];
  const hash = readHash(form, value['hash_type']);
  if (method !== 'files' && method !== 'shards')
    throw new Refusal('serialization-unsupported', 'only the methods `files` and `shards` are read');
  const allowSymlinks = value['allow_symlinks'];
  if (typeof allowSymlinks !== 'boolean' && (form.profile === 'strict' || allowSymlinks === undefined))
    throw form.malformed('allow_symlinks is not true or false');
  return {
    hash,
    // 4.0 is 4: some releases of the reference write every number with a point.
    ...(method === 'shards' ? { shardSize: readShardSize(form, value) } : {}),
    allowSymlinks: allowSymlinks === true,
    ignore: readIgnored(form, value),
  };
}

/** The reference calls the hash `blake2` when it verifies and `blake2b` when it signs. */
function readHash(form: Form, name: unknown): FileHash {
  if (name === 'sha256') return 'sha256';
  if (name === (form.profile === 'strict' ? 'blake2b' : 'blake2')) return 'blake2b';
  throw new Refusal('serialization-unsupported', 'only files hashed with SHA-256 or BLAKE2b are read');
}

function readShardSize(form: Form, value: JsonObject): number {
  const size = value['shard_size'];
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size <= 0)
    throw form.malformed('shard_size is not a whole number of bytes');
  return size;
}

function readIgnored(form: Form, value: JsonObject): ReadonlySet<string> {
  const listed = value['ignore_paths'];
  if (form.profile === 'strict') {
    const paths = listed === undefined ? [] : form.list(listed, 'ignore_paths');
    return new Set(paths.map((path) => canonicalPath(form.text(path, 'an ignored path'))));
  }
  // The reference leaves out what belongs to version control whatever was signed, and drops what lies elsewhere.
  const paths = listed === undefined ? [] : iterated(form, listed);
  return new Set([...GIT_PATHS, ...paths.map(posixPath).filter(staysInside)]);
}

const PYTHON_WORDS: ReadonlyMap<JsonValue, string> = new Map<JsonValue, string>([
  [null, 'None'],
  [true, 'True'],
  [false, 'False'],
]);

/** The texts that Python iterates over: it asks for no types. Its notation of a list or an object names no file here. */
function iterated(form: Form, value: JsonValue): readonly string[] {
  if (typeof value === 'string') return [...new Set(value)];
  if (isJsonObject(value)) return Object.keys(value);
  return form
    .list(value, 'ignore_paths')
    .flatMap((path) => PYTHON_WORDS.get(path) ?? (typeof path === 'object' ? [] : String(path)));
}
