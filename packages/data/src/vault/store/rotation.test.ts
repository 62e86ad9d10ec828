// What rotation may touch, and when a key has to stay: on files as they lie in a vault, some of them away or somebody else's.
import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { asSha256, nodeDisk } from '@vallum/core';
import type { VaultAct } from '@vallum/trust';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lostWithout, rotatable } from './rotation.js';
import { surveyVault } from './survey.js';
import type { Place } from './testing/place.js';
import { ID, makePlace, sealAt } from './testing/place.js';
import { VaultLog } from './vault-log.js';

const OTHER = 'f'.repeat(32);
let place: Place;
let seal: VaultAct;
let kek: string;
beforeEach(async () => {
  place = makePlace();
  place.put({ 'm/a': 'a' });
  const sealed = await sealAt(place, 'm');
  kek = sealed.kek;
  seal = {
    act: 'seal',
    object: ID,
    kind: 'model',
    subject: { name: 'p/model/v1', digest: { sha256: asSha256(sealed.header.digest) } },
    commitment: sealed.commitment,
    bytes: sealed.header.bytes,
    who: 'carol',
    why: 'a reason',
    createdAt: '2026-11-22T00:00:00.000Z',
  };
});
afterEach(() => place.remove());

const file = (name: string): string => `${place.vault}/${name}`;
const shred = (): VaultAct => ({ ...seal, act: 'shred' });

async function judged(
  acts: readonly VaultAct[],
  { doomed = ['old'], active = kek }: { doomed?: readonly string[]; active?: string } = {},
): Promise<{ fit: string[]; leftOut: string[]; lost: string[] }> {
  const found = rotatable(await surveyVault(nodeDisk, place.vault), new VaultLog(acts));
  return {
    fit: found.fit.map(({ id }) => id),
    leftOut: found.leftOut.map(({ object }) => object),
    lost: lostWithout(doomed, found, active).map(({ object }) => object),
  };
}

test('all that lives is under the active key: the others may go', async () => {
  expect(await judged([seal])).toEqual({ fit: [ID], leftOut: [], lost: [] });
});

test('an object under another key than the active one keeps every key', async () => {
  expect(await judged([seal], { active: 'new' })).toEqual({ fit: [ID], leftOut: [], lost: [ID] });
  expect((await judged([seal], { active: 'new', doomed: [] })).lost).toEqual([]);
});

test.each<[string, () => void]>([
  ['its sealed file is away', () => renameSync(file(`${ID}.sealed`), place.at('away'))],
  ['its key file is away', () => renameSync(file(`${ID}.key`), place.at('away'))],
  [
    'both are away',
    () => {
      for (const name of [`${ID}.sealed`, `${ID}.key`]) rmSync(file(name));
    },
  ],
  [
    'its sealed file is cut off',
    () => writeFileSync(file(`${ID}.sealed`), readFileSync(file(`${ID}.sealed`)).subarray(1)),
  ],
  ['its key file is broken', () => writeFileSync(file(`${ID}.key`), '{}')],
])('%s: left out, keeps every key, until it is shredded', async (_, spoil) => {
  spoil();
  expect(await judged([seal])).toEqual({ fit: [], leftOut: [ID], lost: [ID] });
  expect((await judged([seal, shred()])).lost).toEqual([]);
});

test('another object in the place of the recorded one keeps every key', async () => {
  const other = { ...seal, commitment: '00'.repeat(32) };
  expect(await judged([other])).toEqual({ fit: [], leftOut: [ID], lost: [ID] });
});

test('what nobody recorded is not touched, and keeps only the key that it names', async () => {
  expect(await judged([])).toEqual({ fit: [], leftOut: [ID], lost: [] });
  expect((await judged([], { doomed: [kek], active: 'new' })).lost).toEqual([ID]);
  rmSync(file(`${ID}.key`));
  expect((await judged([])).lost).toEqual([ID]);
});

test('a key file alone may belong to an object that comes back', async () => {
  copyFileSync(file(`${ID}.key`), file(`${OTHER}.key`));
  expect(await judged([seal])).toEqual({ fit: [ID], leftOut: [OTHER], lost: [OTHER] });
});

test('a shredded object whose key file came back is not re-wrapped, and keeps no key', async () => {
  expect(await judged([seal, shred()], { doomed: [kek], active: 'new' })).toEqual({ fit: [], leftOut: [ID], lost: [] });
});
