// Seals a file or a whole folder as one object with one data key: rotation and shredding are one step for all of it, and no
// crash leaves half a model. Files are hashed first, for the digest stands in the header, and again while they are
// encrypted: what changes in between is an error and nothing is left. Memory is bounded whatever the size.
import { createHash } from 'node:crypto';
import type { Disk, FileDigest, Sha256 } from '@vallum/core';
import { digestFile, digestTree, VallumError } from '@vallum/core';
import type { ByteSource } from '../format/batches.js';
import { sourceOf } from '../format/batches.js';
import { KEY_SUFFIX, SEALED_SUFFIX, sealObject } from '../format/seal.js';
import type { SealedObject } from '../format/seal.js';
import type { KeyProvider } from '../keys/provider.js';
import type { ObjectName } from './object-name.js';
import { headerName } from './object-name.js';
import type { TreeFile, TreeManifest } from './tree-manifest.js';
import { digestOfTree, encodeManifest } from './tree-manifest.js';

export interface SealTreeRequest {
  readonly disk: Disk;
  /** Folder of the vault; it is there. */
  readonly vault: string;
  /** 32 hexadecimal digits, fresh. */
  readonly id: string;
  readonly name: ObjectName;
  /** The file or folder. */
  readonly path: string;
  /** Files directly in the folder that its digest does not cover: a detached signature. */
  readonly detached: readonly string[];
  readonly keys: KeyProvider;
  readonly signal?: AbortSignal;
}

export interface SealedTree extends SealedObject {
  readonly manifest: TreeManifest;
  /** Of all files together. */
  readonly bytes: number;
}

/**
 * @throws VallumError as `sealObject` does; `TREE_KIND` for a link or special file, `VAULT_TREE` for a
 *  name that could not be opened again, `VAULT_CHANGED`, `DISK_READ`
 */
export async function sealTree(request: SealTreeRequest): Promise<SealedTree> {
  const { disk, vault, id, name, path, keys, signal } = request;
  const manifest = await survey(request);
  const object = headerName(name);
  const head = encodeManifest(manifest, object);
  signal?.throwIfAborted();
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  const source: ByteSource = {
    size: head.length + bytes,
    chunks: plaintext(disk, path, manifest, head),
  };
  const sealed = await sealObject({
    disk,
    path: `${vault}/${id}`,
    source,
    object,
    version: id,
    digest: digestOfTree(manifest),
    checkDigest: false,
    keys,
    ...(signal === undefined ? {} : { signal }),
  });
  return { ...sealed, manifest, bytes };
}

/** Takes back an object that could not be recorded. Its plaintext is where it was. */
export async function discardObject(disk: Disk, vault: string, id: string): Promise<void> {
  await disk.remove(`${vault}/${id}${KEY_SUFFIX}`);
  await disk.remove(`${vault}/${id}${SEALED_SUFFIX}`);
  await disk.sync(vault);
}

async function survey({ disk, path, detached, signal }: SealTreeRequest): Promise<TreeManifest> {
  const kind = (await disk.stat(path))?.kind;
  if (kind === 'file') {
    const name = path.slice(path.lastIndexOf('/') + 1);
    return { form: 'file', files: [await measured(disk, path, { path: name, sha256: await digestFile(disk, path) })] };
  }
  if (kind !== 'directory')
    throw new VallumError('VAULT_SOURCE', `${path} is ${kind === undefined ? 'not there' : 'no file and no folder'}`, {
      fix: 'name a feed, a version, or a file or folder of the project',
    });
  const files: TreeFile[] = [];
  const keep = (): boolean => {
    signal?.throwIfAborted();
    return true;
  };
  for (const file of await digestTree(disk, path, keep)) {
    const one = await measured(disk, `${path}/${file.path}`, file);
    files.push(detached.includes(file.path) ? { ...one, detached: true } : one);
  }
  if (files.length === 0)
    throw new VallumError('VAULT_SOURCE', `${path} holds no files`, { fix: 'seal a folder with something in it' });
  return { form: 'folder', files };
}

async function measured(disk: Disk, path: string, { path: name, sha256 }: FileDigest): Promise<TreeFile> {
  const bytes = (await disk.stat(path))?.size ?? 0;
  return { path: name, bytes, sha256 };
}

async function* plaintext(
  disk: Disk,
  path: string,
  { form, files }: TreeManifest,
  head: Uint8Array,
): AsyncGenerator<Uint8Array> {
  yield head;
  for (const { path: name, bytes, sha256 } of files)
    yield* checked(disk, form === 'file' ? path : `${path}/${name}`, bytes, sha256);
}

async function* checked(disk: Disk, path: string, bytes: number, wanted: Sha256): AsyncGenerator<Uint8Array> {
  const file = await disk.open(path);
  try {
    if (file.size !== bytes) throw changed(path);
    const hash = createHash('sha256');
    for await (const piece of sourceOf(file).chunks) {
      hash.update(piece);
      yield piece;
    }
    if (hash.digest('hex') !== wanted) throw changed(path);
  } finally {
    await file.close();
  }
}

function changed(path: string): VallumError {
  return new VallumError('VAULT_CHANGED', `${path} changed while it was sealed; nothing is left of it in the vault`, {
    fix: 'seal again when nobody writes to it',
  });
}
