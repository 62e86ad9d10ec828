// A lock says who holds it, and one that was left behind is told from one that is held.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { nodeDisk } from '@vallum/core';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readLock, withVaultLock } from './lock.js';
import type { Place } from './testing/place.js';
import { makePlace } from './testing/place.js';

let place: Place;
beforeEach(() => {
  place = makePlace();
});
afterEach(() => place.remove());

const lock = (): string => `${place.vault}/lock`;
const held = (pid: number, host: string): string =>
  JSON.stringify({ schema: 'vallum/vault-lock/v1', pid, host }, ['host', 'pid', 'schema']);
const taken = (): Promise<unknown> => withVaultLock(nodeDisk, place.vault, () => Promise.resolve('in'));

test('says who holds it, and is given back also when the work fails', async () => {
  const failing = withVaultLock(nodeDisk, place.vault, async () => {
    expect(readLock(readFileSync(lock()))).toEqual({ pid: process.pid, host: hostname() });
    await expect(taken()).rejects.toThrow(`the process ${process.pid} on ${hostname()} is changing`);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(existsSync(lock())).toBe(false);
});

test('a process that has ended is told, and its lock is not removed', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(lock(), held(pid, hostname()));
  await expect(taken()).rejects.toMatchObject({
    code: 'VAULT_LOCKED',
    message: expect.stringContaining(`left locked by the process ${pid}`) as string,
  });
  expect(existsSync(lock())).toBe(true);
  writeFileSync(lock(), held(pid, 'another-machine'));
  await expect(taken()).rejects.toThrow('on another-machine is changing');
});

test('whatever lies there, it is locked', async () => {
  for (const text of ['', 'rows,of,data', '{}', held(-1, 'h'), 'x'.repeat(5000)]) {
    writeFileSync(lock(), text);
    await expect(taken()).rejects.toThrow(/^somebody else is changing/);
  }
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        expect(readLock(bytes)).toBe(bytes.length === 0 ? 'unknown' : undefined);
      },
    ),
  );
});
