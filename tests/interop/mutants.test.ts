// Mutants beside the reference: statements changed at random and signed well, and bundles changed at random. `compat`
// gives the reference's verdict on each; `strict` accepts nothing that the reference refuses.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeDisk } from '@vallum/core';
import { verifyModel } from '@vallum/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { forge, listed, statement } from './support/forge.js';
import { mutateJson, mutateText } from './support/mutate.js';
import { askReference, requireReference } from './support/reference.js';
import { randomFor, SEED } from './support/seed.js';
import { makeSigner, type InteropSigner } from './support/signers.js';

const MUTANTS = Number(process.env['VALLUM_MUTANTS'] ?? 1500);
const work = mkdtempSync(join(tmpdir(), 'vallum-mutants-'));
const dir = join(work, 'm');
let signer: InteropSigner;

beforeAll(() => {
  requireReference();
  signer = makeSigner(work, 'P-256');
  mkdirSync(join(dir, 'd'), { recursive: true });
  writeFileSync(join(dir, 'a'), 'A');
  writeFileSync(join(dir, 'd/b'), 'B');
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const GOOD = statement({
  resources: [listed('a', 'A'), listed('d/b', 'B')],
  serialization: { ignore_paths: ['.git', 'model.sig'] },
});

interface Verdicts {
  readonly text: string;
  readonly reference: string;
  readonly compat: string;
  readonly strict: string;
}

async function verdictsOn(bundles: readonly { readonly bundle: string; readonly text: string }[]): Promise<Verdicts[]> {
  const path = (index: number): string => join(work, `${index}.sig`);
  bundles.forEach(({ bundle }, index) => writeFileSync(path(index), bundle));
  const answers = askReference(
    bundles.map((_, index) => ({ op: 'verify', model: dir, signature: path(index), key: signer.files.public })),
  );
  const all: Verdicts[] = [];
  for (const [index, { text }] of bundles.entries()) {
    const ours = async (profile: 'strict' | 'compat'): Promise<string> => {
      const signers = { method: 'key', keys: [signer.trusted] } as const;
      const found = await verifyModel({ disk: nodeDisk, dir, signaturePath: path(index), signers, profile });
      return found.status === 'refused' ? found.code : 'ok';
    };
    all.push({ text, reference: answers[index] ?? 'none', compat: await ours('compat'), strict: await ours('strict') });
  }
  return all;
}

const count = (all: readonly Verdicts[], who: 'reference' | 'compat' | 'strict'): number =>
  all.filter((one) => one[who] === 'ok').length;

function report(what: string, all: readonly Verdicts[]): void {
  console.log(
    `${all.length} mutants of ${what}: accepted by the reference ${count(all, 'reference')}, compat ${count(all, 'compat')}, strict ${count(all, 'strict')}`,
  );
  const differ = all.filter(({ reference, compat }) => (reference === 'ok') !== (compat === 'ok'));
  expect(differ).toEqual([]);
  expect(all.filter(({ reference, strict }) => strict === 'ok' && reference !== 'ok')).toEqual([]);
  expect(count(all, 'reference')).toBeGreaterThan(all.length / 100);
}

it(`statements, ${MUTANTS} of them, seed ${SEED}`, async () => {
  const random = randomFor('statements');
  const bundles = Array.from({ length: MUTANTS }, () => {
    const text = mutateJson(GOOD, random);
    return { text, bundle: forge(signer.privateKey, { payload: text }) };
  });
  report('the statement', await verdictsOn(bundles));
});

it(`bundles, ${MUTANTS} of them, seed ${SEED}`, async () => {
  const random = randomFor('bundles');
  const good = forge(signer.privateKey, { payload: JSON.stringify(GOOD) });
  const bundles = Array.from({ length: MUTANTS }, (_, index) => {
    const text = index % 2 === 0 ? mutateText(good, random) : mutateJson(JSON.parse(good), random);
    return { text, bundle: text };
  });
  report('the bundle', await verdictsOn(bundles));
});
