// The example program on a real PKCS#11 token, SoftHSM's, made for this test alone: sealing, rotation to a second key in
// the token, a wrong PIN, a key wrapped for another object.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openObject } from '../format/open.js';
import { rewrapObject } from '../format/rewrap.js';
import { plain, sealedDisk } from '../format/testing/sealed.js';
import { execProvider } from './exec-provider.js';
import type { KeyProvider } from './provider.js';

const EXAMPLE = fileURLToPath(new URL('../../../../../examples/key-exec-pkcs11/key-exec.mjs', import.meta.url));
const module = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so'].find(existsSync);
const missing = [
  ...['softhsm2-util', 'pkcs11-tool'].filter((name) => spawnSync(name, ['--help']).error !== undefined),
  ...(module === undefined ? ['libsofthsm2.so'] : []),
];
const PIN = 'test-pin';

describe.skipIf(missing.length > 0)(
  `a token of SoftHSM${missing.length > 0 ? ` (needs ${missing.join(', ')})` : ''}`,
  () => {
    let folder: string;
    const env = (more: Record<string, string> = {}): Record<string, string> => ({
      PATH: '/usr/bin:/bin',
      SOFTHSM2_CONF: join(folder, 'softhsm2.conf'),
      VALLUM_PKCS11_MODULE: module ?? '',
      VALLUM_PKCS11_TOKEN: 'vallum-test',
      VALLUM_PKCS11_PIN: PIN,
      VALLUM_PKCS11_KEYS: '01',
      VALLUM_PKCS11_HASH: 'sha1',
      ...more,
    });
    const keys = (more: Record<string, string> = {}): KeyProvider =>
      execProvider({ command: [process.execPath, EXAMPLE], env: env(more) });

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'vallum-token-'));
      mkdirSync(join(folder, 'tokens'));
      writeFileSync(
        join(folder, 'softhsm2.conf'),
        `directories.tokendir = ${folder}/tokens\nobjectstore.backend = file\n`,
      );
      const run = (program: string, ...args: string[]): unknown =>
        execFileSync(program, args, { env: env(), stdio: 'pipe' });
      run('softhsm2-util', '--init-token', '--free', '--label', 'vallum-test', '--so-pin', 'test-so-pin', '--pin', PIN);
      const login = ['--module', module ?? '', '--token-label', 'vallum-test', '--login', '--pin', PIN];
      for (const id of ['01', '02'])
        run(
          'pkcs11-tool',
          ...login,
          '--keypairgen',
          '--key-type',
          'rsa:2048',
          '--id',
          id,
          '--label',
          `kek-${id}`,
          '--usage-decrypt',
        );
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    it('seals, opens and rotates', async () => {
      const before = keys();
      const disk = await sealedDisk(plain(1000), { keys: before });
      const after = keys({ VALLUM_PKCS11_KEYS: '02,01' });
      expect(await after.status()).toEqual({ active: 'pkcs11:vallum-test:02', retired: ['pkcs11:vallum-test:01'] });
      await rewrapObject({ disk, path: '/v/mails', from: after, to: after });
      await expect(openObject({ disk, path: '/v/mails', keys: before })).rejects.toThrow(
        /no key pkcs11:vallum-test:02/,
      );
      const reader = await openObject({ disk, path: '/v/mails', keys: after });
      expect(Buffer.from(await reader.read(0, 1000))).toEqual(plain(1000));
    });

    it('refuses a wrong PIN, a missing key, and a key that was wrapped for another object', async () => {
      const key = await keys().wrap(Buffer.alloc(32, 9), Buffer.from('one'));
      expect(await keys().unwrap(key, Buffer.from('one'))).toEqual(Buffer.alloc(32, 9));
      await expect(keys().unwrap(key, Buffer.from('two'))).rejects.toThrow(/wrapped for another object/);
      await expect(keys({ VALLUM_PKCS11_PIN: 'wrong' }).unwrap(key, Buffer.from('one'))).rejects.toThrow(
        /token refuses/,
      );
      await expect(keys({ VALLUM_PKCS11_KEYS: '03' }).wrap(Buffer.alloc(32), Buffer.from('one'))).rejects.toMatchObject(
        {
          code: 'VAULT_EXEC',
        },
      );
      const changed = Buffer.from(key.wrapped);
      changed[9] = changed[9]! ^ 1;
      await expect(keys().unwrap({ ...key, wrapped: changed }, Buffer.from('one'))).rejects.toThrow(/token refuses/);
    });
  },
);
