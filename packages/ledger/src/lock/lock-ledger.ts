// Keeps every writer of a ledger out for a while, without writing to it.
import { VallumError, type Disk } from '@vallum/core';
import { nodeProcesses } from '../edge/node-processes.js';
import { DurableFiles } from '../store/durable.js';
import { takeLock } from './claims.js';
import type { Processes } from './processes.js';

/** @returns gives the lock back @throws VallumError `LEDGER_HELD` (not proven) */
export async function lockLedger(
  disk: Disk,
  dir: string,
  processes: Processes = nodeProcesses,
): Promise<() => Promise<void>> {
  await new DurableFiles(disk).makeDirectories([`${dir}/lock`]);
  const lock = await takeLock(disk, `${dir}/lock`, processes);
  if (lock.held) return () => lock.release();
  throw new VallumError(
    'LEDGER_HELD',
    `the ledger is held by ${lock.by}`,
    { fix: 'try again when it has ended' },
    'unproven',
  );
}
