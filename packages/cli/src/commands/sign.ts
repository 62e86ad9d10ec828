// `vallum sign`: OpenSSF Model Signing v1.0 over a folder or a file, by a key or with a certificate. With a project around
// the model the enrolled key is used, without one a key is given.
import type { KeyObject } from 'node:crypto';
import { VallumError } from '@vallum/core';
import type { SigningKey } from '@vallum/model';
import { DEFAULT_SHARD_SIZE, GIT_PATHS, readCertificates, readLink, SIGNATURE_FILE, signModel } from '@vallum/model';
import { readKeyFolder } from '@vallum/trust';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { readNamed } from '../project/read-named.js';
import { assuranceJson, assuranceLines, withHasher } from './model-hasher.js';
import { hashingProgress, modelTarget, projectOf, signatureIn } from './model-target.js';
import { readPrivateKey } from './private-key.js';

const MAX_CHAIN_BYTES = 1024 * 1024;

export interface SignCommandOptions {
  readonly key?: string;
  readonly passwordFile?: string;
  readonly certificate?: string;
  readonly chain?: string;
  readonly signature?: string;
  readonly ignore?: readonly string[];
  readonly shards?: boolean;
  readonly allowSymlinks?: boolean;
  readonly incremental?: boolean;
  readonly profile?: 'strict' | 'compat';
}

export async function signCommand(io: Io, model: string, options: SignCommandOptions): Promise<Answer> {
  const target = await modelTarget(io.disk, model);
  const signaturePath = options.signature ?? (target.file === undefined ? SIGNATURE_FILE : `${target.file}.sig`);
  const key = await signingKey(io, target.dir, options);
  const { result: signed, report } = await withHasher(io, target.dir, options.incremental === true, async (hasher) =>
    signModel({
      disk: io.disk,
      ...target,
      key,
      signaturePath: await signatureIn(target.dir, signaturePath),
      hasher,
      ignore: [...GIT_PATHS, ...(options.ignore ?? [])],
      ...(options.shards === true ? { shardSize: DEFAULT_SHARD_SIZE } : {}),
      ...(options.allowSymlinks === true ? { readLink } : {}),
      ...(options.profile === undefined ? {} : { profile: options.profile }),
      progress: hashingProgress(io, model),
    }),
  );
  const { codePoint, component } = signed.roots;
  const ignored = signed.ignored.filter(({ files }) => files > 0);
  return {
    exit: EXIT.pass,
    text: [
      `Signed ${signed.files} files (${signed.bytes} bytes) in ${printable(model)} with the key ${signed.keyid.slice(0, 12)}: ${printable(signaturePath)}`,
      ...ignored.map(({ path, files, bytes }) => `  ignored  ${printable(path)} (${files} files, ${bytes} bytes)`),
      ...signed.uncovered.map((path) => `  uncovered  ${printable(path)} (empty, which shards do not cover)`),
      ...(codePoint === component ? [] : [`  root     ${codePoint} by code point, ${component} by path component`]),
      ...assuranceLines(report),
    ].join('\n'),
    json: {
      schema: 'vallum/sign/v1',
      dir: model,
      signature: signaturePath,
      method: key.chain === undefined ? 'key' : 'certificate',
      keyid: signed.keyid,
      root: signed.root,
      roots: signed.roots,
      files: signed.files,
      ignored,
      uncovered: signed.uncovered,
      ...assuranceJson(report),
    },
  };
}

async function signingKey(io: Io, dir: string, options: SignCommandOptions): Promise<SigningKey> {
  const { key, certificate, chain } = options;
  if (certificate === undefined && chain !== undefined)
    throw new VallumError('SIGN_CERTIFICATE', '--chain is given without --certificate', {
      fix: 'give the certificate of the key with --certificate FILE',
    });
  if (key === undefined && (certificate ?? options.passwordFile) !== undefined)
    throw new VallumError('SIGN_KEY', '--certificate and --password-file need --key', { fix: 'give the private key' });
  const privateKey =
    key === undefined ? await enrolledKey(io, dir) : await readPrivateKey(io.disk, { ...options, key });
  if (certificate === undefined) return { privateKey };
  return {
    privateKey,
    chain: [...(await certificates(io, certificate)), ...(chain === undefined ? [] : await certificates(io, chain))],
  };
}

function certificates(io: Io, path: string): Promise<readonly Uint8Array[]> {
  return readNamed(
    io.disk,
    { path, name: path, limit: MAX_CHAIN_BYTES, fix: 'give certificates in PEM' },
    readCertificates,
  );
}

async function enrolledKey(io: Io, dir: string): Promise<KeyObject> {
  const project = await projectOf(io, dir);
  if (project !== undefined) {
    // What reads a project is loaded where there is one.
    const { openSession, requireRole } = await import('../project/session.js');
    return requireRole(await openSession({ ...io, folder: project }), 'sign:model').privateKey;
  }
  const keys = await readKeyFolder(io.disk, io.keysFolder);
  const key = keys.find(({ algorithm }) => algorithm === 'p256');
  if (key !== undefined) return key.privateKey;
  throw new VallumError('SIGN_KEY', `there is no P-256 key in ${io.keysFolder}`, {
    fix: 'give one with --key FILE (PEM)',
  });
}
