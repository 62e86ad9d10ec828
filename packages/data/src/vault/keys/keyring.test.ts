// The keyring file: what a wrong passphrase, damage, an edit and a hostile file come to, and that rotation loses nothing.
import {
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  chmodSync,
  existsSync,
  readdirSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '@vallum/core';
import { canonicalJson, nodeDisk, sha256, VallumError } from '@vallum/core';
import { memoryDisk } from '../format/testing/memory-disk.js';
import { decodeKeyring, newKek, rotated } from './keyring.js';
import type { KeyringPlace } from './keyring-file.js';
import {
  changePassphrase,
  createKeyring,
  destroyKek,
  listKeyring,
  openKeyring,
  rotateKeyring,
} from './keyring-file.js';
import { decodeScrypt, encodeScrypt } from './passphrase.js';

const passphrase = 'correct horse battery';
const logN = 14;
const context = Buffer.from('context');
const dek = Buffer.alloc(32, 5);
let folder: string;
let place: KeyringPlace;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vallum-keyring-'));
  place = { disk: nodeDisk, path: join(folder, 'keyring.json'), passphrase, logN };
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Edits the file as somebody would who computes the checksum too. */
function edit(how: (json: JsonObject) => JsonObject): void {
  const whole = Object.entries(JSON.parse(readFileSync(place.path, 'utf8')) as JsonObject);
  const next = how(Object.fromEntries(whole.filter(([name]) => name !== 'checksum')));
  writeFileSync(place.path, canonicalJson({ ...next, checksum: sha256(canonicalJson(next)) }));
}

describe('a keyring', () => {
  it('wraps and unwraps, for its object only', async () => {
    const id = await createKeyring(place);
    expect(statSync(place.path).mode & 0o777).toBe(0o600);
    const provider = await openKeyring(place);
    const key = await provider.wrap(dek, context);
    expect(key.kek).toBe(id);
    expect(await provider.unwrap(key, context)).toEqual(dek);
    const elsewhere = provider.unwrap(key, Buffer.from('other'));
    await expect(elsewhere).rejects.toMatchObject({ code: 'VAULT_UNWRAP' });
    const changed = Buffer.from(key.wrapped);
    changed[60] = changed[60]! ^ 1;
    const damaged = provider.unwrap({ ...key, wrapped: changed }, context);
    await expect(damaged).rejects.toThrow(/was changed/);
  });

  it('keeps retired keys for unwrapping through rotations, until one is destroyed', async () => {
    const first = await createKeyring(place);
    const old = await (await openKeyring(place)).wrap(dek, context);
    const second = await rotateKeyring(place);
    const third = await rotateKeyring(place);
    expect(await listKeyring(place)).toEqual([
      { id: first, state: 'retired' },
      { id: second, state: 'retired' },
      { id: third, state: 'active' },
    ]);
    const provider = await openKeyring(place);
    expect(await provider.status()).toEqual({ active: third, retired: [first, second] });
    expect(await provider.unwrap(old, context)).toEqual(dek);
    expect((await provider.wrap(dek, context)).kek).toBe(third);
    await expect(destroyKek(place, third)).rejects.toMatchObject({ code: 'VAULT_NO_KEK' });
    await destroyKek(place, first);
    const gone = (await openKeyring(place)).unwrap(old, context);
    await expect(gone).rejects.toMatchObject({ code: 'VAULT_NO_KEK' });
  });

  it('changes its passphrase and keeps its keys', async () => {
    await createKeyring(place);
    const key = await (await openKeyring(place)).wrap(dek, context);
    await changePassphrase(place, 'another long passphrase');
    await expect(openKeyring(place)).rejects.toMatchObject({ code: 'VAULT_PASSPHRASE' });
    const provider = await openKeyring({ ...place, passphrase: 'another long passphrase' });
    expect(await provider.unwrap(key, context)).toEqual(dek);
  });

  it('takes the same passphrase typed in another Unicode form', async () => {
    await createKeyring({ ...place, passphrase: 'caf\u00e9 caf\u00e9 caf\u00e9' });
    await openKeyring({ ...place, passphrase: 'cafe\u0301 cafe\u0301 cafe\u0301' });
  });

  it('tells a wrong passphrase from damage, at any byte', async () => {
    await createKeyring(place);
    await expect(openKeyring({ ...place, passphrase: 'incorrect horse' })).rejects.toMatchObject({
      code: 'VAULT_PASSPHRASE',
    });
    const good = readFileSync(place.path);
    for (let at = 0; at < good.length - 1; at += 1) {
      const bad = Buffer.from(good);
      bad[at] = bad[at]! ^ 4;
      expect(() => decodeKeyring(bad, 'p')).toThrow(expect.objectContaining({ code: 'VAULT_KEYRING' }) as Error);
    }
    for (const cut of [0, 1, 100, good.length - 2])
      expect(() => decodeKeyring(good.subarray(0, cut), 'p')).toThrow(VallumError);
  });

  it('does not take an edit of what it says openly', async () => {
    await createKeyring(place);
    await rotateKeyring(place);
    const swap = { active: 'retired', retired: 'active' } as const;
    edit(({ keys, ...rest }) => ({
      ...rest,
      keys: (keys as { id: string; state: 'active' | 'retired' }[]).map(({ id, state }) => ({
        id,
        state: swap[state],
      })),
    }));
    await expect(openKeyring(place)).rejects.toMatchObject({ code: 'VAULT_PASSPHRASE' });
  });

  it.each([
    ['64 GiB of memory', { logN: 26 }],
    ['hardly any work', { logN: 1 }],
    ['many lanes', { p: 1000 }],
    ['wide blocks', { r: 1024 }],
    ['half a power', { logN: 17.5 }],
    ['another function', { name: 'argon2id' }],
    ['a short salt', { salt: 'AAAA' }],
    ['a member more', { more: 1 }],
  ])('refuses a file that asks for %s, without computing anything', async (_, change) => {
    await createKeyring(place);
    edit((json) => ({ ...json, kdf: { ...(json['kdf'] as JsonObject), ...change } }));
    const started = performance.now();
    await expect(openKeyring(place)).rejects.toMatchObject({ code: 'VAULT_KEYRING' });
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('refuses lists of keys without exactly one active key, or with one twice', async () => {
    await createKeyring(place);
    const id = (await listKeyring(place))[0]!.id;
    for (const keys of [
      [],
      [{ id, state: 'retired' }],
      [
        { id, state: 'active' },
        { id: 'b', state: 'active' },
      ],
      [
        { id, state: 'active' },
        { id, state: 'retired' },
      ],
      [{ id: 'a b', state: 'active' }],
    ]) {
      edit((json) => ({ ...json, keys }));
      await expect(listKeyring(place)).rejects.toMatchObject({ code: 'VAULT_KEYRING' });
    }
  });

  it('is never written over, nor read when others can read it, nor changed by two at once', async () => {
    await createKeyring(place);
    await expect(createKeyring(place)).rejects.toMatchObject({ code: 'VAULT_EXISTS' });
    const ran = await Promise.allSettled([rotateKeyring(place), rotateKeyring(place)]);
    expect(ran.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(ran.find((one) => one.status === 'rejected')?.reason).toMatchObject({ code: 'VAULT_LOCKED' });
    expect(readdirSync(folder)).toEqual(['keyring.json']);
    chmodSync(place.path, 0o640);
    await expect(openKeyring(place)).rejects.toMatchObject({ code: 'KEY_MODE' });
  });

  it('is not begun on a full disk, and not lost on one', async () => {
    const disk = memoryDisk();
    disk.capacity = 10;
    const there = { ...place, disk };
    await expect(createKeyring(there)).rejects.toMatchObject({ code: 'DISK_WRITE' });
    expect([...disk.files.keys()]).toEqual([]);
    disk.capacity = Infinity;
    await createKeyring(there);
    disk.capacity = 700;
    const before = disk.files.get(place.path);
    await expect(rotateKeyring(there)).rejects.toMatchObject({ code: 'DISK_WRITE' });
    expect([...disk.files]).toEqual([[place.path, before]]);
  });

  it('wants a passphrase worth the name, and has a limit of keys', async () => {
    await expect(createKeyring({ ...place, passphrase: 'short' })).rejects.toMatchObject({ code: 'VAULT_PASSPHRASE' });
    expect(existsSync(place.path)).toBe(false);
    let ring = rotated([newKek()]);
    while (ring.length < 256) ring = rotated(ring);
    expect(() => rotated(ring)).toThrow(expect.objectContaining({ code: 'VAULT_KEYRING' }) as Error);
  });

  it('is read strictly, whatever the file holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(() => decodeKeyring(Buffer.from(text), 'p')).toThrow(VallumError);
      }),
    );
    const salt = Buffer.alloc(32, 1);
    expect(decodeScrypt(encodeScrypt({ logN: 17, salt }))).toEqual({ logN: 17, salt });
  });
});
