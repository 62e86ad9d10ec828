// Keys on a real disk: modes, the pepper, and changes that meet each other or fail half-way.
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disk } from '@vallum/core';
import { nodeDisk, VallumError } from '@vallum/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addKey, makeKey, revokeKey } from './key-edits.js';
import { openPackedKeys } from './key-ring.js';
import type { KeyPlaces } from './key-store.js';
import { changeKeys, readHolders, readKeys } from './key-store.js';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const code = (expected: string): unknown => expect.objectContaining({ code: expected });
let folder = '';
let places: KeyPlaces = { list: '', state: '' };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vallum-keys-'));
  places = { list: join(folder, 'gateway-keys.json'), state: join(folder, 'state') };
});
afterEach(() => rmSync(folder, { recursive: true }));

/** @returns the key */
function create(principal: string, disk: Disk = nodeDisk): Promise<string> {
  return changeKeys(disk, places, randomBytes, (holders, pepper) => {
    const made = makeKey(pepper, randomBytes, { now: NOW, until: NOW + 1_000 });
    return { holders: addKey(holders, { principal, roles: ['infer'] }, made, NOW), answer: made.token };
  });
}

async function whoHas(token: string): Promise<unknown> {
  const { packed, pepper } = await readKeys(nodeDisk, places);
  return openPackedKeys(packed, pepper).find(token, NOW);
}

describe('keys on the disk', () => {
  it('are there for their owner only, and the key itself is not', async () => {
    const token = await create('web');
    const pepper = join(places.state, 'keys', 'pepper');
    expect(statSync(places.list).mode & 0o777).toBe(0o600);
    expect(statSync(pepper).mode & 0o777).toBe(0o600);
    expect(statSync(join(places.state, 'keys')).mode & 0o777).toBe(0o700);
    expect(readFileSync(pepper)).toHaveLength(32);
    expect(readFileSync(places.list, 'utf8')).not.toContain(token.slice(15, 48));
    expect(await whoHas(token)).toMatchObject({ principal: 'web' });
  });

  it('keep their pepper when others are added', async () => {
    const [one, two] = [await create('web'), await create('batch')];
    expect(await whoHas(one)).toMatchObject({ principal: 'web' });
    expect(await whoHas(two)).toMatchObject({ principal: 'batch' });
    expect((await readHolders(nodeDisk, places)).map(({ principal }) => principal)).toEqual(['web', 'batch']);
  });

  it('are refused where others can read the pepper or write the list', async () => {
    await create('web');
    chmodSync(places.list, 0o622);
    await expect(readKeys(nodeDisk, places)).rejects.toThrow(code('GATEWAY_KEYS_MODE'));
    chmodSync(places.list, 0o600);
    chmodSync(join(places.state, 'keys', 'pepper'), 0o640);
    await expect(readKeys(nodeDisk, places)).rejects.toThrow(code('GATEWAY_KEYS_MODE'));
  });

  it('are not given a new pepper while there is a list', async () => {
    await create('web');
    rmSync(join(places.state, 'keys', 'pepper'));
    await expect(create('batch')).rejects.toThrow(code('GATEWAY_PEPPER'));
    await expect(readKeys(nodeDisk, places)).rejects.toThrow(code('GATEWAY_PEPPER'));
    writeFileSync(join(places.state, 'keys', 'pepper'), randomBytes(32), { mode: 0o600 });
    await expect(create('batch')).rejects.toThrow(code('GATEWAY_PEPPER'));
    writeFileSync(join(places.state, 'keys', 'pepper'), randomBytes(16), { mode: 0o600 });
    await expect(create('batch')).rejects.toThrow(code('GATEWAY_PEPPER'));
  });

  it('lose no change when several are made at once', async () => {
    const tokens = await Promise.all(['a', 'b', 'c', 'd'].map((principal) => retried(() => create(principal))));
    for (const token of tokens) expect(await whoHas(token)).toMatchObject({ means: 'key' });
    expect(await readHolders(nodeDisk, places)).toHaveLength(4);
  });

  it('are not written over what somebody else wrote meanwhile', async () => {
    await create('web');
    const change = changeKeys(nodeDisk, places, randomBytes, (holders) => {
      writeFileSync(places.list, readFileSync(places.list, 'utf8').replace('"web"', '"evil"'));
      return { holders, answer: undefined };
    });
    await expect(change).rejects.toThrow(code('GATEWAY_KEYS_HELD'));
    expect((await readHolders(nodeDisk, places)).map(({ principal }) => principal)).toEqual(['evil']);
  });

  it('stay as they were when the disk is full or the change is refused', async () => {
    const token = await create('web');
    const before = readFileSync(places.list);
    const full: Disk = {
      ...nodeDisk,
      create: (path, bytes, mode) =>
        path.startsWith(places.list)
          ? Promise.reject(new VallumError('DISK_WRITE', 'the disk is full'))
          : nodeDisk.create(path, bytes, mode),
    };
    await expect(create('batch', full)).rejects.toThrow(code('DISK_WRITE'));
    await expect(
      changeKeys(nodeDisk, places, randomBytes, (holders) => ({
        ...revokeKey(holders, 'aaaaaaaaaa', { now: NOW, reason: 'x' }),
        answer: undefined,
      })),
    ).rejects.toThrow(code('GATEWAY_KEY_ID'));
    expect(readFileSync(places.list)).toEqual(before);
    expect(readdirSync(folder).sort()).toEqual(['gateway-keys.json', 'state']);
    expect(readdirSync(join(places.state, 'keys', 'lock'))).toEqual([]);
    expect(await whoHas(token)).toMatchObject({ principal: 'web' });
  });
});

/** Others hold the lock for a moment. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (;;)
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof VallumError) || error.code !== 'GATEWAY_KEYS_HELD') throw error;
    }
}
