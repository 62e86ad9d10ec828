// What a training run was made of, collected from the model folder, run.json, the feeds, the checkout and what is given on
// the command line. Facts that contradict each other are not attested: a provenance over other rows or other weights than
// the ones at hand would be a false statement with a good signature.
import { basename, isAbsolute, resolve } from 'node:path';
import type { Disk, FileDigest, Sha256 } from '@vallum/core';
import {
  asSha256,
  digestDirectory,
  digestFile,
  digestJson,
  digestTree,
  parseJsonStrict,
  VallumError,
} from '@vallum/core';
import type { Dataset } from '@vallum/data';
import { readRunFile, RUN_FILE } from '@vallum/governance';
import type { Checkout, NamedDigest, TrainingProvenance } from '@vallum/model';
import { isBranchRef, modelSigningRoot, readCheckout, SIGNATURE_FILE } from '@vallum/model';
import { fullRef } from '@vallum/trust';
import { TOOL } from '../version.js';

export interface AttestOptions {
  readonly key?: string;
  readonly base?: string;
  readonly environment?: string;
  readonly container?: string;
  readonly builder?: string;
  readonly workflow?: string;
  readonly branch?: string;
  readonly commit?: string;
  readonly out?: string;
}

export interface FactSource {
  readonly disk: Disk;
  readonly dir: string;
  /** Folder whose git checkout counts. */
  readonly checkout: string;
  readonly name: string;
  readonly builder: string;
  /** Of a project; without one the feeds are those of run.json. */
  readonly dataset?: Dataset;
  readonly base?: { readonly name: string; readonly dir: string; readonly uri?: string };
  readonly options: AttestOptions;
}

const MAX_RUN_BYTES = 4 * 1024 * 1024;

/** @throws VallumError `ATTEST_RUN` (not proven) where run.json and the bytes differ, `ATTEST_*` for bad options */
export async function collectFacts(source: FactSource): Promise<TrainingProvenance> {
  const { disk, dir, dataset, options } = source;
  const files = await digestTree(disk, dir, (path) => path !== SIGNATURE_FILE);
  const checkout = await checkoutOf(source);
  return {
    subject: { name: source.name, digest: { sha256: digestDirectory(files) } },
    omsRoot: modelSigningRoot(files),
    builder: { id: options.builder ?? source.builder, version: { [TOOL.name]: TOOL.version } },
    ...(options.workflow === undefined ? {} : { workflow: options.workflow }),
    ...(checkout === undefined ? {} : checkout),
    ...(await runFacts(source, files)),
    ...(dataset === undefined
      ? {}
      : { dataset: { name: dataset.subject.name, sha256: dataset.subject.digest.sha256 } }),
    ...(await baseFacts(source)),
    ...(await environmentFacts(disk, options.environment)),
    ...(options.container === undefined ? {} : { container: containerOf(options.container) }),
  };
}

async function checkoutOf({ disk, checkout, options }: FactSource): Promise<Partial<Checkout> | undefined> {
  const ref = options.branch === undefined ? undefined : fullRef(options.branch);
  if (ref !== undefined && !isBranchRef(ref))
    throw new VallumError('ATTEST_BRANCH', `${JSON.stringify(options.branch)} is not the name of a branch`, {
      fix: 'give the name of a branch in ASCII, such as main',
    });
  if (options.commit !== undefined && !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(options.commit))
    throw new VallumError('ATTEST_COMMIT', `${JSON.stringify(options.commit)} is not the id of a git commit`, {
      fix: 'give all 40 or 64 hexadecimal digits, in lower case',
    });
  const found = await readCheckout(disk, resolve(checkout));
  const commit = options.commit ?? found?.commit;
  // The branch of the checkout says nothing about a commit that was named by hand.
  const branch = ref ?? (options.commit === undefined || options.commit === found?.commit ? found?.ref : undefined);
  return { ...(commit === undefined ? {} : { commit }), ...(branch === undefined ? {} : { ref: branch }) };
}

type RunFacts = Pick<TrainingProvenance, 'trained' | 'feeds' | 'seed' | 'code' | 'run' | 'invocationId'>;

async function runFacts({ disk, dir, dataset }: FactSource, files: readonly FileDigest[]): Promise<RunFacts> {
  const run = await readRunFile(disk, dir);
  const atHand = (dataset?.feeds ?? []).map(({ name, source, digests }): NamedDigest => ({
    name,
    sha256: digests.rows,
    uri: source,
  }));
  if (run === undefined) return { trained: {}, feeds: atHand.map(withUri) };
  const digest = digestJson(parseJsonStrict(await disk.read(`${dir}/${RUN_FILE}`, MAX_RUN_BYTES)));
  for (const { path, sha256 } of run.outputs)
    if (files.find((file) => file.path === path)?.sha256 !== sha256) throw differs(`the file ${path}`);
  for (const { name, sha256 } of run.feeds)
    if (dataset !== undefined && atHand.find((feed) => feed.name === name)?.sha256 !== sha256)
      throw differs(`the feed ${name}`);
  const used = run.feeds.map(({ name, sha256 }) => atHand.find((feed) => feed.name === name) ?? { name, sha256 });
  return {
    trained: Object.fromEntries(run.feeds.map(({ name, train }) => [name, train])),
    feeds: used.map(withUri),
    seed: run.seed,
    ...(run.code === undefined ? {} : { code: run.code }),
    run: digest,
    invocationId: `urn:vallum:run:${digest}`,
  };
}

/** Only what reads like an address is one. */
function withUri({ name, sha256, uri }: NamedDigest): NamedDigest {
  return { name, sha256, ...(uri !== undefined && /^[a-z][a-z0-9+.-]*:\S+$/.test(uri) ? { uri } : {}) };
}

function differs(what: string): VallumError {
  return new VallumError(
    'ATTEST_RUN',
    `${what} is not the one that ${RUN_FILE} names, so nothing is attested`,
    { fix: 'restore it, or train again' },
    'unproven',
  );
}

async function baseFacts({ disk, base, options }: FactSource): Promise<Pick<TrainingProvenance, 'base'>> {
  const given = options.base === undefined ? base : { name: basename(resolve(options.base)), dir: options.base };
  if (given === undefined) return {};
  if ((await disk.stat(given.dir))?.kind !== 'directory')
    throw new VallumError('ATTEST_BASE', `the base model ${given.dir} is not a folder`, {
      fix: 'give the folder of the model that the training started from',
    });
  const files = await digestTree(disk, given.dir, (path) => path !== SIGNATURE_FILE);
  const uri = 'uri' in given && given.uri !== undefined ? { uri: given.uri } : {};
  return { base: { name: given.name, sha256: digestDirectory(files), ...uri } };
}

async function environmentFacts(
  disk: Disk,
  path: string | undefined,
): Promise<Pick<TrainingProvenance, 'environment'>> {
  if (path === undefined) return {};
  if ((await disk.stat(path))?.kind !== 'file')
    throw new VallumError('ATTEST_ENVIRONMENT', `${path} is not a regular file`, {
      fix: 'give the lock file or the captured environment of the training',
    });
  return { environment: { name: isAbsolute(path) ? basename(path) : path, sha256: await digestFile(disk, path) } };
}

/** `REGISTRY/NAME@sha256:DIGEST`: a tag alone can be moved. */
function containerOf(text: string): NamedDigest {
  const [, name, digest] = /^([!-?A-~]{1,500})@sha256:([0-9a-f]{64})$/.exec(text) ?? [];
  if (name === undefined || digest === undefined)
    throw new VallumError('ATTEST_CONTAINER', `${JSON.stringify(text.slice(0, 200))} names no image by its digest`, {
      fix: 'write it like registry.example.org/train@sha256:...',
    });
  return { name, sha256: asSha256(digest) satisfies Sha256 };
}
