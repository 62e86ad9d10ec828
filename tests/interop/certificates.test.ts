// Generated certificate chains beside the reference, signed here and signed there: `compat` gives its verdict on each but
// for the classes of DIFFERS, and accepts nothing more. What `strict` accepts beyond the reference has one of the reasons
// that docs/signing-identities.md gives.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeDisk } from '@vallum/core';
import { x509 } from '@vallum/formats/testing';
import { signModel, verifyModel, type Profile } from '@vallum/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeChain, type ChainCase } from './support/chains.js';
import { askReference, requireReference, type Job } from './support/reference.js';
import { randomFor, SEED } from './support/seed.js';

/** What stands among the notes of a chain that the reference accepts and `compat` refuses, and why. */
const DIFFERS: Readonly<Record<string, string>> = {
  'name constraints': 'limits of names are not kept to here, so authorities that have some are refused',
  'leaf: named as its issuer': 'whether it signed itself is asked of its name alone, not of its key ids',
};

/** Strictly, all certificates that fit are tried, key ids are hints, any root may end a path, and validity is judged now. */
const WIDER = [
  'twin',
  'one name for two',
  'leaf: named as its issuer',
  'another key id',
  'an authority among the roots',
  'starts after the leaf',
];

const CHAINS = Number(process.env['VALLUM_CHAINS'] ?? 200);
const now = new Date('2026-06-01T00:00:00Z');
const work = mkdtempSync(join(tmpdir(), 'vallum-chains-'));
const model = join(work, 'm');
const cases = Array.from({ length: CHAINS }, (_, index) => makeChain(randomFor(`chain ${index}`)));
const at = (index: number, what: string): string => join(work, `${index}.${what}`);

beforeAll(() => {
  requireReference();
  mkdirSync(model);
  writeFileSync(join(model, 'a'), 'A');
  for (const [index, { leaf, bundle, roots }] of cases.entries()) {
    writeFileSync(at(index, 'key'), leaf.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(at(index, 'leaf'), x509.pem(leaf.der));
    writeFileSync(at(index, 'chain'), x509.pem(...bundle.slice(1)));
    writeFileSync(at(index, 'roots'), x509.pem(...roots));
  }
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

async function signHere({ leaf, bundle }: ChainCase, index: number): Promise<void> {
  const key = { privateKey: leaf.keys.privateKey, chain: bundle };
  await signModel({ disk: nodeDisk, dir: model, signaturePath: at(index, 'sig'), key });
}

function signThere(all: readonly ChainCase[]): void {
  const answers = askReference(
    all.map(({ bundle }, index): Job => ({
      op: 'sign',
      model,
      signature: at(index, 'sig'),
      key: at(index, 'key'),
      certificate: at(index, 'leaf'),
      // It cannot sign without any.
      chain: [at(index, bundle.length > 1 ? 'chain' : 'roots')],
    })),
  );
  expect([...new Set(answers)]).toEqual(['ok']);
}

async function here({ roots }: ChainCase, index: number, profile: Profile): Promise<string> {
  const signers = { method: 'certificate', roots, now } as const;
  const found = await verifyModel({ disk: nodeDisk, dir: model, signaturePath: at(index, 'sig'), signers, profile });
  return found.status === 'refused' ? found.code : 'ok';
}

interface Row {
  readonly notes: readonly string[];
  readonly reference: string;
  readonly compat: string;
  readonly strict: string;
}

const accepts =
  (who: 'reference' | 'compat' | 'strict') =>
  (row: Row): boolean =>
    row[who] === 'ok';
const has = (notes: readonly string[], starts: readonly string[]): boolean =>
  notes.some((note) => starts.some((start) => note.startsWith(start)));

describe(`${CHAINS} certificate chains, seed ${SEED}`, () => {
  it.each(['here', 'there'])('signed %s', async (signed) => {
    if (signed === 'there') signThere(cases);
    else for (const [index, one] of cases.entries()) await signHere(one, index);
    const answers = askReference(
      cases.map((_, index) => ({ op: 'verify', model, signature: at(index, 'sig'), roots: [at(index, 'roots')] })),
    );
    const rows: Row[] = [];
    for (const [index, one] of cases.entries())
      rows.push({
        notes: one.notes,
        reference: answers[index] ?? 'none',
        compat: await here(one, index, 'compat'),
        strict: await here(one, index, 'strict'),
      });
    const differ = rows.filter(({ reference, compat }) => (reference === 'ok') !== (compat === 'ok'));
    const wider = rows.filter(({ reference, strict }) => strict === 'ok' && reference !== 'ok');
    console.log(
      [
        `${CHAINS} chains, seed ${SEED}, signed ${signed}: accepted by`,
        ...(['reference', 'compat', 'strict'] as const).map((who) => `${who} ${rows.filter(accepts(who)).length}`),
        `compat differs on ${differ.length}, strict accepts ${wider.length} more`,
      ].join(' '),
    );
    expect(differ.filter(({ compat, notes }) => compat === 'ok' || !has(notes, Object.keys(DIFFERS)))).toEqual([]);
    expect(wider.filter(({ notes }) => !has(notes, WIDER))).toEqual([]);
    // Neither verdict may be rare, or the comparison says little.
    for (const who of ['reference', 'strict'] as const) {
      expect(rows.filter(accepts(who)).length).toBeGreaterThan(CHAINS / 4);
      expect(rows.filter(accepts(who)).length).toBeLessThan((CHAINS * 3) / 4);
    }
  });
});
