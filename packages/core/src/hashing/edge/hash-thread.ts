// One thread of the hasher: takes a batch of ranges, answers their digests or the one sentence why not.
import { parentPort } from 'node:worker_threads';
import { messageOf, VallumError } from '../../errors.js';
import type { HashedFile } from '../file-hasher.js';
import { BLOCK } from '../job.js';
import type { HashJob } from '../job.js';
import { Board } from './board.js';
import { hashFileSync } from './hash-file-sync.js';

export interface Batch {
  readonly jobs: readonly HashJob[];
  readonly board: SharedArrayBuffer;
}

export type BatchAnswer =
  | { readonly hashed: readonly HashedFile[] }
  | { readonly code: string; readonly message: string; readonly fix: string | undefined };

const buffer = Buffer.allocUnsafeSlow(BLOCK);

function hashBatch({ jobs, board: memory }: Batch): BatchAnswer {
  const board = new Board(memory);
  try {
    return { hashed: jobs.map((job) => hashFileSync(job, buffer, (bytes) => board.add(bytes))) };
  } catch (error) {
    board.stop();
    const known = error instanceof VallumError ? error : undefined;
    return { code: known?.code ?? 'HASH_THREAD', message: messageOf(error), fix: known?.fix };
  }
}

parentPort?.on('message', (batch: Batch) => parentPort?.postMessage(hashBatch(batch)));
