// Opens the folder of a witness: its own key, made on first use and readable by nobody else, and a lock, because two
// witnesses with one memory could each cosign another history.
import { VallumError, writeDurably, type Clock, type Disk } from '@vallum/core';
import { generateKey, readKeyFolder, writeKeyFile } from '@vallum/trust';
import { nodeProcesses } from '../edge/node-processes.js';
import { takeLock } from '../lock/claims.js';
import type { Processes } from '../lock/processes.js';
import { DurableFiles } from '../store/durable.js';
import type { VerifierKey } from '../note/vkey.js';
import { Witness } from './witness.js';

export interface OpenWitnessOptions {
  readonly disk: Disk;
  readonly dir: string;
  /** As cosignatures name it: an address without scheme, such as witness.example.org/w1. */
  readonly name: string;
  readonly logs: readonly VerifierKey[];
  readonly clock: Clock;
  readonly processes?: Processes;
}

export interface OpenWitness {
  readonly witness: Witness;
  close(): Promise<void>;
}

const KEY = 'witness';
const NAME_BYTES = 1024;
const NAME = /^[\x21-\x2a\x2c-\x7e]{1,200}$/;

/** @throws VallumError `WITNESS_NAME`, `WITNESS_HELD`, `WITNESS_LOG`, `KEY_*` */
export async function openWitness(options: OpenWitnessOptions): Promise<OpenWitness> {
  const { disk, dir, name, logs, clock, processes = nodeProcesses } = options;
  if (!NAME.test(name))
    throw new VallumError('WITNESS_NAME', `not the name of a witness: ${JSON.stringify(name.slice(0, 80))}`, {
      fix: 'use something like witness.example.org/w1, without spaces and "+"',
    });
  const wrong = logs.find(({ use }) => use !== 'log');
  if (wrong !== undefined)
    throw new VallumError('WITNESS_LOG', `the key of ${wrong.name} is that of a witness, not of a log`, {
      fix: 'give what `vallum ledger key` prints',
    });
  await new DurableFiles(disk).makeDirectories([dir]);
  const lockDir = `${dir}/lock`;
  await disk.makeDirectory(lockDir);
  const lock = await takeLock(disk, lockDir, processes);
  if (!lock.held)
    throw new VallumError('WITNESS_HELD', `the witness in ${dir} runs already: ${lock.by}`, {
      fix: 'stop it first, or use another folder',
    });
  try {
    await refuseOtherName(disk, dir, name);
    const known = (await readKeyFolder(disk, dir)).find((key) => key.name === KEY);
    const key = known ?? generateKey(KEY, 'ed25519');
    if (known === undefined) await writeKeyFile(disk, dir, key);
    const witness = new Witness({ disk, dir, name, key, logs, clock });
    return { witness, close: () => lock.release() };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Cosignatures do not name their witness, so one key has one name for ever. */
async function refuseOtherName(disk: Disk, dir: string, name: string): Promise<void> {
  const path = `${dir}/name`;
  const before = (await disk.stat(path)) === undefined ? undefined : await disk.read(path, NAME_BYTES);
  if (before === undefined) return writeDurably(disk, path, Buffer.from(name), 0o600);
  const text = Buffer.from(before).toString('utf8');
  if (text !== name)
    throw new VallumError('WITNESS_NAME', `the witness in ${dir} is called ${JSON.stringify(text)}, not ${name}`, {
      fix: 'use its name, or another folder for another witness',
    });
}
