// The first part of what is sealed: which files the object has, with sizes and digests, so that one object with one key can
// be a whole folder and each of its files can still be read alone. It lies inside the encryption, yet whoever can wrap a key
// can make one: sizes are bounded, and a path that leaves the target, is two things at once, or escapes the digest is refused
// (CWE-22). The same rules hold before anything is encrypted, for what breaks them could never be opened again.
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
import { readHeaderName } from './object-name.js';

const SCHEMA = 'vallum/sealed-tree/v1';
/** Of the manifest in bytes: about 200 000 files. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_FILES = 200_000;
const MAX_PATH = 4096;
/** The one file that a digest may leave out: the signature of a model, which is made after it. */
const DETACHED = { path: 'model.sig', kind: 'model', bytes: 64 * 1024 * 1024 } as const;
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

/**
 * Length and manifest, as they stand before the files.
 * @throws VallumError `VAULT_TREE` for what `decodeManifest` would refuse
 */
export function encodeManifest({ form, files }: TreeManifest, object: string): Buffer {
  const listed = files.map((file) => ({ ...file }));
  const json = Buffer.from(canonicalJson({ schema: SCHEMA, form, files: listed }));
  if (json.length > MAX_BYTES || files.length > MAX_FILES)
    throw new VallumError('VAULT_TREE', `an object has at most ${MAX_FILES} files, and ${MAX_BYTES} bytes of names`, {
      fix: 'pack the small files into archives',
    });
  readManifest(json, object, (why) => unsealable(object, why));
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
  return readManifest(bytes, object, (why) => broken(object, why));
}

type Fault = (why: string) => VallumError;

function readManifest(bytes: Uint8Array, object: string, fault: Fault): TreeManifest {
  const json = readJson(bytes, fault);
  if (!isJsonObject(json) || Object.keys(json).sort().join() !== 'files,form,schema' || json['schema'] !== SCHEMA)
    throw fault(`its list of files is not ${SCHEMA}`);
  const { form, files } = json;
  if ((form !== 'file' && form !== 'folder') || !Array.isArray(files) || files.length > MAX_FILES)
    throw fault('its list of files has the wrong form');
  const read = (files as readonly JsonValue[]).map((file) => fileOf(file, fault));
  if (form === 'file' && read.length !== 1) throw fault('it is one file and lists another number');
  refuseTwice(read, fault);
  const manifest: TreeManifest = { form, files: read };
  refuseDetached(manifest, object, fault);
  return manifest;
}

function readJson(bytes: Uint8Array, fault: Fault): JsonValue {
  try {
    return parseJsonStrict(bytes, { maxBytes: MAX_BYTES, maxDepth: 3 });
  } catch (error) {
    throw fault(messageOf(error));
  }
}

function fileOf(json: JsonValue, fault: Fault): TreeFile {
  if (!isJsonObject(json)) throw fault('a file of it is none');
  const { path, bytes, sha256, detached } = json;
  const known =
    Object.keys(json)
      .filter((key) => key !== 'detached')
      .sort()
      .join() === 'bytes,path,sha256';
  if (!known || typeof path !== 'string') throw fault('a file of it has the wrong form');
  if (!isPlainPath(path)) throw fault(`the path ${JSON.stringify(path)} is not plain`);
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0 || !isSha256(sha256))
    throw fault(`${JSON.stringify(path)} has no size or digest`);
  if (detached !== undefined && detached !== true) throw fault(`${JSON.stringify(path)} has the wrong form`);
  return { path, bytes, sha256, ...(detached === true ? { detached } : {}) };
}

export function isPlainPath(path: string): boolean {
  if (path.length === 0 || path.length > MAX_PATH || /[\p{Cc}\\]/u.test(path) || !path.isWellFormed()) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** Without repetition, and no file in place of a folder. */
function refuseTwice(files: readonly TreeFile[], fault: Fault): void {
  const paths = new Set(files.map(({ path }) => path));
  if (paths.size !== files.length) throw fault('a path of it is listed twice');
  for (const path of paths)
    for (let cut = path.indexOf('/'); cut > 0; cut = path.indexOf('/', cut + 1))
      if (paths.has(path.slice(0, cut))) throw fault(`${JSON.stringify(path)} lies below a file`);
}

/** Whatever the digest leaves out, no verdict is about: only the signature of a model, and nothing that is huge. */
function refuseDetached({ form, files }: TreeManifest, object: string, fault: Fault): void {
  for (const { path, bytes, detached } of files) {
    if (detached !== true) continue;
    const isSignature = form === 'folder' && path === DETACHED.path && readHeaderName(object)?.kind === DETACHED.kind;
    if (!isSignature) throw fault(`its digest does not cover ${JSON.stringify(path)}`);
    if (bytes > DETACHED.bytes) throw fault(`${path} has ${bytes} bytes, more than any signature`);
  }
}

function broken(object: string, why: string): VallumError {
  return new VallumError(
    'VAULT_TREE',
    `what is sealed as ${object} cannot be unpacked: ${why}`,
    {
      fix: 'find out who sealed it: the ciphertext is whole, but Vallum did not write what is in it',
    },
    'unproven',
  );
}

function unsealable(object: string, why: string): VallumError {
  return new VallumError('VAULT_TREE', `${object} cannot be sealed, for it could not be opened again: ${why}`, {
    fix: 'rename the file, or pack it into an archive and seal that',
  });
}
