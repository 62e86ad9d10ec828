// `vallum sign` and `vallum verify`: OpenSSF Model Signing v1.0, key method, on a folder; with a project around it the
// enrolled keys are used, without one a key is given.
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import type { Disk } from '@vallum/core';
import { isJsonObject, parseJsonStrict, sha256, VallumError } from '@vallum/core';
import type { TrustedKey, Verification } from '@vallum/model';
import { SIGNATURE_FILE, signModel, verifyModel } from '@vallum/model';
import { readKeyFolder } from '@vallum/trust';
import type { Answer, Io } from '../answer.js';
import type { ExitCode } from '../exit.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { modelKeysOf } from '../project/model-keys.js';
import { openSession, requireRole, trustOf } from '../project/session.js';

const MAX_KEY_BYTES = 64 * 1024;
const MAX_SIGNATURE_BYTES = 64 * 1024 * 1024;

export interface SignCommandOptions {
  readonly key?: string;
  readonly signature?: string;
}

async function modelFolder(disk: Disk, dir: string): Promise<string> {
  const folder = dir.replace(/\/+$/, '') || '/';
  if ((await disk.stat(folder))?.kind !== 'directory')
    throw new VallumError('SIGN_DIR', `${dir} is not a folder`, { fix: 'give the folder of the model' });
  return folder;
}

/** The project around a model folder, if there is one: the nearest folder upwards with a `vallum.yaml`. */
async function projectOf(io: Io, dir: string): Promise<string | undefined> {
  for (let folder = resolve(dir); ; folder = dirname(folder)) {
    if ((await io.disk.stat(`${folder}/vallum.yaml`)) !== undefined) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

export async function signCommand(io: Io, dir: string, options: SignCommandOptions): Promise<Answer> {
  const folder = await modelFolder(io.disk, dir);
  const signaturePath = options.signature ?? SIGNATURE_FILE;
  await refuseOverwrite(io.disk, `${folder}/${signaturePath}`, signaturePath);
  const privateKey =
    options.key === undefined ? await enrolledPrivateKey(io, folder) : await givenPrivateKey(io, options.key);
  const signed = await signModel({ disk: io.disk, dir: folder, key: { privateKey }, signaturePath });
  return {
    exit: EXIT.pass,
    text: `Signed ${signed.files} files (${signed.bytes} bytes) in ${printable(dir)} with the key ${signed.keyid.slice(0, 12)}: ${printable(signaturePath)}`,
    json: {
      schema: 'vallum/sign/v1',
      dir,
      signature: signaturePath,
      keyid: signed.keyid,
      root: signed.root,
      files: signed.files,
    },
  };
}

/** Signing again replaces a signature; any other file under that name, such as the weights, would be lost. */
async function refuseOverwrite(disk: Disk, path: string, name: string): Promise<void> {
  if ((await disk.stat(path)) === undefined || (await isSignature(disk, path))) return;
  throw new VallumError('SIGN_OVERWRITE', `${name} is there already and is no signature`, {
    fix: 'name another file with --signature',
  });
}

async function isSignature(disk: Disk, path: string): Promise<boolean> {
  try {
    const json = parseJsonStrict(await disk.read(path, MAX_SIGNATURE_BYTES), { maxBytes: MAX_SIGNATURE_BYTES });
    return isJsonObject(json) && 'dsseEnvelope' in json;
  } catch {
    return false;
  }
}

async function enrolledPrivateKey(io: Io, folder: string): Promise<ReturnType<typeof createPrivateKey>> {
  const project = await projectOf(io, folder);
  if (project !== undefined) return requireRole(await openSession({ ...io, folder: project }), 'sign:model').privateKey;
  const keys = await readKeyFolder(io.disk, io.keysFolder);
  const key = keys.find(({ algorithm }) => algorithm === 'p256');
  if (key !== undefined) return key.privateKey;
  throw new VallumError('SIGN_KEY', `there is no P-256 key in ${io.keysFolder}`, {
    fix: 'give one with --key FILE (PEM)',
  });
}

async function givenPrivateKey(io: Io, path: string): Promise<ReturnType<typeof createPrivateKey>> {
  const bytes = await io.disk.read(path, MAX_KEY_BYTES);
  try {
    return createPrivateKey(Buffer.from(bytes));
  } catch (cause) {
    throw new VallumError('SIGN_KEY', `${path} is not an unencrypted private key in PEM`, {
      fix: 'give an EC private key, as openssl ecparam -genkey writes it',
      cause,
    });
  }
}

export async function verifyCommand(io: Io, dir: string, options: SignCommandOptions): Promise<Answer> {
  const folder = await modelFolder(io.disk, dir);
  const trustedKeys =
    options.key === undefined ? await enrolledKeys(io, folder) : [await givenPublicKey(io, options.key)];
  const found = await verifyModel({
    disk: io.disk,
    dir: folder,
    trustedKeys,
    ...(options.signature === undefined ? {} : { signaturePath: options.signature }),
  });
  return { exit: exitOf(found), text: textOf(found, dir), json: { schema: 'vallum/verify/v1', dir, ...jsonOf(found) } };
}

async function enrolledKeys(io: Io, folder: string): Promise<readonly TrustedKey[]> {
  const project = await projectOf(io, folder);
  if (project === undefined)
    throw new VallumError('VERIFY_KEY', `no project is around ${folder}, so no key is enrolled`, {
      fix: 'give the signer with --key FILE (PEM)',
    });
  return modelKeysOf(trustOf(await openSession({ ...io, folder: project })), io.clock());
}

async function givenPublicKey(io: Io, path: string): Promise<TrustedKey> {
  const bytes = await io.disk.read(path, MAX_KEY_BYTES);
  try {
    const spki = createPublicKey(Buffer.from(bytes)).export({ format: 'der', type: 'spki' });
    return { keyid: sha256(spki), spki: spki.toString('base64') };
  } catch (cause) {
    throw new VallumError('VERIFY_KEY', `${path} is not a public key in PEM`, {
      fix: 'give an EC public key',
      cause,
    });
  }
}

function exitOf(found: Verification): ExitCode {
  if (found.status !== 'refused') return found.status === 'valid' ? EXIT.pass : EXIT.notProven;
  const undecided = [
    'signature-absent',
    'signature-unreadable',
    'signer-untrusted',
    'method-unsupported',
    'serialization-unsupported',
  ];
  return undecided.includes(found.code) ? EXIT.notProven : EXIT.refused;
}

function textOf(found: Verification, dir: string): string {
  if (found.status !== 'refused')
    return `Verification succeeded: ${found.files.signed.size} files in ${printable(dir)} are as ${found.keyid.slice(0, 12)} signed them`;
  const { changed = [], missing = [], extra = [] } = found.files ?? {};
  const list = (what: string, paths: readonly string[]): string[] =>
    paths.map((path) => `  ${what}  ${printable(path)}`);
  return [
    `Verification failed: ${printable(found.message)} [${found.code}]`,
    ...list('changed', changed),
    ...list('missing', missing),
    ...list('extra  ', extra),
  ].join('\n');
}

function jsonOf(found: Verification): object {
  const { changed = [], missing = [], extra = [] } = found.files ?? {};
  const failure = found.status === 'refused' ? { code: found.code, message: found.message } : {};
  return {
    status: found.status,
    ...(found.keyid === undefined ? {} : { keyid: found.keyid }),
    ...failure,
    changed,
    missing,
    extra,
  };
}
