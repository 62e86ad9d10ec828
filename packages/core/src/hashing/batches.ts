// Which ranges go to a thread together: large ones alone, the longest first, so that none is left for the end; small ones
// in company, so that a message costs less than the hashing.
import type { HashJob } from './job.js';

const BATCH_BYTES = 4 * 1024 * 1024;
const BATCH_JOBS = 256;

export function batchesOf(jobs: readonly HashJob[]): readonly (readonly HashJob[])[] {
  const batches: HashJob[][] = [];
  let batch: HashJob[] = [];
  let bytes = 0;
  for (const job of [...jobs].sort((a, b) => b.bytes - a.bytes)) {
    if (batch.length > 0 && (bytes + job.bytes > BATCH_BYTES || batch.length === BATCH_JOBS)) {
      batches.push(batch);
      [batch, bytes] = [[], 0];
    }
    batch.push(job);
    bytes += job.bytes;
  }
  return batch.length > 0 ? [...batches, batch] : batches;
}
