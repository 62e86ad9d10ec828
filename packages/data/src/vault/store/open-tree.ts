// Unpacks an opened object: its list of files first, then each file alone or all of them into a folder that appears whole or
// not at all, 0700 with files of 0600. Every byte was verified by the reader below before it comes here; each file is
// compared with the digest in the list, and the list with the digest that the ledger knows.
import type { Disk, Sha256 } from '@vallum/core';
import { parent, VallumError } from '@vallum/core';
import type { SealedReader } from '../format/open.js';
import { openToFile } from '../format/open-to-file.js';
import { temporaryBeside } from '../format/output.js';
import type { TreeFile, TreeManifest } from './tree-manifest.js';
import { decodeLength, decodeManifest, digestOfTree, LENGTH_BYTES } from './tree-manifest.js';

const OWNER_ONLY = 0o700;
const WRITE_BY_OTHERS = 0o022;

type View = Omit<SealedReader, 'header' | 'kek'>;

export interface OpenedTree {
  readonly manifest: TreeManifest;
  readonly digest: Sha256;
  /** Random access to one file of the object; undefined when it has none of that path. */
  file(path: string): View | undefined;
  readonly reader: SealedReader;
}

/** @throws VallumError `VAULT_TREE`, `VAULT_DIGEST` when the files are not those that the header names, `VAULT_DAMAGED` */
export async function readTree(reader: SealedReader): Promise<OpenedTree> {
  const { object, digest } = reader.header;
  const length = decodeLength(await reader.read(0, LENGTH_BYTES), object);
  const manifest = decodeManifest(await reader.read(LENGTH_BYTES, length), object);
  const views = new Map<string, View>();
  let offset = LENGTH_BYTES + length;
  for (const file of manifest.files) {
    views.set(file.path, viewOf(reader, offset, file));
    offset += file.bytes;
  }
  if (offset !== reader.size || digestOfTree(manifest) !== digest)
    throw new VallumError(
      'VAULT_DIGEST',
      `what was sealed as ${object} is not what its header names`,
      {
        fix: 'find out who sealed it: the ciphertext is whole, but its content is another one',
      },
      'unproven',
    );
  return { manifest, digest, file: (path) => views.get(path), reader };
}

/** What a chunk gives is verified; where a file ends is known from the list. */
function viewOf(reader: SealedReader, from: number, { bytes }: TreeFile): View {
  return {
    size: bytes,
    read: (offset, length) => {
      const start = Math.max(0, Math.min(offset, bytes));
      return reader.read(from + start, Math.max(0, Math.min(length, bytes - start)));
    },
    readInto: (target, offset) => reader.readInto(target.subarray(0, Math.max(0, bytes - offset)), from + offset),
    close: () => Promise.resolve(),
  };
}

export interface WriteTreeRequest {
  readonly disk: Disk;
  readonly tree: OpenedTree;
  /** Nothing is there yet, and nobody else can write beside it. */
  readonly target: string;
  readonly removeFolder: (path: string) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** @throws VallumError as `assertPrivateTarget` and `openToFile` do; then nothing is left */
export async function writeTree(request: WriteTreeRequest): Promise<void> {
  const { disk, tree, target, removeFolder, signal } = request;
  await assertPrivateTarget(disk, target);
  const [only] = tree.manifest.files;
  if (tree.manifest.form === 'file' && only !== undefined) return writeFile(request, only, target, false);
  const folder = temporaryBeside(target);
  await disk.makeDirectory(folder, OWNER_ONLY);
  try {
    const made = new Set([folder]);
    for (const file of tree.manifest.files) {
      signal?.throwIfAborted();
      const path = `${folder}/${file.path}`;
      if (!made.has(parent(path))) {
        await disk.makeDirectory(parent(path), OWNER_ONLY);
        made.add(parent(path));
      }
      await writeFile(request, file, path, true);
    }
    for (const path of made) await disk.sync(path);
    await assertPrivateTarget(disk, target);
    signal?.throwIfAborted();
    await disk.rename(folder, target);
    await disk.sync(parent(target));
  } catch (error) {
    await removeFolder(folder).catch(() => undefined);
    throw error;
  }
}

async function writeFile(
  { disk, tree, signal }: WriteTreeRequest,
  file: TreeFile,
  target: string,
  privately: boolean,
): Promise<void> {
  const view = tree.file(file.path);
  if (view === undefined) throw new VallumError('VAULT_TREE', `${file.path} is not in the object`, {}, 'internal');
  const { header, kek } = tree.reader;
  const reader: SealedReader = { ...view, header, kek };
  const { sha256 } = file;
  await openToFile({ disk, reader, target, sha256, privately, ...(signal === undefined ? {} : { signal }) });
}

/**
 * Where other accounts can write they can also swap names, so plaintext is not put there.
 * @throws VallumError `VAULT_EXISTS`, `VAULT_SHARED`, `DISK_WRITE`
 */
export async function assertPrivateTarget(disk: Disk, target: string): Promise<void> {
  if ((await disk.stat(target)) !== undefined)
    throw new VallumError('VAULT_EXISTS', `${target} is there already`, { fix: 'name something new with --out' });
  const folder = parent(target);
  const stat = await disk.stat(folder);
  if (stat?.kind !== 'directory')
    throw new VallumError('VAULT_TARGET', `${folder} is no folder, so nothing can be opened into it`, {
      fix: 'make the folder, or name another place with --out',
    });
  if ((stat.mode & WRITE_BY_OTHERS) !== 0)
    throw new VallumError('VAULT_SHARED', `other accounts can write into ${folder}`, {
      fix: `chmod go-w ${folder}, or name a folder of your own with --out`,
    });
}
