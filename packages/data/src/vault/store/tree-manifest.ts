// The first part of what is sealed: which files the object has, with sizes and digests, so that one object with one key can
// be a whole folder and each of its files can still be read alone. It lies inside the encryption, yet whoever can wrap a key
// can make one: sizes are bounded, and a path that leaves the target, or is two things at once, is refused (CWE-22).
import type { JsonValue, Sha256 } from '@vallum/core';
import {
  canonicalJson,
  digestDirectory,
  isJsonObject,
  isSha256,
  messageOf,
  parseJsonStrict,
  VallumError,
} from '@vallum/core';

const SCHEMA = 'vallum/sealed-tree/v1';
/** Of the manifest in bytes: about 200 000 files. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_FILES = 200_000;
const MAX_PATH = 4096;
/** Big-endian length of the manifest before it. */
export const LENGTH_BYTES = 8;

export interface TreeFile {
  /** Relative, with `/`; sorted in byte order. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: Sha256;
  /** The digest of the object does not cover it: a detached signature. */
  readonly detached?: true;
}

export interface TreeManifest {
  readonly form: 'file' | 'folder';
  readonly files: readonly TreeFile[];
}

/** The digest of a file is that of its bytes, that of a folder Go's dirhash: as everybody else computes it. */
export function digestOfTree({ form, files }: TreeManifest): Sha256 {
  const [first] = files;
  if (form === 'file' && first !== undefined) return first.sha256;
  return digestDirectory(files.filter(({ detached }) => detached !== true));
}

/** Length and manifest, as they stand before the files. */
export function encodeManifest({ form, files }: TreeManifest): Buffer {
  const listed = files.map((file) => ({ ...file }));
  const json = Buffer.from(canonicalJson({ schema: SCHEMA, form, files: listed }));
  if (json.length > MAX_BYTES || files.length > MAX_FILES)
    throw new VallumError('VAULT_TREE', `an object has at most ${MAX_FILES} files, and ${MAX_BYTES} bytes of names`, {
      fix: 'pack the small files into archives',
    });
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64BE(BigInt(json.length));
  return Buffer.concat([length, json]);
}

/** @throws VallumError `VAULT_TREE` */
export function decodeLength(bytes: Uint8Array, object: string): number {
  const length = bytes.length === LENGTH_BYTES ? Buffer.from(bytes).readBigUInt64BE() : 0n;
  if (length === 0n || length > BigInt(MAX_BYTES)) throw broken(object, 'its list of files has no plausible length');
  return Number(length);
}

/** @throws VallumError `VAULT_TREE` */
export function decodeManifest(bytes: Uint8Array, object: string): TreeManifest {
  const json = readJson(bytes, object);
  if (!isJsonObject(json) || Object.keys(json).sort().join() !== 'files,form,schema' || json['schema'] !== SCHEMA)
    throw broken(object, `its list of files is not ${SCHEMA}`);
  const { form, files } = json;
  if ((form !== 'file' && form !== 'folder') || !Array.isArray(files) || files.length > MAX_FILES)
    throw broken(object, 'its list of files has the wrong form');
  const read = (files as readonly JsonValue[]).map((file) => fileOf(file, object));
  if (form === 'file' && read.length !== 1) throw broken(object, 'it is one file and lists another number');
  refuseTwice(read, object);
  return { form, files: read };
}

function readJson(bytes: Uint8Array, object: string): JsonValue {
  try {
    return parseJsonStrict(bytes, { maxBytes: MAX_BYTES, maxDepth: 3 });
  } catch (error) {
    throw broken(object, messageOf(error));
  }
}

function fileOf(json: JsonValue, object: string): TreeFile {
  if (!isJsonObject(json)) throw broken(object, 'a file of it is none');
  const { path, bytes, sha256, detached } = json;
  const known =
    Object.keys(json)
      .filter((key) => key !== 'detached')
      .sort()
      .join() === 'bytes,path,sha256';
  if (!known || typeof path !== 'string' || !isPlainPath(path)) throw broken(object, 'a path of it is not plain');
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0 || !isSha256(sha256))
    throw broken(object, `${JSON.stringify(path)} has no size or digest`);
  if (detached !== undefined && detached !== true) throw broken(object, `${JSON.stringify(path)} has the wrong form`);
  return { path, bytes, sha256, ...(detached === true ? { detached } : {}) };
}

export function isPlainPath(path: string): boolean {
  if (path.length === 0 || path.length > MAX_PATH || /[\p{Cc}\\]/u.test(path) || !path.isWellFormed()) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** Sorted without repetition, and no file in place of a folder. */
function refuseTwice(files: readonly TreeFile[], object: string): void {
  const paths = new Set(files.map(({ path }) => path));
  if (paths.size !== files.length) throw broken(object, 'a path of it is listed twice');
  for (const path of paths)
    for (let cut = path.indexOf('/'); cut > 0; cut = path.indexOf('/', cut + 1))
      if (paths.has(path.slice(0, cut))) throw broken(object, `${JSON.stringify(path)} lies below a file`);
}

function broken(object: string, why: string): VallumError {
  return new VallumError('VAULT_TREE', `what is sealed as ${object} cannot be unpacked: ${why}`, {
    fix: 'find out who sealed it: the ciphertext is whole, but Vallum did not write what is in it',
  });
}
