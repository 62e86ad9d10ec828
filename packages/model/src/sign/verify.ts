// `verifyModel`: OpenSSF Model Signing v1.0. Two questions, both answered: did somebody trusted sign this list, and is
// the folder exactly that list (changed, missing and extra files by name)? The profile `strict` refuses what the format
// forbids; `compat` gives the reference's verdict, except that it never reads outside the folder nor follows a link.
import type { Disk, FileHasher, HashOptions } from '@vallum/core';
import { diskHasher, messageOf } from '@vallum/core';
import type { Bundle } from './bundle.js';
import { readBundle } from './bundle.js';
import type { CheckedFiles, FileDifferences } from './compare.js';
import { compareFiles } from './compare.js';
import { MAX_BUNDLE_BYTES } from './form.js';
import type { TrustedKey } from './keys.js';
import type { LinkReader } from './links.js';
import { readManifest } from './manifest.js';
import type { Profile, SignatureMethod, Signer } from './method.js';
import type { SignaturePlace, Target } from './place.js';
import { signaturePlace } from './place.js';
import type { FailureClass, RefusalCode } from './refusal.js';
import { classOf, isUndecided, Refusal } from './refusal.js';
import type { Signers } from './signers.js';
import { signerOfBundle } from './signers.js';

export interface VerifyOptions extends Target {
  readonly disk: Disk;
  readonly signers: Signers;
  /** Default `strict`. */
  readonly profile?: Profile;
  /** Accept files that the signature does not cover: the status is then `valid-with-unsigned-files`, never `valid`. */
  readonly ignoreUnsignedFiles?: boolean;
  /** Given, links inside the folder are followed where the signature allows links; otherwise every link is refused. */
  readonly readLink?: LinkReader;
  /** Default: in this thread. */
  readonly hasher?: FileHasher;
  readonly abort?: AbortSignal;
  /** Bytes hashed and bytes in all. */
  readonly progress?: HashOptions['progress'];
}

export type Verification =
  | {
      readonly status: 'valid' | 'valid-with-unsigned-files';
      readonly method: SignatureMethod;
      readonly signer: Signer;
      readonly files: CheckedFiles;
    }
  | {
      readonly status: 'refused';
      readonly code: RefusalCode;
      readonly class: FailureClass;
      /** True when nobody can tell, rather than something being wrong. */
      readonly undecided: boolean;
      readonly message: string;
      readonly method?: SignatureMethod;
      /** Set when the list could be read, whoever signed it; without a signer nobody trusted vouches for it. */
      readonly files?: CheckedFiles;
      readonly signer?: Signer;
    };

/** Never throws for what the signature or the folder says; only for a disk that cannot be read. */
export async function verifyModel(options: VerifyOptions): Promise<Verification> {
  const { profile = 'strict', dir, file } = options;
  const place = signaturePlace(options);
  const known: { method?: SignatureMethod; signer?: Signer; files?: CheckedFiles } = {};
  try {
    const bundle = await readSignature(options.disk, place, profile);
    known.method = bundle.method;
    const signer = await trusted(bundle, options.signers, profile);
    if (!(signer instanceof Refusal)) known.signer = signer;
    const manifest = readManifest(bundle.payload, profile, file);
    const hashing = { ...optional('signal', options.abort), ...optional('progress', options.progress) };
    const hasher = options.hasher ?? diskHasher(options.disk);
    known.files = await compareFiles({ ...options, dir, own: place.own, profile, hasher, hashing }, manifest);
    const status = judge(known.files, options.ignoreUnsignedFiles === true, profile);
    if (signer instanceof Refusal) throw signer;
    return { status, method: bundle.method, signer, files: known.files };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, message } = error;
    return {
      status: 'refused',
      code,
      class: classOf(code, known.files),
      undecided: isUndecided(code),
      message,
      ...known,
    };
  }
}

/** An unknown signer does not end it: that the files differ is worth knowing whoever signed. */
async function trusted(bundle: Bundle, signers: Signers, profile: Profile): Promise<Signer | Refusal> {
  try {
    return await signerOfBundle(bundle, signers, profile);
  } catch (error) {
    if (error instanceof Refusal && isUndecided(error.code)) return error;
    throw error;
  }
}

/** @throws Refusal `files-differ` or `files-uncovered` */
function judge(files: CheckedFiles, ignoreUnsigned: boolean, profile: Profile): 'valid' | 'valid-with-unsigned-files' {
  const { changed, missing, extra, uncovered } = files;
  if (changed.length + missing.length > 0 || (extra.length > 0 && !ignoreUnsigned))
    throw new Refusal('files-differ', `the signature does not match the files: ${describe(files)}`);
  // The reference does not look for them.
  if (uncovered.length > 0 && profile === 'strict' && !ignoreUnsigned)
    throw new Refusal('files-uncovered', `the signature covers no empty files, and some are there: ${describe(files)}`);
  return extra.length + uncovered.length > 0 ? 'valid-with-unsigned-files' : 'valid';
}

/** Id of the trusted key whose signature stands on the model, whatever the files are now; undefined when none does. */
export async function signerOf(
  options: Target & { readonly disk: Disk; readonly trustedKeys: readonly TrustedKey[] },
): Promise<string | undefined> {
  try {
    const bundle = await readSignature(options.disk, signaturePlace(options), 'strict');
    return (await signerOfBundle(bundle, { method: 'key', keys: options.trustedKeys }, 'strict')).keyid;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

export function describe(files: FileDifferences): string {
  const groups = (['changed', 'missing', 'extra', 'uncovered'] as const).map((what) => [what, files[what]] as const);
  return groups
    .filter(([, paths]) => paths.length > 0)
    .map(([what, paths]) => {
      const more = paths.length > 3 ? ` and ${paths.length - 3} more` : '';
      return `${what} ${paths.slice(0, 3).join(', ')}${more}`;
    })
    .join('; ');
}

async function readSignature(disk: Disk, { path, shown }: SignaturePlace, profile: Profile): Promise<Bundle> {
  const stat = await disk.stat(path);
  if (stat === undefined) throw new Refusal('signature-absent', `there is no signature file ${shown}`);
  let bytes: Uint8Array;
  try {
    bytes = await disk.read(path, MAX_BUNDLE_BYTES);
  } catch (error) {
    throw new Refusal('signature-unreadable', messageOf(error));
  }
  return readBundle(bytes, profile);
}

function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Partial<Record<K, V>>);
}
