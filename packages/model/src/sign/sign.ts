// `signModel`: an OpenSSF Model Signing v1.0 bundle over every file of a folder, by a key. The folder may change while it
// is hashed, by accident or on purpose, so it is listed again before anything is signed.
import { createPublicKey, sign, type KeyObject } from 'node:crypto';
import type { Disk, FileDigest, Sha256 } from '@vallum/core';
import { digestFile, messageOf, VallumError, writeDurably } from '@vallum/core';
import { preAuthEncoding, writeBundle } from './bundle.js';
import { modelKey } from './keys.js';
import type { ModelManifest } from './manifest.js';
import { readManifest, writeManifest } from './manifest.js';
import { GIT_PATHS } from './paths.js';
import type { IgnoredTree } from './walk.js';
import { walkModel } from './walk.js';

export const SIGNATURE_FILE = 'model.sig';

export interface SignOptions {
  readonly disk: Disk;
  readonly dir: string;
  /** An ECDSA key on P-256, P-384 or P-521. */
  readonly key: { readonly privateKey: KeyObject };
  /** Relative to the folder; it may not leave it. Default `model.sig`. */
  readonly signaturePath?: string;
  /** Name in the statement, informational. Default: the last part of `dir`. */
  readonly name?: string;
  /** Paths left out, with all below them. Default: those of version control, as the reference does. */
  readonly ignore?: readonly string[];
  readonly abort?: AbortSignal;
}

export interface SignedModel {
  readonly keyid: string;
  /** OpenSSF root digest: carried beside Vallum's directory digest, never instead; it does not cover names. */
  readonly root: Sha256;
  readonly files: number;
  readonly bytes: number;
  readonly ignored: readonly IgnoredTree[];
}

/** @throws VallumError `SIGN_KEY`, `SIGN_EMPTY`, `SIGN_LINK`, `SIGN_CHANGED`, `SIGN_NAME`, `SIGN_TREE`, or of the disk */
export async function signModel(options: SignOptions): Promise<SignedModel> {
  const { disk, dir } = options;
  const key = modelKey(createPublicKey(options.key.privateKey));
  if (key === undefined)
    throw new VallumError(
      'SIGN_KEY',
      'models are signed with an ECDSA key on P-256, P-384 or P-521, and this is none',
      {
        fix: 'use the key that was enrolled with the role sign:model',
      },
    );
  const own = options.signaturePath ?? SIGNATURE_FILE;
  const ignore = new Set([...(options.ignore ?? GIT_PATHS), own]);
  const tree = await walkModel(disk, dir, ignore, own);
  const [link] = tree.irregular;
  if (link !== undefined)
    throw new VallumError('SIGN_LINK', `${dir}/${link} is a link or a special file, which a signature does not cover`, {
      fix: 'replace it with a regular file',
    });
  if (tree.files.length === 0)
    throw new VallumError('SIGN_EMPTY', `there is no file to sign in ${dir}`, { fix: 'give the folder of the model' });
  const digests: FileDigest[] = [];
  for (const path of tree.files) {
    options.abort?.throwIfAborted();
    digests.push({ path, sha256: await digestFile(disk, `${dir}/${path}`) });
  }
  const again = await walkModel(disk, dir, ignore, own);
  if (again.files.join('\n') !== tree.files.join('\n') || again.irregular.length > 0)
    throw new VallumError('SIGN_CHANGED', `files came or went in ${dir} while it was hashed`, {
      fix: 'sign again when it is at rest',
    });
  const payload = writeManifest(options.name ?? dir.split('/').filter(Boolean).at(-1) ?? 'model', ignore, digests);
  const { root } = readBack(payload);
  const signature = sign(key.digest, preAuthEncoding(payload), options.key.privateKey);
  await writeDurably(disk, `${dir}/${own}`, writeBundle(key.hint, payload, signature));
  return { keyid: key.keyid, root, files: digests.length, bytes: tree.bytes, ignored: tree.ignored };
}

/** What the strict reader would refuse (a line break in a name, say) must not be signed. */
function readBack(payload: Uint8Array): ModelManifest {
  try {
    return readManifest(payload);
  } catch (error) {
    throw new VallumError('SIGN_NAME', `this folder cannot be signed: ${messageOf(error)}`, {
      fix: 'rename the file, and name ignored paths and the signature relative to the folder',
    });
  }
}
