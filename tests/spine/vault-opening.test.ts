// What an opening must not let out: a file beside a model that no verdict is about, and several objects of which one fails
// without a word about those that were released.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Answer } from '../../packages/cli/src/answer.js';
import { checkCommand } from '../../packages/cli/src/commands/check.js';
import { dataOpenCommand } from '../../packages/cli/src/commands/data-open.js';
import { dataSealCommand } from '../../packages/cli/src/commands/data-seal.js';
import { CHECK, release } from '../support/release.js';
import type { TinyProject } from '../support/tiny-project.js';
import { makeTinyProject } from '../support/tiny-project.js';
import { makeVault } from '../support/vault.js';

let project: TinyProject;
let passphraseFile: string;
const why = 'for the tests of the vault';

beforeEach(async () => {
  project = await makeTinyProject();
  passphraseFile = await makeVault({ project: project.root, keys: join(project.keys, 'approver') }, '{ objects: 9 }');
});
afterEach(() => project.remove());

const inProject = (...path: string[]): string => join(project.root, ...path);
const seal = async (what: string): Promise<string> => {
  const { json } = await dataSealCommand(project.io('approver'), what, { why, passphraseFile });
  return (json as { object: string }).object;
};
const open = (what: readonly string[], more: object = {}): Promise<Answer> =>
  dataOpenCommand(project.io('approver'), what, { why, passphraseFile, ...more });

test('a model leaves with the signature that was verified, and with no other file in its place', async () => {
  const signature = inProject('models/v1/model.sig');
  writeFileSync(signature, 'customer addresses');
  const foreign = await seal('v1');
  rmSync(signature);
  for (const feed of ['ham-feed', 'spam-feed']) await seal(feed);
  await release(project);
  const good = readFileSync(signature);
  const own = await seal('v1');
  await checkCommand(project.io('runner'), 'v1', { ...CHECK, action: 'export' });
  const out = join(project.root, '../out');
  await expect(open([foreign], { out, export: true })).rejects.toMatchObject({
    code: 'OPEN_EXPORT',
    errorClass: 'unproven',
    message: expect.stringContaining('another model.sig') as string,
  });
  expect(existsSync(out)).toBe(false);
  expect((await open([own], { out, export: true })).exit).toBe(0);
  expect(readFileSync(join(out, 'model.sig'))).toEqual(good);
});

test('of several objects, those that were released before one failed are named', async () => {
  const ham = await seal('ham-feed');
  const spam = await seal('spam-feed');
  for (const feed of ['ham-feed', 'spam-feed']) rmSync(inProject('feeds', feed), { recursive: true });
  const path = inProject('vault', `${spam}.sealed`);
  const bytes = readFileSync(path);
  bytes[bytes.length - 30] = (bytes[bytes.length - 30] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  expect(await open([ham, spam])).toMatchObject({
    exit: 2,
    text: expect.stringContaining('Not opened: data spam-feed') as string,
    json: { opened: [{ object: ham }], failed: { object: spam, code: 'VAULT_DAMAGED' } },
  });
  expect([existsSync(inProject('feeds/ham-feed')), existsSync(inProject('feeds/spam-feed'))]).toEqual([true, false]);
  await expect(open([spam])).rejects.toMatchObject({ code: 'VAULT_DAMAGED', errorClass: 'unproven' });
});
