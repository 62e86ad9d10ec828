// A signal in the middle: no plaintext, no half object and no lock are left, and a second command goes on as if nothing was.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Io } from '../../packages/cli/src/answer.js';
import { dataOpenCommand } from '../../packages/cli/src/commands/data-open.js';
import { dataSealCommand } from '../../packages/cli/src/commands/data-seal.js';
import type { TinyProject } from '../support/tiny-project.js';
import { makeTinyProject } from '../support/tiny-project.js';
import { makeVault } from '../support/vault.js';

let project: TinyProject;
let passphraseFile: string;
const why = 'for the tests of the vault';
const BIG = 'feeds/ham-feed/big.bin';

beforeEach(async () => {
  project = await makeTinyProject();
  passphraseFile = await makeVault({ project: project.root, keys: join(project.keys, 'approver') }, '{ objects: 9 }');
  writeFileSync(join(project.root, BIG), Buffer.alloc(4_000_000));
});
afterEach(() => project.remove());

/** Sends the signal once, when a temporary file with this in its path is made. */
function signalled(name: NodeJS.Signals, part: string): Io {
  const io = project.io('approver');
  let isSent = false;
  const create: Io['disk']['create'] = (path, bytes, mode) => {
    if (!isSent && path.includes(part)) {
      isSent = true;
      process.emit(name, name);
    }
    return io.disk.create(path, bytes, mode);
  };
  return { ...io, disk: { ...io.disk, create } };
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s leaves nothing', async (name) => {
  const before = process.listenerCount(name);
  const vault = join(project.root, 'vault');
  await expect(dataSealCommand(signalled(name, '.sealed.'), 'ham-feed', { why, passphraseFile })).rejects.toMatchObject(
    { code: 'STOPPED', errorClass: 'unproven' },
  );
  expect(readdirSync(vault)).toEqual([]);
  await dataSealCommand(project.io('approver'), 'ham-feed', { why, passphraseFile });
  expect(readdirSync(vault)).toHaveLength(2);
  const out = join(project.root, 'out');
  await expect(
    dataOpenCommand(signalled(name, 'big.bin'), ['ham-feed'], { why, passphraseFile, out }),
  ).rejects.toMatchObject({ code: 'STOPPED' });
  expect(existsSync(out)).toBe(false);
  expect(readdirSync(project.root).filter((file) => file.endsWith('.tmp'))).toEqual([]);
  expect(process.listenerCount(name)).toBe(before);
});
