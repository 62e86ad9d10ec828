// Commit and branch as git itself names them, in every layout that git writes; and nothing where somebody wrote something else.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { nodeDisk, sha256 } from '@vallum/core';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { isBranchRef, readCheckout } from './checkout.js';
import type { Checkout } from './checkout.js';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'vallum-git-'));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const commit = 'c'.repeat(40);
const read = (files: Readonly<Record<string, string>>, below = ''): Promise<Checkout | undefined> =>
  readCheckout(nodeDisk, join(folderWith(files), below));

describe('readCheckout', () => {
  const rows: readonly (readonly [string, Readonly<Record<string, string>>, Checkout | undefined])[] = [
    [
      'a branch',
      { '.git/HEAD': 'ref: refs/heads/feature/x\n', '.git/refs/heads/feature/x': `${commit}\n` },
      { commit, ref: 'refs/heads/feature/x' },
    ],
    [
      'a packed branch',
      {
        '.git/HEAD': 'ref: refs/heads/main\n',
        '.git/packed-refs': `# pack-refs with: peeled\n${'d'.repeat(40)} refs/heads/amain\n${commit} refs/heads/main\n^${'e'.repeat(40)}\n`,
      },
      { commit, ref: 'refs/heads/main' },
    ],
    [
      'a loose branch before a packed one',
      {
        '.git/HEAD': 'ref: refs/heads/main\n',
        '.git/packed-refs': `${'d'.repeat(40)} refs/heads/main\n`,
        '.git/refs/heads/main': `${commit}\n`,
      },
      { commit, ref: 'refs/heads/main' },
    ],
    ['a detached head', { '.git/HEAD': `${commit}\n` }, { commit }],
    ['SHA-256', { '.git/HEAD': `${sha256('x')}\n` }, { commit: sha256('x') }],
    ['a branch without a commit', { '.git/HEAD': 'ref: refs/heads/main\n' }, undefined],
    ['the reftable format', { '.git/HEAD': 'ref: refs/heads/.invalid\n' }, undefined],
    ['a branch that leads out', { '.git/HEAD': 'ref: refs/heads/../../../secret\n', secret: commit }, undefined],
    ['a head that is no reference', { '.git/HEAD': 'ref: /etc/passwd\n' }, undefined],
    ['a commit that is none', { '.git/HEAD': 'C'.repeat(40) }, undefined],
    ['no head', { '.git/config': '' }, undefined],
  ];
  it.each(rows)('reads %s', async (_, files, expected) => {
    expect(await read(files)).toEqual(expected);
  });

  it('looks upwards, and reads worktrees', async () => {
    expect(await read({ '.git/HEAD': commit, 'models/v1/x': '' }, 'models/v1')).toEqual({ commit });
    const worktree = {
      'work/.git': 'gitdir: ../main/.git/worktrees/work\n',
      'main/.git/worktrees/work/HEAD': 'ref: refs/heads/topic\n',
      'main/.git/worktrees/work/commondir': '../..\n',
      'main/.git/refs/heads/topic': `${commit}\n`,
    };
    expect(await read(worktree, 'work')).toEqual({ commit, ref: 'refs/heads/topic' });
    expect(await read({ 'work/.git': 'nonsense' }, 'work')).toBeUndefined();
  });

  it('does not follow links', async () => {
    const folder = folderWith({ '.git/HEAD': 'ref: refs/heads/main\n', elsewhere: commit, '.git/refs/heads/x': '' });
    symlinkSync(join(folder, 'elsewhere'), join(folder, '.git/refs/heads/main'));
    expect(await readCheckout(nodeDisk, folder)).toBeUndefined();
  });

  it('answers with a commit or with nothing, whatever stands in the files', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), async (head, packed) => {
        const found = await read({ '.git/HEAD': head, '.git/packed-refs': packed });
        expect(found === undefined || /^[0-9a-f]{40,64}$/.test(found.commit)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('isBranchRef', () => {
  it.each(['refs/heads/main', 'refs/heads/feature/a-b_c.d', 'refs/heads/v1.0', 'refs/heads/user@x'])(
    'takes %s',
    (ref) => expect(isBranchRef(ref)).toBe(true),
  );
  it.each([
    'main',
    'refs/tags/main',
    'refs/heads/',
    'refs/heads/a..b',
    'refs/heads/a//b',
    'refs/heads/.a',
    'refs/heads/a/.b',
    'refs/heads/a.lock',
    'refs/heads/a.lock/b',
    'refs/heads/a.',
    'refs/heads/a/',
    'refs/heads/a@{1}',
    'refs/heads/a b',
    'refs/heads/m\u0430in',
    'refs/heads/main\n',
  ])('refuses %j', (ref) => expect(isBranchRef(ref)).toBe(false));
});
