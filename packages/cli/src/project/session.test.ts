// No command gets as far as the state of a project, or its feeds and models, when a link stands in place of a folder.
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { nodeDisk } from '@vallum/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSession, type Session } from './session.js';

let folder = '';
const project = (path: string): string => join(folder, 'project', path);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vallum-session-'));
  mkdirSync(project('feeds/ham'), { recursive: true });
  mkdirSync(project('models/v1'), { recursive: true });
  mkdirSync(join(folder, 'elsewhere/v1'), { recursive: true });
  const lines = ['schema: vallum/project/v1', 'project: p', 'labels: [a, b]', 'feeds: { ham: feeds/ham }'];
  writeFileSync(project('vallum.yaml'), [...lines, 'versions: { v1: { model: models/v1, feeds: [ham] } }'].join('\n'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(): Promise<Session> {
  return openSession({
    disk: nodeDisk,
    clock: () => new Date(),
    keysFolder: join(folder, 'keys'),
    folder: project(''),
  });
}

test('a project of real folders opens', async () => {
  for (const path of ['inbox/aside', 'ledger/lock', 'unenrolled/inbox'])
    mkdirSync(project(`.vallum/${path}`), { recursive: true });
  expect((await open()).declaration.project).toBe('p');
});

const STATE = ['', 'statements', 'blobs', 'ledger', 'ledger/lock', 'ledger/tile', 'inbox', 'inbox/aside'];
const APART = [
  'unenrolled',
  ...STATE.filter((path) => /^(ledger|inbox)/.test(path)).map((path) => `unenrolled/${path}`),
];
const LINKS = [...STATE, ...APART].map((path) => (path === '' ? '.vallum' : `.vallum/${path}`));

test.each([...LINKS, 'feeds', 'feeds/ham', 'models', 'models/v1'])(
  'a link in place of %s: not proven',
  async (path) => {
    rmSync(project(path), { recursive: true, force: true });
    mkdirSync(dirname(project(path)), { recursive: true });
    symlinkSync(join(folder, 'elsewhere'), project(path));
    await expect(open()).rejects.toMatchObject({
      code: 'DISK_LINK',
      errorClass: 'unproven',
      message: expect.stringContaining(`/project/${path} is a symbolic link`) as string,
    });
    expect(existsSync(join(folder, 'keys'))).toBe(false);
  },
);
