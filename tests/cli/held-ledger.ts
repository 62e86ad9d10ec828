// A living process that holds a project's ledger, as a second `vallum check` would.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Place } from './command.js';

const HOLD = `
import { nodeDisk } from '@vallum/core';
import { openLedger } from '@vallum/ledger';
import { readKeyFolder } from '@vallum/trust';
const [state, keys] = process.argv.slice(1);
const key = (await readKeyFolder(nodeDisk, keys)).find(({ name }) => name === 'ledger');
const folders = { dir: state + '/ledger', statementsDir: state + '/statements', inboxDir: state + '/inbox' };
const ledger = await openLedger({ disk: nodeDisk, origin: 'spam-filter/local', key, ...folders });
process.stdout.write(ledger.writable ? 'held' : 'not held');
process.stdin.resume().on('end', () => process.exit());
`;

/** @returns how to let it go */
export async function holdLedger({ dir, project }: Place): Promise<() => Promise<void>> {
  const args = ['--input-type=module', '--eval', HOLD, '--', `${project}/.vallum`, `${dir}/keys/runner`];
  const cwd = dirname(fileURLToPath(import.meta.url));
  const holder = spawn(process.execPath, args, { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
  const [said] = (await once(holder.stdout, 'data')) as [Buffer];
  if (said.toString() !== 'held') throw new Error(`the ledger is ${said.toString()}`);
  return async () => {
    holder.stdin.end();
    await once(holder, 'exit');
  };
}
