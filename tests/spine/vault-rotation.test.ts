// Rotation of a vault that is not as it should be: nothing that may still come back is lost with a key, one foreign object
// stops nothing, and the ledger says no more than what was done.
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeDisk } from '@vallum/core';
import { listKeyring } from '@vallum/data';
import { readEnvelope, readVaultAct } from '@vallum/trust';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Answer } from '../../packages/cli/src/answer.js';
import { dataListCommand } from '../../packages/cli/src/commands/data-list.js';
import { dataOpenCommand } from '../../packages/cli/src/commands/data-open.js';
import { dataRotateCommand } from '../../packages/cli/src/commands/data-rotate.js';
import { dataSealCommand } from '../../packages/cli/src/commands/data-seal.js';
import { dataShredCommand } from '../../packages/cli/src/commands/data-shred.js';
import type { TinyProject } from '../support/tiny-project.js';
import { makeTinyProject } from '../support/tiny-project.js';
import { makeVault } from '../support/vault.js';

let project: TinyProject;
let passphraseFile: string;
let feed: string;
let model: string;
const why = 'for the tests of rotation';

beforeEach(async () => {
  project = await makeTinyProject();
  passphraseFile = await makeVault({ project: project.root, keys: join(project.keys, 'approver') });
  feed = objectOf(await dataSealCommand(project.io('approver'), 'ham-feed', { why, passphraseFile }));
  model = objectOf(await dataSealCommand(project.io('approver'), 'v1', { why, passphraseFile }));
});
afterEach(() => project.remove());

const objectOf = ({ json }: Answer): string => (json as { object: string }).object;
const inVault = (name: string): string => join(project.root, 'vault', name);
const rotate = (more: object): Promise<Answer> =>
  dataRotateCommand(project.io('approver'), { why, passphraseFile, ...more });
const open = (what: string, out: string): Promise<Answer> =>
  dataOpenCommand(project.io('approver'), [what], { why, passphraseFile, out: join(project.root, out) });
const keyring = async (): Promise<number> =>
  (await listKeyring({ disk: nodeDisk, path: join(project.keys, 'approver/keyring.json') })).length;

/** `act kind` of all that the ledger has of key changes and shreddings. */
async function changes(): Promise<readonly string[]> {
  await dataListCommand(project.io('runner'));
  const folder = join(project.root, '.vallum/statements');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.json'));
  const acts = files.flatMap((path) => readVaultAct(readEnvelope(readFileSync(join(folder, path))).statement) ?? []);
  return acts
    .filter(({ act }) => act === 'rotate' || act === 'shred')
    .map(({ act, kind }) => `${act} ${kind}`)
    .sort();
}

test('an object that is away for the moment is not lost with its key', async () => {
  const away = join(project.root, 'away');
  renameSync(inVault(`${feed}.sealed`), away);
  const first = await rotate({ newKey: true, destroyRetired: true });
  expect(first).toMatchObject({ exit: 1, json: { destroyed: [], untouched: [{ object: feed }] } });
  expect((first.json as { kept: string[] }).kept).toHaveLength(1);
  expect(first.text).toContain('Kept kek-');
  expect(await changes()).toEqual(['rotate key', 'rotate model']);
  renameSync(away, inVault(`${feed}.sealed`));
  await open('ham-feed', 'back');
  expect(await rotate({ destroyRetired: true })).toMatchObject({ exit: 0, json: { kept: [], untouched: [] } });
  expect(await keyring()).toBe(1);
  await open('ham-feed', 'again');
  expect(await changes()).toEqual(['rotate data', 'rotate key', 'rotate model', 'shred key']);
});

test('a foreign object is named and left alone; the others are rotated, and its key may go', async () => {
  const foreign = 'f'.repeat(32);
  for (const suffix of ['sealed', 'key'])
    writeFileSync(
      inVault(`${foreign}.${suffix}`),
      readFileSync(inVault(`${feed}.${suffix}`), 'latin1')
        .replaceAll(feed, foreign)
        .replace(/kek-[^"]*/, 'kek-theirs'),
      'latin1',
    );
  const before = readFileSync(inVault(`${foreign}.key`));
  const rotated = await rotate({ newKey: true, destroyRetired: true });
  expect(rotated).toMatchObject({ exit: 1, json: { untouched: [{ object: foreign }], kept: [] } });
  expect((rotated.json as { rewrapped: unknown[] }).rewrapped).toHaveLength(2);
  expect(readFileSync(inVault(`${foreign}.key`))).toEqual(before);
  expect(await keyring()).toBe(1);
  await open('ham-feed', 'again');
});

test('an object whose key does not unwrap stops neither the others nor fills the keyring', async () => {
  const path = inVault(`${feed}.key`);
  const whole = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    whole.replace(/"wrapped":"(.)/, (_, first: string) => `"wrapped":"${first === 'A' ? 'B' : 'A'}`),
  );
  expect(await rotate({ newKey: true, destroyRetired: true })).toMatchObject({
    exit: 1,
    json: { rewrapped: [{ object: model }], untouched: [{ object: feed }], destroyed: [] },
  });
  expect(await keyring()).toBe(2);
  await dataShredCommand(project.io('approver'), 'v1', { why });
  expect(await rotate({ newKey: true })).toMatchObject({ exit: 1, json: { rewrapped: [] } });
  expect(await keyring()).toBe(2);
  writeFileSync(path, whole);
  await open('ham-feed', 'again');
});

test.each([
  ['vault', (): string => inVault('lock')],
  ['keyring', (): string => join(project.keys, 'approver/keyring.json.lock')],
])('a rotation that finds the %s busy is not in the ledger', async (_, lock) => {
  writeFileSync(lock(), '');
  await expect(rotate({ newKey: true, destroyRetired: true })).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
  expect(await changes()).toEqual([]);
  expect(await keyring()).toBe(1);
});

test('what is sealed while a rotation waits for its passphrase keeps its key', async () => {
  const io = project.io('approver');
  let sealed = '';
  const disk = {
    ...io.disk,
    // The last moment before the rotation takes the lock.
    makeDirectory: async (path: string, mode?: number): Promise<void> => {
      await io.disk.makeDirectory(path, mode);
      if (path.endsWith('/vault') && sealed === '')
        sealed = objectOf(await dataSealCommand(project.io('approver'), 'spam-feed', { why, passphraseFile }));
    },
  };
  const rotated = await dataRotateCommand({ ...io, disk }, { why, passphraseFile, newKey: true, destroyRetired: true });
  expect(sealed).not.toBe('');
  expect(rotated.json).toMatchObject({ kept: [], untouched: [] });
  expect((rotated.json as { rewrapped: { object: string }[] }).rewrapped.map(({ object }) => object)).toContain(sealed);
  await open('spam-feed', 'again');
});

test('what lost its key file is shredded in the ledger, and stays so when the file comes back', async () => {
  const away = join(project.root, 'away');
  renameSync(inVault(`${feed}.key`), away);
  const shred = (): Promise<Answer> => dataShredCommand(project.io('approver'), feed, { why: 'consent withdrawn' });
  const answer = await shred();
  expect(answer).toMatchObject({ exit: 0, json: { object: feed, keyFile: 'absent', otherNames: 0 } });
  expect(await changes()).toEqual(['shred data']);
  // A second time there is nothing left to say.
  await expect(shred()).rejects.toMatchObject({ code: 'VAULT_SHREDDED' });
  expect(await changes()).toEqual(['shred data']);
  copyFileSync(away, inVault(`${feed}.key`));
  await expect(open(feed, 'x')).rejects.toMatchObject({ code: 'VAULT_SHREDDED' });
  expect(await shred()).toMatchObject({ json: { keyFile: 'destroyed' } });
  expect(existsSync(inVault(`${feed}.key`))).toBe(false);
  // Also when the whole vault is gone.
  rmSync(join(project.root, 'vault'), { recursive: true });
  expect(await dataShredCommand(project.io('approver'), model, { why })).toMatchObject({ json: { keyFile: 'absent' } });
});
