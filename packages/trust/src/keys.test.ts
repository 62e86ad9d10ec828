import { mkdtemp, chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sign, verify } from 'node:crypto';
import type { JsonValue } from '@vallum/core';
import { nodeDisk } from '@vallum/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeKeyFile, encodeKeyFile } from './key-file.js';
import { readKeyFolder, writeKeyFile } from './key-folder.js';
import { generateKey, publicKeyOf, publicRecord } from './keys.js';
import { modelKey, root, runner } from './testing/sample.js';

describe('key files', () => {
  it.each([runner, modelKey])('give back a key that signs: $algorithm', (key) => {
    const read = decodeKeyFile(encodeKeyFile(key));
    expect({ keyid: read.keyid, name: read.name, algorithm: read.algorithm }).toEqual({
      keyid: key.keyid,
      name: key.name,
      algorithm: key.algorithm,
    });
    const digest = key.algorithm === 'p256' ? 'sha256' : null;
    const signature = sign(digest, Buffer.from('x'), read.privateKey);
    expect(verify(digest, Buffer.from('x'), publicKeyOf(publicRecord(key)), signature)).toBe(true);
  });

  const changes: readonly (readonly [string, Record<string, JsonValue>])[] = [
    ['another key id', { keyid: root.keyid }],
    ['another algorithm', { algorithm: 'p256' }],
    ['another schema', { schema: 'vallum/key/v2' }],
    ['a name that leaves the folder', { name: '../x' }],
    ['an unknown field', { note: 'x' }],
    ['a private key that is none', { privateKey: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n' }],
  ];
  it.each(changes)('are refused with %s', (_, change) => {
    const fields = JSON.parse(Buffer.from(encodeKeyFile(runner)).toString()) as Record<string, JsonValue>;
    expect(() => decodeKeyFile(Buffer.from(JSON.stringify({ ...fields, ...change })))).toThrow(
      expect.objectContaining({ name: 'VallumError' }),
    );
  });

  it('never show key material in an error', () => {
    const text = Buffer.from(encodeKeyFile(runner)).toString();
    const secret = /KEY-----\\n([^\\]{20})/.exec(text)![1]!;
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 2 }), (at, inserted) => {
        try {
          decodeKeyFile(Buffer.from(text.slice(0, at) + inserted + text.slice(at + 1)));
        } catch (error) {
          expect(String(error)).not.toContain(secret);
          expect(error).toMatchObject({ name: 'VallumError' });
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('public key records', () => {
  it('must agree with themselves', () => {
    const record = publicRecord(runner);
    expect(publicKeyOf(record).asymmetricKeyType).toBe('ed25519');
    expect(() => publicKeyOf({ ...record, keyid: root.keyid })).toThrow(/key id/);
    expect(() => publicKeyOf({ ...record, algorithm: 'p256' })).toThrow(/algorithm/);
    expect(() => publicKeyOf({ ...record, spki: `${record.spki}AA` })).toThrow(/key/);
    expect(() => publicKeyOf({ ...record, spki: 'AAAA' })).toThrow(/cannot be read/);
  });

  it('carry a name that can be a file name', () => {
    expect(() => generateKey('a/b', 'ed25519')).toThrow(/name/);
    expect(generateKey('a.b-c_1', 'p256').algorithm).toBe('p256');
  });
});

describe('the key folder', () => {
  let folder = '';
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'vallum-keys-')), 'keys');
  });
  afterEach(() => rm(join(folder, '..'), { recursive: true }));

  it('is empty when it is not there, and gives back what was written', async () => {
    expect(await readKeyFolder(nodeDisk, folder)).toEqual([]);
    const path = await writeKeyFile(nodeDisk, folder, runner);
    await writeKeyFile(nodeDisk, folder, modelKey);
    await writeFile(join(folder, 'pins.json'), '{}');
    expect((await nodeDisk.stat(path))?.mode).toBe(0o600);
    expect((await nodeDisk.stat(folder))?.mode).toBe(0o700);
    expect((await readKeyFolder(nodeDisk, folder)).map((key) => key.keyid)).toEqual([modelKey.keyid, runner.keyid]);
  });

  it('never writes over a key', async () => {
    await writeKeyFile(nodeDisk, folder, runner);
    await expect(writeKeyFile(nodeDisk, folder, { ...modelKey, name: runner.name })).rejects.toThrow(/there already/);
    expect((await readKeyFolder(nodeDisk, folder))[0]?.keyid).toBe(runner.keyid);
  });

  it.each([0o640, 0o604, 0o660])('refuses a key file of mode %o', async (mode) => {
    const path = await writeKeyFile(nodeDisk, folder, runner);
    await chmod(path, mode);
    await expect(readKeyFolder(nodeDisk, folder)).rejects.toMatchObject({ code: 'KEY_MODE', fix: `chmod 600 ${path}` });
  });

  it('refuses a folder that others may write to', async () => {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o777);
    await expect(readKeyFolder(nodeDisk, folder)).rejects.toMatchObject({ code: 'KEY_MODE' });
  });
});
