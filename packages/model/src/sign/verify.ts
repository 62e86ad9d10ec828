// `verifyModel`: the strict profile of OpenSSF Model Signing for signatures by a key. Two questions, both answered:
// did a trusted key sign this list, and is the folder exactly that list (changed, missing and extra files by name)?
import { verify } from 'node:crypto';
import type { Disk, Sha256 } from '@vallum/core';
import { digestFile, messageOf } from '@vallum/core';
import type { Bundle } from './bundle.js';
import { MAX_BUNDLE_BYTES, preAuthEncoding, readBundle } from './bundle.js';
import type { ModelKey, TrustedKey } from './keys.js';
import { modelKeys } from './keys.js';
import type { ModelManifest } from './manifest.js';
import { readManifest } from './manifest.js';
import { byCodePoint } from './paths.js';
import type { RefusalCode } from './refusal.js';
import { Refusal } from './refusal.js';
import { SIGNATURE_FILE } from './sign.js';
import type { IgnoredTree } from './walk.js';
import { walkModel } from './walk.js';

export interface VerifyOptions {
  readonly disk: Disk;
  readonly dir: string;
  /** Keys that may sign this model; those that the format does not allow are left out. */
  readonly trustedKeys: readonly TrustedKey[];
  /** Relative to the folder. Default `model.sig`. */
  readonly signaturePath?: string;
  /** Accept files that the signature does not list: the status is then `valid-with-unsigned-files`, never `valid`. */
  readonly ignoreUnsignedFiles?: boolean;
  readonly abort?: AbortSignal;
}

/** How the folder differs from the signed list. All paths are relative and sorted. */
export interface FileDifferences {
  readonly changed: readonly string[];
  readonly missing: readonly string[];
  /** Files, links and special files that the signature does not list. */
  readonly extra: readonly string[];
}

export interface CheckedFiles extends FileDifferences {
  readonly signed: ReadonlyMap<string, Sha256>;
  readonly bytes: number;
  readonly ignored: readonly IgnoredTree[];
  readonly root: Sha256;
  readonly warnings: readonly string[];
}

export type Verification =
  | {
      readonly status: 'valid' | 'valid-with-unsigned-files';
      readonly keyid: string;
      readonly files: CheckedFiles;
    }
  | {
      readonly status: 'refused';
      readonly code: RefusalCode;
      readonly message: string;
      /** Set when the list could be read, whoever signed it; without a keyid nobody trusted vouches for it. */
      readonly files?: CheckedFiles;
      readonly keyid?: string;
    };

const NO_HINT = 'the signature names no key, so every trusted key was tried';

/** Never throws for what the signature or the folder says; only for a disk that cannot be read. */
export async function verifyModel(options: VerifyOptions): Promise<Verification> {
  let keyid: string | undefined;
  let files: CheckedFiles | undefined;
  const refused = (code: RefusalCode, message: string): Verification => ({
    status: 'refused',
    code,
    message,
    ...(files === undefined ? {} : { files }),
    ...(keyid === undefined ? {} : { keyid }),
  });
  try {
    const bundle = await readSignature(options.disk, options.dir, options.signaturePath);
    keyid = signedBy(bundle, modelKeys(options.trustedKeys));
    const manifest = readManifest(bundle.payload);
    files = await compare(options, manifest, bundle.hint === undefined ? [NO_HINT] : []);
  } catch (error) {
    if (error instanceof Refusal) return refused(error.code, error.message);
    throw error;
  }
  const unsigned = files.extra.length > 0;
  if (files.changed.length + files.missing.length > 0 || (unsigned && options.ignoreUnsignedFiles !== true))
    return refused('files-differ', `the signature does not match the files: ${describe(files)}`);
  if (keyid === undefined)
    return refused('signer-untrusted', 'the signature matches the files, but no trusted key made it');
  return { status: unsigned ? 'valid-with-unsigned-files' : 'valid', keyid, files };
}

/** Id of the trusted key whose signature stands on the model, whatever the files are now; undefined when none does. */
export async function signerOf(
  options: Pick<VerifyOptions, 'disk' | 'dir' | 'trustedKeys' | 'signaturePath'>,
): Promise<string | undefined> {
  try {
    const bundle = await readSignature(options.disk, options.dir, options.signaturePath);
    return signedBy(bundle, modelKeys(options.trustedKeys));
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

export function describe(files: FileDifferences): string {
  const groups = [
    ['changed', files.changed],
    ['missing', files.missing],
    ['extra', files.extra],
  ] as const;
  return groups
    .filter(([, paths]) => paths.length > 0)
    .map(([what, paths]) => {
      const more = paths.length > 3 ? ` and ${paths.length - 3} more` : '';
      return `${what} ${paths.slice(0, 3).join(', ')}${more}`;
    })
    .join('; ');
}

async function readSignature(disk: Disk, dir: string, own = SIGNATURE_FILE): Promise<Bundle> {
  const stat = await disk.stat(`${dir}/${own}`);
  if (stat === undefined) throw new Refusal('signature-absent', `there is no signature file ${own}`);
  let bytes: Uint8Array;
  try {
    bytes = await disk.read(`${dir}/${own}`, MAX_BUNDLE_BYTES);
  } catch (error) {
    throw new Refusal('signature-unreadable', messageOf(error));
  }
  return readBundle(bytes);
}

/** @throws Refusal `signature-invalid` when the signature says that a trusted key made it and that key did not */
function signedBy(bundle: Bundle, keys: readonly ModelKey[]): string | undefined {
  const message = preAuthEncoding(bundle.payload);
  const made = (key: ModelKey): boolean =>
    verify(key.digest, message, { key: key.publicKey, dsaEncoding: 'der' }, bundle.signature);
  if (bundle.hint === undefined) return keys.find(made)?.keyid;
  const named = keys.find((key) => key.hint === bundle.hint);
  if (named !== undefined && !made(named))
    throw new Refusal('signature-invalid', 'the signature is not by the key that it names, or the signed list changed');
  return named?.keyid;
}

async function compare(
  options: VerifyOptions,
  manifest: ModelManifest,
  notes: readonly string[],
): Promise<CheckedFiles> {
  const { disk, dir, signaturePath = SIGNATURE_FILE } = options;
  const tree = await walkModel(disk, dir, manifest.ignore, signaturePath);
  const present = new Set(tree.files);
  const changed: string[] = [];
  for (const [path, wanted] of manifest.files) {
    if (!present.has(path)) continue;
    options.abort?.throwIfAborted();
    if ((await digestFile(disk, `${dir}/${path}`)) !== wanted) changed.push(path);
  }
  // A signed file that became a link is a changed file; the link is never followed.
  const links = new Set(tree.irregular);
  const absent = [...manifest.files.keys()].filter((path) => !present.has(path));
  changed.push(...absent.filter((path) => links.has(path)));
  const missing = absent.filter((path) => !links.has(path));
  const extra = [...tree.files, ...links].filter((path) => !manifest.files.has(path));
  return {
    changed: changed.sort(byCodePoint),
    missing: missing.sort(byCodePoint),
    extra: extra.sort(byCodePoint),
    signed: manifest.files,
    bytes: tree.bytes,
    ignored: tree.ignored,
    root: manifest.root,
    warnings: [...notes, ...manifest.warnings],
  };
}
