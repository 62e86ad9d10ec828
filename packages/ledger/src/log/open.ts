// How a log is opened by whoever may write it: with the lock, with the key that signed what is there, and after what a
// crash left has been rolled forward or removed. A log begins with a checkpoint of nothing, so that one whose checkpoint
// was taken away is never begun anew.
import { VallumError } from '@vallum/core';
import { publicRecord } from '@vallum/trust';
import { takeLock, type Lock } from '../lock/claims.js';
import type { Processes } from '../lock/processes.js';
import { isCheckpointSignedBy } from '../note/checkpoint.js';
import { DurableFiles } from '../store/durable.js';
import type { Committed } from './committed.js';
import { NO_ENTRIES, type LogEdge } from './edge.js';
import { removeLeftovers, unacknowledgedTail, type Vouch } from './recover.js';
import { TileLog, type LogPlace } from './tile-log.js';

export type HeldLock = Lock & { readonly held: true };

/** Runs `open` with the lock, and gives it back when that fails; else says who holds it. */
export async function withLock<T>(
  { disk, dir }: LogPlace,
  processes: Processes,
  open: (lock: HeldLock) => Promise<T>,
  otherwise: (heldBy: string) => Promise<T>,
): Promise<T> {
  await new DurableFiles(disk).makeDirectories([`${dir}/lock`]);
  const lock = await takeLock(disk, `${dir}/lock`, processes);
  if (!lock.held) return otherwise(lock.by);
  try {
    return await open(lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * The log for its writer, who holds the lock.
 * @param found what the checkpoint speaks of; undefined where there is no log yet
 * @param settle makes durable what the entries that are rolled forward rely on
 * @throws VallumError `LEDGER_KEY`, `NOTE_KEY`
 */
export async function openForWriting(
  place: LogPlace,
  found: Committed<LogEdge> | undefined,
  vouch: Vouch,
  settle: (recovered: readonly Uint8Array[]) => Promise<void>,
): Promise<{ readonly log: TileLog; readonly recovered: readonly Uint8Array[] }> {
  const { disk, dir, key } = place;
  const log = new TileLog(place, found?.content ?? NO_ENTRIES, found?.text ?? '');
  const isOwn = found !== undefined && isCheckpointSignedBy(found.checkpoint, publicRecord(key));
  if (found !== undefined && !isOwn && place.inherits?.(found.checkpoint) !== true)
    throw new VallumError('LEDGER_KEY', `the checkpoint in ${dir} is not signed by the key ${key.name}`, {
      fix: 'use the key that this ledger was begun with',
    });
  // Begun, or taken over: from here on this key answers for the log.
  if (!isOwn) await log.commit([]);
  const recovered = found === undefined ? [] : await unacknowledgedTail(disk, dir, log.edge, vouch);
  if (recovered.length > 0) await log.commit(recovered, () => settle(recovered));
  await removeLeftovers(disk, dir, log.size);
  return { log, recovered };
}
