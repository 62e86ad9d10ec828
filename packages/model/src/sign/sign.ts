// `signModel`: an OpenSSF Model Signing v1.0 bundle over every file of a folder, or over one file, by a key that may have
// a certificate. The folder may change while it is hashed, by accident or on purpose, so it is listed again before
// anything is signed; a file that is no signature is never overwritten.
import { sign } from 'node:crypto';
import type { Disk, FileHasher, HashOptions, Sha256 } from '@vallum/core';
import { diskHasher, messageOf, VallumError, writeDurably } from '@vallum/core';
import { readBundle, writeBundle } from './bundle.js';
import type { LinkReader } from './links.js';
import type { ModelManifest } from './manifest.js';
import { readManifest, rootDigests, writeManifest } from './manifest.js';
import type { Profile } from './method.js';
import { refuseOverwrite } from './overwrite.js';
import { preAuthEncoding } from './pae.js';
import { GIT_PATHS } from './paths.js';
import { hashPieces, piecesOf } from './pieces.js';
import type { Target } from './place.js';
import { signaturePlace } from './place.js';
import type { Resource } from './resources.js';
import type { Serialization } from './serialization.js';
import type { SigningKey } from './signing-key.js';
import { signingKey } from './signing-key.js';
import type { IgnoredTree, ModelTree } from './walk.js';
import { singleFile, walkModel } from './walk.js';

export { SIGNATURE_FILE } from './place.js';

export interface SignOptions extends Target {
  readonly disk: Disk;
  /** An ECDSA key on P-256, P-384 or P-521, with its certificate and those above it, if it has any. */
  readonly key: SigningKey;
  /** Name in the statement, informational. Default: the last part of `dir`, or the file. */
  readonly name?: string;
  /** Paths left out, with all below them. Default: those of version control, as the reference does. */
  readonly ignore?: readonly string[];
  /** In bytes: files are signed in pieces of this size, which several processors can hash. Default: whole. */
  readonly shardSize?: number;
  /** Given, links inside the folder are followed; otherwise a link is refused. */
  readonly readLink?: LinkReader;
  /** `compat` names a single file `.`, which is all that the reference verifies; the specification wants its base name. */
  readonly profile?: Profile;
  /** Default: in this thread. */
  readonly hasher?: FileHasher;
  readonly abort?: AbortSignal;
  readonly progress?: HashOptions['progress'];
}

export interface SignedModel {
  readonly keyid: string;
  /** OpenSSF root digest: carried beside Vallum's directory digest, never instead; it does not cover names. */
  readonly root: Sha256;
  /** The same in both orders that signers use. */
  readonly roots: { readonly codePoint: Sha256; readonly component: Sha256 };
  readonly files: number;
  readonly bytes: number;
  readonly ignored: readonly IgnoredTree[];
  /** Empty files, which a signature in shards does not cover. */
  readonly uncovered: readonly string[];
}

/**
 * @throws VallumError `SIGN_KEY`, `SIGN_CERTIFICATE`, `SIGN_EMPTY`, `SIGN_LINK`, `SIGN_CHANGED`, `SIGN_NAME`,
 *   `SIGN_TREE`, `SIGN_SHARDS`, `SIGN_SIZE`, `SIGN_OVERWRITE`, or of the disk
 */
export async function signModel(options: SignOptions): Promise<SignedModel> {
  const { disk, dir, file, shardSize } = options;
  const key = signingKey(options.key);
  if (shardSize !== undefined && (!Number.isSafeInteger(shardSize) || shardSize <= 0))
    throw new VallumError('SIGN_SHARDS', `${shardSize} is no size of shards`, { fix: 'give a whole number of bytes' });
  const place = signaturePlace(options);
  await refuseOverwrite(disk, place);
  const own = file === undefined ? place.own : undefined;
  const ignore = new Set(
    file === undefined ? [...(options.ignore ?? GIT_PATHS), ...(own === undefined ? [] : [own])] : [],
  );
  const how: Serialization = {
    hash: 'sha256',
    ...(shardSize === undefined ? {} : { shardSize }),
    allowSymlinks: options.readLink !== undefined,
    ignore,
  };
  const list = (): Promise<ModelTree> =>
    file === undefined
      ? walkModel({ disk, dir, ignore, own, readLink: options.readLink })
      : singleFile(disk, dir, file);
  const tree = await list();
  const resources = await digestsOf(options, tree, how);
  refuseChange(options, tree, await list());
  const name = options.name ?? file ?? dir.split('/').filter(Boolean).at(-1) ?? 'model';
  const named =
    file !== undefined && options.profile === 'compat' ? resources.map((one) => ({ ...one, path: '.' })) : resources;
  const payload = writeManifest(name, how, named);
  const { root } = readBack(payload, file);
  const signature = sign(key.digest, preAuthEncoding(payload), options.key.privateKey);
  const bundle = writeBundle({ signer: key.signer, payload, signature });
  readBackBundle(bundle);
  await refuseOverwrite(disk, place);
  await writeDurably(disk, place.path, bundle);
  return {
    keyid: key.keyid,
    root,
    roots: rootDigests(resources),
    files: tree.files.length,
    bytes: tree.bytes,
    ignored: tree.ignored,
    uncovered: shardSize === undefined ? [] : tree.files.filter(({ stat }) => stat.size === 0).map(({ path }) => path),
  };
}

async function digestsOf(options: SignOptions, tree: ModelTree, how: Serialization): Promise<readonly Resource[]> {
  const { dir, disk, abort, progress } = options;
  const [first] = tree.irregular;
  if (first !== undefined)
    throw new VallumError('SIGN_LINK', `${dir}/${first.path} cannot be signed: ${first.why}`, {
      fix: 'replace it with a regular file; links inside the folder can be allowed with --allow-symlinks',
    });
  const pieces = tree.files.flatMap((file) => piecesOf(file, how));
  if (pieces.length === 0)
    throw new VallumError('SIGN_EMPTY', `there is no file to sign in ${dir}`, { fix: 'give the folder of the model' });
  const hashing = {
    ...(abort === undefined ? {} : { signal: abort }),
    ...(progress === undefined ? {} : { progress }),
  };
  return hashPieces(options.hasher ?? diskHasher(disk), dir, pieces, how.hash, hashing);
}

/** The hasher watches each file while it reads it; this watches all of them from the first to the last. */
function refuseChange({ dir }: SignOptions, before: ModelTree, after: ModelTree): void {
  const state = (tree: ModelTree): string =>
    [
      ...tree.files.map(({ path, source, stat }) =>
        [path, source, stat.size, stat.mtimeNs, stat.ctimeNs, stat.inode, stat.device].join('\0'),
      ),
      ...tree.irregular.map(({ path }) => path),
    ].join('\n');
  if (state(before) !== state(after))
    throw new VallumError('SIGN_CHANGED', `files came, went or changed in ${dir} while it was hashed`, {
      fix: 'sign again when it is at rest',
    });
}

/** What the strict reader would refuse (a line break in a name, say) must not be signed. */
function readBack(payload: Uint8Array, file: string | undefined): ModelManifest {
  try {
    return readManifest(payload, 'strict', file);
  } catch (error) {
    throw new VallumError('SIGN_NAME', `this folder cannot be signed: ${messageOf(error)}`, {
      fix: 'rename the file, and name ignored paths and the signature relative to the folder',
    });
  }
}

/** Nor may a signature be written that nobody can read. */
function readBackBundle(bytes: Uint8Array): void {
  try {
    readBundle(bytes);
  } catch (error) {
    throw new VallumError('SIGN_SIZE', `the signature of so many files cannot be read again: ${messageOf(error)}`, {
      fix: 'sign parts of the model on their own, or shorten the names',
    });
  }
}
