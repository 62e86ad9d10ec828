// What the vault holds is read from its files, whatever lies among them; one change at a time; and who takes much is counted
// over the day.
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { nodeDisk, sha256 } from '@vallum/core';
import type { VaultAct } from '@vallum/trust';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bulkEvent } from './bulk.js';
import { withVaultLock } from './lock.js';
import { newObjectId } from './object-name.js';
import { surveyVault } from './survey.js';
import type { Place } from './testing/place.js';
import { ID, makePlace, sealAt } from './testing/place.js';
import type { LoggedAct } from './vault-log.js';
import { VaultLog } from './vault-log.js';

let place: Place;
beforeEach(() => {
  place = makePlace();
  place.put({ 'm/a': 'a' });
});
afterEach(() => place.remove());

const file = (name: string): string => `${place.vault}/${name}`;
const OTHER = 'f'.repeat(32);

describe('the survey', () => {
  test('reads headers, and whether a key is there', async () => {
    const sealed = await sealAt(place, 'm');
    const second = newObjectId();
    await sealAt(place, 'm', { id: second });
    rmSync(file(`${second}.key`));
    const { objects, broken, strange } = await surveyVault(nodeDisk, place.vault);
    const { commitment, kek, header } = sealed;
    const expected = { project: 'p', kind: 'model', name: 'v1', id: ID, digest: header.digest, bytes: header.bytes };
    expect(objects).toContainEqual({ ...expected, commitment, kek });
    expect(objects.find(({ id }) => id === second)?.kek).toBeUndefined();
    expect([broken, strange]).toEqual([[], []]);
  });

  test('there is no vault yet', async () => {
    expect((await surveyVault(nodeDisk, file('none'))).objects).toEqual([]);
  });

  test.each<[string, string, () => void]>([
    [
      'cut off',
      'VAULT_TRUNCATED',
      () => writeFileSync(file(`${ID}.sealed`), readFileSync(file(`${ID}.sealed`)).subarray(0, -1)),
    ],
    ['no header', 'VAULT_HEADER', () => writeFileSync(file(`${ID}.sealed`), 'hello\n')],
    ['a broken key file', 'VAULT_KEY_FILE', () => writeFileSync(file(`${ID}.key`), '{}')],
  ])('%s: broken, with its code', async (_, code, spoil) => {
    await sealAt(place, 'm');
    spoil();
    expect(await surveyVault(nodeDisk, place.vault)).toMatchObject({
      objects: [],
      broken: [{ file: `${ID}.sealed`, code }],
    });
  });

  test('moved under another id, or with the key file of another', async () => {
    await sealAt(place, 'm');
    for (const suffix of ['sealed', 'key']) copyFileSync(file(`${ID}.${suffix}`), file(`${OTHER}.${suffix}`));
    expect((await surveyVault(nodeDisk, place.vault)).broken).toMatchObject([
      { file: `${OTHER}.sealed`, code: 'VAULT_CONTEXT' },
    ]);
    const third = newObjectId();
    await sealAt(place, 'm', { id: third });
    copyFileSync(file(`${ID}.key`), file(`${third}.key`));
    const { broken } = await surveyVault(nodeDisk, place.vault);
    expect(broken).toContainEqual(expect.objectContaining({ file: `${third}.sealed`, code: 'VAULT_MISMATCH' }));
  });

  test('leftovers and strangers are named', async () => {
    await sealAt(place, 'm');
    const left = [`${OTHER}.key`, `${OTHER}.sealed.0011223344556677.tmp`, 'rows.jsonl'];
    for (const name of left) writeFileSync(file(name), 'x');
    expect((await surveyVault(nodeDisk, place.vault)).strange).toEqual(left.sort());
  });
});

describe('under the name of the lock', () => {
  const strange = async (): Promise<readonly string[]> => (await surveyVault(nodeDisk, place.vault)).strange;

  test('a lock is no stranger, also an empty one', async () => {
    expect(await withVaultLock(nodeDisk, place.vault, strange)).toEqual([]);
    writeFileSync(file('lock'), '');
    expect(await strange()).toEqual([]);
  });

  test.each<[string, () => void]>([
    ['rows', () => writeFileSync(file('lock'), '{"text":"hello"}\n')],
    ['more than a lock has', () => writeFileSync(file('lock'), 'x'.repeat(10_000))],
    ['a folder', () => mkdirSync(file('lock'))],
    ['a link', () => symlinkSync(place.at('m/a'), file('lock'))],
  ])('%s: strange', async (_, put) => {
    put();
    expect(await strange()).toEqual(['lock']);
  });
});

describe('two writers at once', () => {
  test('the second is told, and the first is not disturbed', async () => {
    const during = await withVaultLock(nodeDisk, place.vault, async () =>
      withVaultLock(nodeDisk, place.vault, () => Promise.resolve('twice')).catch((error: unknown) => error),
    );
    expect(during).toMatchObject({ code: 'VAULT_LOCKED' });
    expect(await withVaultLock(nodeDisk, place.vault, () => Promise.resolve('again'))).toBe('again');
  });

  test('the same id twice: one object, whole', async () => {
    const both = await Promise.allSettled([sealAt(place, 'm'), sealAt(place, 'm')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await surveyVault(nodeDisk, place.vault)).toMatchObject({ objects: [{ id: ID }], broken: [], strange: [] });
  });
});

const act = (more: Partial<VaultAct>): VaultAct => ({
  act: 'seal',
  object: ID,
  kind: 'data',
  subject: { name: 'p/data/feed', digest: { sha256: sha256('feed') } },
  bytes: 100,
  who: 'eve',
  why: 'a reason',
  createdAt: '2026-11-22T00:00:00.000Z',
  ...more,
});

describe('the log', () => {
  test('the first seal of an id stands, and a shredding is for good', () => {
    const first = act({});
    const shred = act({ act: 'shred' });
    const log = new VaultLog([first, act({ commitment: 'ff'.repeat(32) }), act({ object: OTHER }), shred, act({})]);
    expect(log.object(ID)).toEqual({ sealed: first, shredded: shred });
    expect(log.living('p/data/feed')).toEqual([OTHER]);
  });

  test('a shredding of what nobody sealed says nothing', () => {
    expect(new VaultLog([act({ act: 'shred' })]).object(ID)).toBeUndefined();
  });
});

describe('what was revoked', () => {
  const revoked = 'the subject was revoked: mislabelled';
  const taken = (more: Partial<VaultAct> = {}): LoggedAct => ({ ...act(more), revoked });

  test('an object is still known, so that it can be shredded', () => {
    const log = new VaultLog([taken()]);
    expect(log.object(ID)).toMatchObject({ revoked, sealed: { object: ID } });
    expect(log.living('p/data/feed')).toEqual([ID]);
    expect(new VaultLog([taken(), act({ act: 'shred' })]).living('p/data/feed')).toEqual([]);
  });

  test('a shredding holds, revoked or not, also of an object that is recorded after it', () => {
    for (const shred of [act({ act: 'shred' }), taken({ act: 'shred' })])
      for (const acts of [
        [taken(), shred, act({})],
        [shred, act({})],
      ])
        expect(new VaultLog(acts).object(ID)?.shredded).toBe(shred);
  });

  test('recording the same object anew brings the trust back, another object in its place does not', () => {
    expect(new VaultLog([taken(), act({ who: 'bob' })]).object(ID)).toEqual({ sealed: act({ who: 'bob' }) });
    const other = act({ commitment: 'ff'.repeat(32) });
    expect(new VaultLog([taken(), other]).object(ID)).toEqual({ sealed: taken(), revoked });
  });

  test('openings still count', () => {
    expect(new VaultLog([taken({ act: 'open' })]).acts).toHaveLength(1);
  });
});

describe('bulk openings', () => {
  const limit = { objects: 3, bytes: 1000 };
  const now = new Date('2026-11-22T12:00:00Z');
  const ask = (opening: readonly number[], before: readonly VaultAct[] = []): unknown =>
    bulkEvent({ who: 'eve', why: 'a reason', opening, before, limit, now });
  const open = (more: Partial<VaultAct> = {}): VaultAct => act({ act: 'open', ...more });

  test('at the limits nothing, above them an event with the counts', () => {
    expect(ask([300, 300, 400])).toBeUndefined();
    expect(ask([1, 1, 1, 1])).toMatchObject({ objects: 4, bytes: 4, limit });
    expect(ask([1001])).toMatchObject({ objects: 1, bytes: 1001 });
  });

  test('earlier openings by the same person count for a day, exports too', () => {
    expect(ask([1], [open(), open(), open({ act: 'export' })])).toMatchObject({ objects: 4, bytes: 301 });
    expect(
      ask([1], [open({ createdAt: '2026-11-21T11:59:59Z' }), open(), open({ who: 'bob' }), act({})]),
    ).toBeUndefined();
  });
});
