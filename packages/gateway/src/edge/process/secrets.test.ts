// Secrets of a gateway: made once, kept for one account.
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeDisk, VallumError } from '@vallum/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { gatewaySecrets } from './secrets.js';

let base = '';
let state = '';
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'vallum-secrets-'));
  state = join(base, 'state');
});
afterEach(() => rm(base, { recursive: true, force: true }));

const codeOf = async (): Promise<string> => {
  try {
    await gatewaySecrets(nodeDisk, state);
    return 'read';
  } catch (error) {
    if (error instanceof VallumError) return error.code;
    throw error;
  }
};

it('are made once, three of 32 bytes that differ, for their owner only', async () => {
  const first = await gatewaySecrets(nodeDisk, state);
  expect(await gatewaySecrets(nodeDisk, state)).toEqual(first);
  const texts = Object.values(first).map((secret) => Buffer.from(secret as Uint8Array).toString('hex'));
  expect(new Set(texts).size).toBe(3);
  expect(texts.every((text) => text.length === 64)).toBe(true);
  expect((await stat(join(state, 'secrets.json'))).mode & 0o777).toBe(0o600);
});

it('are refused where other accounts can read them, or write beside them', async () => {
  await gatewaySecrets(nodeDisk, state);
  await chmod(join(state, 'secrets.json'), 0o644);
  expect(await codeOf()).toBe('GATEWAY_STATE_MODE');
  await chmod(join(state, 'secrets.json'), 0o600);
  await chmod(state, 0o777);
  expect(await codeOf()).toBe('GATEWAY_STATE_MODE');
  await chmod(state, 0o700);
  expect(await codeOf()).toBe('read');
});

it.each(['{}', '[]', '{"inputs":"AA==","sketches":"","noise":7}'])('a file with %s is refused', async (text) => {
  await mkdir(state, { mode: 0o700 });
  await writeFile(join(state, 'secrets.json'), text, { mode: 0o600 });
  expect(await codeOf()).toBe('GATEWAY_SECRETS');
  expect(await readFile(join(state, 'secrets.json'), 'utf8')).toBe(text);
});
