// Small files of the real disk in this thread: a promise for each of their six calls would cost more than the calls. Now
// and then the event loop has its turn.
import { setImmediate } from 'node:timers/promises';
import { nodeDisk } from '../../edge/node-disk.js';
import type { HashOne } from '../disk-hasher.js';
import { throughPort } from '../disk-hasher.js';
import { hashFileSync } from './hash-file-sync.js';

const SMALL_BYTES = 1024 * 1024;
/** Milliseconds of work: some thirty empty files, or a file or two of the largest that count as small. */
const TURN_BYTES = 2 * 1024 * 1024;
/** What a file costs although it is empty, as bytes that are hashed in the time. */
const FILE_BYTES = 64 * 1024;

export function hashSmall(): HashOne {
  const larger = throughPort(nodeDisk);
  let sinceTurn = 0;
  return async (job, buffer, count) => {
    if (job.bytes > SMALL_BYTES) return larger(job, buffer, count);
    sinceTurn += FILE_BYTES + job.bytes;
    if (sinceTurn > TURN_BYTES) {
      sinceTurn = 0;
      await setImmediate();
    }
    return hashFileSync(job, buffer, count);
  };
}
