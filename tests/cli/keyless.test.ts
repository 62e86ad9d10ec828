// Keyless verification through the bundled program: Sigstore's packages are CommonJS, and inside a bundle they are found
// only when loaded the right way, which no test from source would notice.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { vallum } from './command.js';

const ROOT = join(import.meta.dirname, '../..');
const MODEL = join(ROOT, 'tests/fixtures/oms/v1.1.0-sigstore');
const WHO = ['--identity', 'stefanb@us.ibm.com', '--issuer', 'https://sigstore.verify.ibm.com/oauth2'];
const cwd = mkdtempSync(join(tmpdir(), 'vallum-keyless-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const verify = (...more: readonly string[]) => vallum(['verify', MODEL, ...WHO, ...more], { cwd });

describe('vallum verify, keyless', () => {
  test('believes the packaged trusted root, and one that is given', async () => {
    const given = join(cwd, 'trusted_root.json');
    copyFileSync(join(ROOT, 'packages/model/src/sign/identity/trusted-root.json'), given);
    for (const more of [[], ['--trusted-root', given]])
      expect(await verify(...more)).toMatchObject({
        exit: 0,
        stdout: expect.stringContaining('Verification succeeded') as string,
      });
  });

  test('does not believe another identity, nor an instance without these authorities', async () => {
    const other = await verify('--identity', 'eve@example.org');
    expect(other).toMatchObject({ exit: 1 });
    expect(other.stdout + other.stderr).toContain('identity-mismatch');
    const own = join(cwd, 'own.json');
    const root = JSON.parse(
      readFileSync(join(ROOT, 'packages/model/src/sign/identity/trusted-root.json'), 'utf8'),
    ) as object;
    writeFileSync(own, JSON.stringify({ ...root, certificateAuthorities: [] }));
    const foreign = await verify('--trusted-root', own);
    expect(foreign.exit).not.toBe(0);
    expect(foreign.stdout + foreign.stderr).toContain('certificate-untrusted');
  });
});
