// One folder and one bundle, three verdicts: the reference's, `compat` and `strict`. `compat` agrees with the reference
// everywhere but where DIFFERENCES says why not; what `strict` decides otherwise is in the expectation of each case.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { nodeDisk, VallumError } from '@vallum/core';
import { readLink, verifyModel } from '@vallum/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VerdictCase } from './support/verdict-case.js';
import { VERDICT_CASES } from './support/verdict-cases.js';
import { askReference, requireReference } from './support/reference.js';
import { makeSigner, type InteropSigner } from './support/signers.js';

const work = mkdtempSync(join(tmpdir(), 'vallum-verdicts-'));
let signer: InteropSigner;
let answers: readonly string[];

beforeAll(() => {
  requireReference();
  signer = makeSigner(work, 'P-256');
  VERDICT_CASES.forEach(write);
  answers = askReference(
    VERDICT_CASES.map((one, index) => ({
      op: 'verify',
      model: modelOf(one, index),
      signature: signatureOf(index),
      key: signer.files.public,
      ignoreUnsigned: one.ignoreUnsigned === true,
    })),
  );
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const folderOf = (index: number): string => join(work, `c${index}`, 'm');
const signatureOf = (index: number): string => join(work, `c${index}`, 'm.sig');
const modelOf = ({ single }: VerdictCase, index: number): string =>
  single === undefined ? folderOf(index) : join(folderOf(index), single);

function write(one: VerdictCase, index: number): void {
  mkdirSync(folderOf(index), { recursive: true });
  for (const [path, text] of Object.entries(one.files)) {
    mkdirSync(dirname(join(folderOf(index), path)), { recursive: true });
    writeFileSync(join(folderOf(index), path), text);
  }
  for (const [path, target] of Object.entries(one.links ?? {})) symlinkSync(target, join(folderOf(index), path));
  writeFileSync(signatureOf(index), one.bundle(signer.privateKey));
}

async function ours(one: VerdictCase, index: number, profile: 'strict' | 'compat'): Promise<string> {
  const found = verifyModel({
    disk: nodeDisk,
    dir: folderOf(index),
    ...(one.single === undefined ? {} : { file: one.single }),
    signaturePath: signatureOf(index),
    signers: { method: 'key', keys: [signer.trusted] },
    profile,
    readLink,
    ...(one.ignoreUnsigned === true ? { ignoreUnsignedFiles: true } : {}),
  });
  try {
    const verdict = await found;
    return verdict.status === 'refused' ? verdict.code : 'ok';
  } catch (error) {
    if (error instanceof VallumError) return error.code;
    throw error;
  }
}

describe('verdicts on bundles and folders', () => {
  it.each(VERDICT_CASES.map((one, index) => [one.name, one, index] as const))('%s', async (_, one, index) => {
    const answer = answers[index] ?? 'none';
    const reference = answer === 'ok' ? 'ok' : 'refused';
    const compat = await ours(one, index, 'compat');
    // The texts of the table are checked too: what is accepted, and whether a difference is one.
    expect({ reference, answer }).toEqual({ reference: one.reference, answer });
    expect({ compat: compat === 'ok' ? 'ok' : 'refused', code: compat }).toEqual({
      compat: one.differs === undefined ? reference : reference === 'ok' ? 'refused' : 'ok',
      code: compat,
    });
    expect(await ours(one, index, 'strict')).toBe(one.strict);
  });

  it('prints where strict and compat differ from the reference', () => {
    const rows = VERDICT_CASES.filter(({ strict, reference }) => (strict === 'ok') !== (reference === 'ok'));
    const stricter = rows.filter(({ reference }) => reference === 'ok');
    const wider = rows.filter(({ reference }) => reference !== 'ok');
    const differing = VERDICT_CASES.filter(({ differs }) => differs !== undefined);
    console.log(
      [
        `${VERDICT_CASES.length} cases`,
        `strict refuses what the reference accepts (${stricter.length}):`,
        ...stricter.map(({ name, strict }) => `  ${name}: ${strict}`),
        `strict accepts what the reference refuses (${wider.length}):`,
        ...wider.map(({ name }) => `  ${name}`),
        `compat differs from the reference (${differing.length}):`,
        ...differing.map(({ name, differs }) => `  ${name}: ${differs ?? ''}`),
      ].join('\n'),
    );
    expect(stricter.length).toBeGreaterThan(10);
  });
});
