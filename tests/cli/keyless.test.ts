// Keyless verification of real signatures, from the command to the files. Through the bundled program too: Sigstore's
// packages are CommonJS, and inside a bundle they are found only when loaded the right way, which no test from source
// would notice.
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runHere, vallum } from './command.js';

const ROOT = join(import.meta.dirname, '../..');
const FIXTURES = join(ROOT, 'tests/fixtures/oms');
const MODEL = join(FIXTURES, 'v1.1.0-sigstore');
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

describe.each(['v0.3.1', 'v1.0.0', 'v1.0.1', 'v1.1.0'])('vallum verify on the keyless sample of %s', (version) => {
  /** The answer about a copy of the sample after a change. */
  async function answer(change: (dir: string) => void, ...more: readonly string[]): Promise<object> {
    const dir = join(mkdtempSync(join(cwd, 'copy-')), 'model');
    cpSync(join(FIXTURES, `${version}-sigstore`), dir, { recursive: true });
    change(dir);
    const ran = await runHere(['verify', dir, ...WHO, '--format', 'json', ...more], cwd, join(cwd, 'keys'));
    return { exit: ran.exit, ...(JSON.parse(ran.stdout) as object) };
  }
  const nothing = (): void => undefined;
  const signed = { identity: 'stefanb@us.ibm.com', issuer: 'https://sigstore.verify.ibm.com/oauth2' };
  const mismatch = { exit: 1, status: 'refused', class: 'signer', code: 'identity-mismatch' };

  describe.each(['strict', 'compat'])('%s', (profile) => {
    const judged = (change: (dir: string) => void, ...more: readonly string[]): Promise<object> =>
      answer(change, '--profile', profile, ...more);

    test('it is as its signer made it', async () => {
      expect(await judged(nothing)).toMatchObject({
        exit: 0,
        status: 'valid',
        method: 'sigstore',
        files: 2,
        ...signed,
      });
    });

    test.each<readonly [string, readonly string[]]>([
      ['another identity', ['--identity', 'eve@example.org']],
      ['a part of the identity', ['--identity', 'stefanb@us.ibm.co']],
      ['the identity in capitals', ['--identity', 'STEFANB@us.ibm.com']],
      ['another issuer', ['--issuer', 'https://accounts.google.com']],
      ['the issuer with a slash more', ['--issuer', `${signed.issuer}/`]],
      ['a branch, where a person signed', ['--branch', 'main']],
    ])('it is not by %s', async (_, more) => {
      const found = await judged(nothing, ...more);
      expect(found).toMatchObject(mismatch);
      expect(found).not.toHaveProperty('identity');
    });

    test.each<readonly [string, (dir: string) => void, object]>([
      [
        'a changed file',
        (dir) => appendFileSync(join(dir, 'signme-1'), 'x'),
        { class: 'changed', changed: ['signme-1'], missing: [], extra: [] },
      ],
      [
        'a missing file',
        (dir) => rmSync(join(dir, 'signme-2')),
        { class: 'missing', changed: [], missing: ['signme-2'], extra: [] },
      ],
      [
        'a file more',
        (dir) => writeFileSync(join(dir, 'more'), ''),
        { class: 'extra', changed: [], missing: [], extra: ['more'] },
      ],
      [
        'a file under another name',
        (dir) => renameSync(join(dir, 'signme-1'), join(dir, 'signme-3')),
        { class: 'missing', changed: [], missing: ['signme-1'], extra: ['signme-3'] },
      ],
    ])('it shows %s, and who signed all the same', async (_, change, wanted) => {
      const found = await judged(change);
      expect(found).toMatchObject({ exit: 1, status: 'refused', code: 'files-differ', ...signed, ...wanted });
    });

    test('of a changed file and another identity, the identity is told', async () => {
      expect(await judged((dir) => appendFileSync(join(dir, 'signme-1'), 'x'), '--identity', 'eve')).toMatchObject(
        mismatch,
      );
    });
  });
});
