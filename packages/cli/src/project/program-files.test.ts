// Which command lines of a key program are refused for the files that they name.
import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assertOwnProgram } from './program-files.js';

const folder = mkdtempSync(join(tmpdir(), 'vallum-program-'));
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  for (const name of ['own.mjs', 'open.mjs']) writeFileSync(at(name), '');
  chmodSync(at('own.mjs'), 0o755);
  chmodSync(at('open.mjs'), 0o775);
  symlinkSync(at('open.mjs'), at('link.mjs'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const refused = async (command: readonly string[], uid?: number): Promise<string | undefined> => {
  try {
    await assertOwnProgram(command, [folder, '/'], uid ?? statSync(folder).uid);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'VAULT_PROGRAM' });
    return (error as Error).message;
  }
};

test('whole paths to files of mine, words and options pass', async () => {
  expect(await refused([at('own.mjs'), '--slot=3', 'status', '', '-', '--', '/no/such/file', folder])).toBeUndefined();
});

test.each(['own.mjs', './own.mjs', 'none/../own.mjs', '--import=own.mjs', '--import=./own.mjs'])(
  'the relative part %s names a file',
  async (part) => expect(await refused([at('own.mjs'), part])).toContain('relative part'),
);

test.each(['open.mjs', 'link.mjs'])('others can write to %s', async (name) => {
  expect(await refused([at(name)])).toContain('other accounts can write');
  expect(await refused([at('own.mjs'), `--import=${at(name)}`])).toContain('other accounts can write');
});

test('what another account owns', async () => {
  writeFileSync(at('theirs.mjs'), '', { mode: 0o755 });
  const { uid } = statSync(folder);
  // Root can give a file away, and is told apart from its owner; anybody else plays another account.
  if (uid === 0) chownSync(at('theirs.mjs'), 4711, 4711);
  expect(await refused([at('theirs.mjs')], uid === 0 ? 0 : uid + 1)).toContain('belongs to another account');
});
