// What we sign the reference verifies and the other way round, on generated folders (two with thousands of files), with
// keys and certificates on three curves, whole files and shards; and both find the same changes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeDisk } from '@vallum/core';
import { signModel, verifyModel } from '@vallum/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askReference, requireReference, type Job } from './support/reference.js';
import { randomFor, SEED } from './support/seed.js';
import { CURVES, makeSigner, signersOf, signingKey, type InteropSigner, type Method } from './support/signers.js';
import { changeTree, makeTree, type Tree, type TreePlan } from './support/trees.js';

const TREES = Number(process.env['VALLUM_TREES'] ?? 200);
const SHARD = 16;
const work = mkdtempSync(join(tmpdir(), 'vallum-interop-'));
let signers: readonly InteropSigner[];

beforeAll(() => {
  requireReference();
  signers = CURVES.map((curve) => makeSigner(work, curve));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Case {
  readonly tree: Tree;
  readonly signer: InteropSigner;
  readonly method: Method;
  readonly shards: boolean;
}

const signatureOf = ({ tree }: Case): string => join(tree.dir, 'model.sig');

function jobOf(one: Case, op: Job['op'], guess: boolean): Job {
  const { tree, signer, method, shards } = one;
  const { files } = signer;
  const who =
    method === 'key'
      ? { key: op === 'sign' ? files.private : files.public }
      : op === 'sign'
        ? { key: files.private, certificate: files.leaf, chain: [files.authority] }
        : { roots: [files.root] };
  const how = shards && !guess ? { shards: SHARD } : {};
  return { op, model: tree.dir, signature: signatureOf(one), ...who, ...how, ignore: ['model.sig'] };
}

async function ours({ tree, signer, method }: Case, profile: 'strict' | 'compat'): Promise<string> {
  const found = await verifyModel({ disk: nodeDisk, dir: tree.dir, signers: signersOf(signer, method), profile });
  return found.status === 'refused' ? found.code : found.status;
}

async function verdicts(cases: readonly Case[], profile: 'strict' | 'compat'): Promise<readonly string[]> {
  const all: string[] = [];
  for (const one of cases) all.push(await ours(one, profile));
  return all;
}

const tally = (answers: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries([...new Set(answers)].sort().map((one) => [one, answers.filter((other) => other === one).length]));

/** The first two have many files, one for each method; shards cover no empty files, and colons are in shards.test.ts. */
function planOf(name: string, index: number, shards: boolean): TreePlan {
  const random = randomFor(`${name} ${index}`);
  const shape = index < 2 ? 'many' : index % 10 < 2 ? 'deep' : 'any';
  return { random, shape, ...(shards ? { colons: false, size: () => 1 + Math.floor(random() * 40) } : {}) };
}

describe.each([
  ['whole files', false],
  ['shards', true],
] as const)(`%s, seed ${SEED}`, (name, shards) => {
  let cases: readonly Case[];
  beforeAll(() => {
    cases = Array.from({ length: TREES }, (_, index) => ({
      tree: makeTree(join(work, `${name}-${index}`), planOf(name, index, shards)),
      signer: signers[index % signers.length] as InteropSigner,
      method: index % 2 === 0 ? 'key' : 'certificate',
      shards,
    }));
  });

  it('verify there when signed here', async () => {
    for (const { tree, signer, method } of cases)
      await signModel({
        disk: nodeDisk,
        dir: tree.dir,
        key: signingKey(signer, method),
        ...(shards ? { shardSize: SHARD } : {}),
      });
    expect(tally(askReference(cases.map((one) => jobOf(one, 'verify', true))))).toEqual({ ok: TREES });
    expect(tally(await verdicts(cases, 'strict'))).toEqual({ valid: TREES });
    expect(tally(await verdicts(cases, 'compat'))).toEqual({ valid: TREES });
  });

  it('verify here when signed there, and the same changes are found', async () => {
    expect(tally(askReference(cases.map((one) => jobOf(one, 'sign', false))))).toEqual({ ok: TREES });
    expect(tally(await verdicts(cases, 'strict'))).toEqual({ valid: TREES });
    expect(tally(await verdicts(cases, 'compat'))).toEqual({ valid: TREES });
    const wanted = cases.map(({ tree }, index) => changeTree(tree, index));
    expect(await verdicts(cases, 'strict')).toEqual(wanted);
    expect(await verdicts(cases, 'compat')).toEqual(wanted);
    const answers = askReference(cases.map((one) => jobOf(one, 'verify', false)));
    expect(answers.map((answer) => (answer === 'ok' ? 'valid' : 'files-differ'))).toEqual(wanted);
    expect(answers.filter((answer) => answer !== 'ok' && !answer.includes('Signature mismatch'))).toEqual([]);
  });
});
