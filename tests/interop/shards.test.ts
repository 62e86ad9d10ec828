// Shards at their edges: files exactly as long as a number of shards, one byte more and one less, shards of one byte; both
// implementations must cut alike. And what the format does not cover: empty files, and colons, which the reference signs
// but cannot read.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeDisk } from '@vallum/core';
import { signModel, verifyModel } from '@vallum/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askReference, requireReference, type Job } from './support/reference.js';
import { randomFor, SEED } from './support/seed.js';
import { makeSigner, signersOf, signingKey, type InteropSigner, type Method } from './support/signers.js';
import { makeTree, type Tree } from './support/trees.js';

const SIZES = [1, 2, 3, 7, 16, 64] as const;
const TREES = 72;
const work = mkdtempSync(join(tmpdir(), 'vallum-shards-'));
let signer: InteropSigner;

interface Case {
  readonly tree: Tree;
  readonly shard: number;
  readonly method: Method;
}

beforeAll(() => {
  requireReference();
  signer = makeSigner(work, 'P-256');
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const signatureOf = ({ tree }: Case): string => join(tree.dir, 'model.sig');

/** @param told the verifier is told the size of shards, or else reads it in the signature */
function jobOf(one: Case, op: Job['op'], told: boolean): Job {
  const { private: key, leaf: certificate, authority, root, public: publicKey } = signer.files;
  const signs = one.method === 'key' ? { key } : { key, certificate, chain: [authority] };
  const verifies = one.method === 'key' ? { key: publicKey } : { roots: [root] };
  return {
    op,
    model: one.tree.dir,
    signature: signatureOf(one),
    ...(op === 'sign' ? signs : verifies),
    ...(told ? { shards: one.shard } : {}),
    ignore: ['model.sig'],
  };
}

async function signHere(cases: readonly Case[]): Promise<void> {
  for (const { tree, shard, method } of cases)
    await signModel({ disk: nodeDisk, dir: tree.dir, key: signingKey(signer, method), shardSize: shard });
}

function signThere(cases: readonly Case[]): void {
  expect(new Set(askReference(cases.map((one) => jobOf(one, 'sign', true))))).toEqual(new Set(['ok']));
}

async function here({ tree, method }: Case, profile: 'strict' | 'compat'): Promise<string> {
  const found = await verifyModel({ disk: nodeDisk, dir: tree.dir, signers: signersOf(signer, method), profile });
  return found.status === 'refused' ? found.code : 'ok';
}

async function allHere(cases: readonly Case[], profile: 'strict' | 'compat'): Promise<readonly string[]> {
  const answers: string[] = [];
  for (const one of cases) answers.push(await here(one, profile));
  return answers;
}

const there = (cases: readonly Case[], told: boolean): readonly string[] =>
  askReference(cases.map((one) => jobOf(one, 'verify', told)));
const accepted = (answers: readonly string[]): readonly boolean[] => answers.map((answer) => answer === 'ok');

function listIn(one: Case): readonly string[] {
  const { dsseEnvelope } = JSON.parse(readFileSync(signatureOf(one), 'utf8')) as { dsseEnvelope: { payload: string } };
  const { predicate } = JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString()) as {
    predicate: { resources: readonly { readonly name: string; readonly digest: string }[] };
  };
  return predicate.resources.map(({ name, digest }) => `${name} ${digest}`).sort();
}

/** A byte less, a byte of the last shard changed, two shards exchanged, or nothing. True when the bytes are others now. */
function change({ tree, shard }: Case, index: number): boolean {
  const victim = join(tree.dir, tree.files[index % tree.files.length] as string);
  const before = readFileSync(victim);
  const [one, two, rest] = [before.subarray(0, shard), before.subarray(shard, 2 * shard), before.subarray(2 * shard)];
  const last = Buffer.of((before.at(-1) ?? 0) ^ 1);
  const after = [
    before.subarray(0, -1),
    Buffer.concat([before.subarray(0, -1), last]),
    Buffer.concat([two, one, rest]),
    before,
  ][index % 4];
  if (after === undefined) throw new Error('there are four changes');
  writeFileSync(victim, after);
  return !after.equals(before);
}

describe(`shards whose edges are those of files, seed ${SEED}`, () => {
  let cases: readonly Case[];
  beforeAll(() => {
    cases = Array.from({ length: TREES }, (_, index) => {
      const random = randomFor(`edges ${index}`);
      const shard = SIZES[index % SIZES.length] ?? 1;
      const size = (): number => Math.max(1, shard * (1 + Math.floor(random() * 4)) + Math.floor(random() * 3) - 1);
      return {
        tree: makeTree(join(work, `edges-${index}`), { random, size, colons: false }),
        shard,
        method: index % 12 < 6 ? 'key' : 'certificate',
      };
    });
  });

  it('are cut alike, and verify both ways', async () => {
    const all = cases.map(() => true);
    await signHere(cases);
    const ours = cases.map(listIn);
    for (const told of [false, true]) expect(accepted(there(cases, told))).toEqual(all);
    signThere(cases);
    expect(cases.map(listIn)).toEqual(ours);
    for (const profile of ['strict', 'compat'] as const) expect(accepted(await allHere(cases, profile))).toEqual(all);
  });

  it('show the same changes, whoever signed', async () => {
    const changed = cases.map(change);
    expect(changed.filter(Boolean).length).toBeGreaterThan(TREES / 3);
    const wanted = changed.map((one) => !one);
    expect(accepted(there(cases, true))).toEqual(wanted);
    for (const profile of ['strict', 'compat'] as const)
      expect(await allHere(cases, profile)).toEqual(wanted.map((same) => (same ? 'ok' : 'files-differ')));
  });
});

describe(`shards of empty files and of names with colons, seed ${SEED}`, () => {
  it('have the verdict of the reference in compat; strictly, colons are read and empty files are not covered', async () => {
    const cases = Array.from({ length: TREES }, (_, index): Case => {
      const random = randomFor(`colons ${index}`);
      const size = (): number => (random() < 0.04 ? 0 : 1 + Math.floor(random() * 9));
      const tree = makeTree(join(work, `colons-${index}`), { random, size });
      writeFileSync(join(tree.dir, 'one'), '1');
      return { tree, shard: 4, method: index % 2 === 0 ? 'key' : 'certificate' };
    });
    const strictly = cases.map(({ tree }) =>
      tree.files.some((file) => readFileSync(join(tree.dir, file)).length === 0) ? 'files-uncovered' : 'ok',
    );
    for (const signed of ['here', 'there']) {
      if (signed === 'here') await signHere(cases);
      else signThere(cases);
      // The reference cannot read a size that it wrote itself: verdicts.test.ts lists it.
      const answers = accepted(there(cases, signed === 'there'));
      expect(accepted(await allHere(cases, 'compat'))).toEqual(answers);
      expect(await allHere(cases, 'strict')).toEqual(strictly);
      expect(answers.filter((one) => !one).length).toBeGreaterThan(TREES / 10);
      expect(answers.filter(Boolean).length).toBeGreaterThan(TREES / 10);
    }
  });
});
