// `--incremental` as a person meets it: the answer is the same, and says that it is weaker. Evidence never comes from it.
import { generateKeyPairSync } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeDisk } from '@vallum/core';
import { datesMappedWrites } from '@vallum/model';
import type { Answer, Io } from '../answer.js';
import { makeStyle } from '../output/style.js';
import { signCommand } from './sign.js';
import { verifyCommand } from './verify.js';

let base = '';
let io: Io;
const at = (path: string): string => join(base, path);

beforeEach(async () => {
  base = fs.mkdtempSync(join(tmpdir(), 'vallum-incremental-'));
  fs.mkdirSync(at('model/sub'), { recursive: true });
  for (const name of ['a', 'b', 'sub/c']) fs.writeFileSync(at(`model/${name}`), `content of ${name}`);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  fs.writeFileSync(at('private.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  fs.writeFileSync(at('public.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  io = {
    disk: nodeDisk,
    // Files that are made now are old enough to be believed.
    clock: () => new Date(Date.now() + 10_000),
    keysFolder: at('keys'),
    folder: base,
    style: makeStyle(false),
    progress: { say: () => undefined, done: () => undefined },
    notice: () => undefined,
  };
  await signCommand(io, at('model'), { key: at('private.pem') });
});
afterEach(() => fs.rmSync(base, { recursive: true }));

const isKept = await datesMappedWrites(tmpdir());
/** On other file systems nothing is kept: there the same name stands for a run that reads all of it again. */
const onKept = (name: string, body: () => Promise<void>): void => test(name, isKept ? body : everyRunIsFull);

const verify = (incremental: boolean, model = at('model')): Promise<Answer> =>
  verifyCommand(io, model, { key: at('public.pem'), incremental });

async function everyRunIsFull(): Promise<void> {
  await verify(true);
  expect(await verify(true)).toMatchObject({ exit: 0, json: { assurance: 'content', incremental: { rehashed: 3 } } });
}

test('without it every file is read and no cache is kept', async () => {
  expect(await verify(false)).toMatchObject({ exit: 0, json: { status: 'valid', assurance: 'content' } });
  expect(fs.existsSync(at('keys'))).toBe(false);
});

onKept('the first time reads all, the second believes, and says so in text and JSON', async () => {
  const first = await verify(true);
  expect(first).toMatchObject({ exit: 0, json: { assurance: 'content', incremental: { files: 3, rehashed: 3 } } });
  expect(first.text).not.toContain('weaker');
  const second = await verify(true);
  expect(second).toMatchObject({ exit: 0, json: { status: 'valid', assurance: 'stat', incremental: { rehashed: 0 } } });
  expect(second.text).toContain('weaker than a full reading: 3 of 3 files');
});

onKept('an edit with its time set back is refused by name, and one file is read', async () => {
  await verify(true);
  const { atime, mtime } = fs.statSync(at('model/sub/c'));
  fs.writeFileSync(at('model/sub/c'), 'CONTENT of sub/c');
  fs.utimesSync(at('model/sub/c'), atime, mtime);
  const json = { status: 'refused', changed: ['sub/c'], assurance: 'stat', incremental: { rehashed: 1 } };
  expect(await verify(true)).toMatchObject({ exit: 1, json });
});

onKept('the cache is found under any name of the folder', async () => {
  await verify(true);
  fs.symlinkSync(base, at('alias'));
  expect(await verify(true, at('alias/model'))).toMatchObject({ json: { status: 'valid', assurance: 'stat' } });
});

onKept('signing again believes what did not change and covers what did', async () => {
  const again = (): Promise<Answer> => signCommand(io, at('model'), { key: at('private.pem'), incremental: true });
  expect(await again()).toMatchObject({ json: { assurance: 'content', incremental: { rehashed: 3 } } });
  fs.appendFileSync(at('model/a'), 'more');
  expect(await again()).toMatchObject({ json: { assurance: 'stat', incremental: { rehashed: 1 } } });
  expect(await verify(false)).toMatchObject({ exit: 0 });
});
