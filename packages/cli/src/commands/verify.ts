// `vallum verify`: is this model exactly what somebody trusted signed? The person says whom to trust: a key, roots of
// certificates, a Sigstore identity, or the keys that the project around the model has enrolled.
import { createPublicKey } from 'node:crypto';
import { sha256, VallumError } from '@vallum/core';
import type { CheckedFiles, Signers, TrustedKey, Verification } from '@vallum/model';
import { packagedTrustedRoot, readLink, readRoots, readTrustedRoot, verifyModel } from '@vallum/model';
import type { Answer, Io } from '../answer.js';
import type { ExitCode } from '../exit.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { readNamed } from '../project/read-named.js';
import { assuranceJson, assuranceLines, withHasher } from './model-hasher.js';
import { hashingProgress, MAX_KEY_BYTES, modelTarget, projectOf, signatureIn } from './model-target.js';

const MAX_TRUST_BYTES = 4 * 1024 * 1024;
const SHOWN = 20;

export interface VerifyCommandOptions {
  readonly key?: string;
  readonly roots?: string;
  readonly identity?: string;
  readonly issuer?: string;
  readonly workflow?: string;
  readonly branch?: string;
  readonly trustedRoot?: string;
  readonly signature?: string;
  readonly profile?: 'strict' | 'compat';
  readonly ignoreUnsignedFiles?: boolean;
  readonly incremental?: boolean;
}

export async function verifyCommand(io: Io, model: string, options: VerifyCommandOptions): Promise<Answer> {
  const target = await modelTarget(io.disk, model);
  const signers = await signersOf(io, target.dir, options);
  const { profile = 'strict' } = options;
  const { result: found, report } = await withHasher(io, target.dir, options.incremental === true, async (hasher) =>
    verifyModel({
      disk: io.disk,
      ...target,
      signers,
      profile,
      readLink,
      hasher,
      ...(options.signature === undefined ? {} : { signaturePath: await signatureIn(target.dir, options.signature) }),
      ...(options.ignoreUnsignedFiles === true ? { ignoreUnsignedFiles: true } : {}),
      progress: hashingProgress(io, model),
    }),
  );
  return {
    exit: exitOf(found),
    text: [textOf(found, model), ...assuranceLines(report)].join('\n'),
    json: { schema: 'vallum/verify/v1', dir: model, profile, ...jsonOf(found), ...assuranceJson(report) },
  };
}

async function signersOf(io: Io, dir: string, options: VerifyCommandOptions): Promise<Signers> {
  const { key, roots, identity, issuer, workflow, branch } = options;
  const file = (path: string) => ({ path, name: path, limit: MAX_TRUST_BYTES, fix: 'give the right file' });
  const ways = [key, roots, issuer].filter((way) => way !== undefined).length;
  if (ways > 1)
    throw wrongUse('--key, --roots and --issuer exclude each other', 'give the one that fits the signature');
  if (issuer !== undefined) {
    if (identity === undefined) throw wrongUse('--issuer is given without --identity', 'say who must have signed');
    if (workflow !== undefined && !/^https:\/\/[^@]+$/.test(workflow))
      throw wrongUse(
        `the workflow ${JSON.stringify(workflow)} is of no repository: files of the same name are in many`,
        'give its URI without the ref: https://github.com/OWNER/NAME/.github/workflows/FILE',
      );
    const trustedRoot =
      options.trustedRoot === undefined
        ? await packagedTrustedRoot()
        : await readNamed(io.disk, file(options.trustedRoot), readTrustedRoot);
    const pins = { ...(workflow === undefined ? {} : { workflow }), ...(branch === undefined ? {} : { branch }) };
    return { method: 'sigstore', trustedRoot, identity, issuer, ...pins };
  }
  const alone = [options.trustedRoot, workflow, branch].some((value) => value !== undefined);
  if (alone || (identity !== undefined && roots === undefined))
    throw wrongUse(
      'a Sigstore identity is not complete without its issuer',
      'give --issuer URL, or --roots FILE for a certificate of your own',
    );
  if (roots !== undefined) {
    const trusted = await readNamed(io.disk, file(roots), readRoots);
    return { method: 'certificate', roots: trusted, now: io.clock(), ...(identity === undefined ? {} : { identity }) };
  }
  return { method: 'key', keys: key === undefined ? await enrolledKeys(io, dir) : [await givenPublicKey(io, key)] };
}

async function enrolledKeys(io: Io, dir: string): Promise<readonly TrustedKey[]> {
  const project = await projectOf(io, dir);
  if (project === undefined)
    throw new VallumError('VERIFY_KEY', `no project is around ${dir}, so no key is enrolled`, {
      fix: 'give the signer with --key FILE (PEM)',
    });
  // What reads a project is loaded where there is one: without it this command starts in half the time.
  const { openSession, trustOf } = await import('../project/session.js');
  const { modelKeysOf } = await import('../project/model-keys.js');
  return modelKeysOf(trustOf(await openSession({ ...io, folder: project })), io.clock());
}

async function givenPublicKey(io: Io, path: string): Promise<TrustedKey> {
  const bytes = await io.disk.read(path, MAX_KEY_BYTES);
  // A PEM of a private key gives a public one too; whoever gave it should learn that it lies about.
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(Buffer.from(bytes).toString('latin1')))
    throw wrongUse(`${path} holds a private key`, 'give the public one: openssl pkey -in FILE -pubout');
  let key;
  try {
    key = createPublicKey(Buffer.from(bytes));
  } catch (cause) {
    throw new VallumError('VERIFY_KEY', `${path} is not a public key in PEM`, { fix: 'give an EC public key', cause });
  }
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (key.asymmetricKeyType !== 'ec' || !['prime256v1', 'secp384r1', 'secp521r1'].includes(curve ?? ''))
    throw wrongUse(
      `${path} holds a key that cannot sign models (${curve ?? key.asymmetricKeyType ?? 'unknown'})`,
      'give an EC public key on P-256, P-384 or P-521',
    );
  const spki = key.export({ format: 'der', type: 'spki' });
  return { keyid: sha256(spki), spki: spki.toString('base64') };
}

function wrongUse(message: string, fix: string): VallumError {
  return new VallumError('VERIFY_KEY', message, { fix });
}

function exitOf(found: Verification): ExitCode {
  if (found.status !== 'refused') return EXIT.pass;
  return found.undecided ? EXIT.notProven : EXIT.refused;
}

function signerText({ signer }: Verification): string {
  const name = signer?.identity ?? signer?.keyid?.slice(0, 12) ?? 'nobody';
  return signer?.issuer === undefined ? printable(name) : `${printable(name)} (${printable(signer.issuer)})`;
}

function textOf(found: Verification, model: string): string {
  const { files } = found;
  const head =
    found.status === 'refused'
      ? `Verification failed: ${printable(found.message)} [${found.code}]`
      : `Verification succeeded: ${found.files.signed.size} files in ${printable(model)} are as ${signerText(found)} signed them${found.status === 'valid' ? '' : '; others that nobody signed are there too'}`;
  return [
    head,
    ...(files === undefined ? [] : fileLines(files)),
    ...warningsOf(found).map((text) => `  note  ${printable(text)}`),
  ].join('\n');
}

function fileLines(files: CheckedFiles): readonly string[] {
  const { codePoint, component } = files.roots;
  const groups = (['changed', 'missing', 'extra', 'uncovered'] as const).flatMap((what) =>
    some(files[what].map((path) => `  ${what.padEnd(9)}  ${printable(path)}`)),
  );
  const ignored = files.ignored
    .filter((tree) => tree.files > 0)
    .map((tree) => `  ignored    ${printable(tree.path)} (${tree.files} files, ${tree.bytes} bytes)`);
  const roots =
    codePoint === component ? [] : [`  root       ${codePoint} by code point, ${component} by path component`];
  return [...groups, ...some(ignored), ...roots];
}

/** The first ones; the JSON has them all. */
function some(lines: readonly string[]): readonly string[] {
  const more = lines.length - SHOWN;
  return more > 0 ? [...lines.slice(0, SHOWN), `  ... and ${more} more`] : lines;
}

function warningsOf({ signer, files }: Verification): readonly string[] {
  return [...(signer?.warnings ?? []), ...(files?.warnings ?? [])];
}

function jsonOf(found: Verification): object {
  const { signer, files } = found;
  const { changed = [], missing = [], extra = [], uncovered = [] } = files ?? {};
  const failure = found.status === 'refused' ? { class: found.class, code: found.code, message: found.message } : {};
  return {
    status: found.status,
    ...failure,
    ...(found.method === undefined ? {} : { method: found.method }),
    ...(signer?.keyid === undefined ? {} : { keyid: signer.keyid }),
    ...(signer?.identity === undefined ? {} : { identity: signer.identity }),
    ...(signer?.issuer === undefined ? {} : { issuer: signer.issuer }),
    ...(signer?.signedAt === undefined ? {} : { signedAt: signer.signedAt.toISOString() }),
    ...(files === undefined ? {} : { files: files.signed.size, root: files.root, roots: files.roots }),
    changed,
    missing,
    extra,
    uncovered,
    ignored: files?.ignored.filter((tree) => tree.files > 0) ?? [],
    warnings: warningsOf(found),
  };
}
