// Hashes on one thread per core. A thread costs some fifty milliseconds to start, so small work stays here; and a thread
// that cannot be had (no memory, no such file in a foreign bundle) costs speed only: its share is hashed here.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Disk } from '../../disk.js';
import { nodeDisk } from '../../edge/node-disk.js';
import { VallumError } from '../../errors.js';
import { batchesOf } from '../batches.js';
import { diskHasher, hashHere } from '../disk-hasher.js';
import type { FileHasher, HashedFile, HashOptions, HashRequest } from '../file-hasher.js';
import type { HashJob } from '../job.js';
import { planJobs, totalOf } from '../job.js';
import { reporting } from '../report-bytes.js';
import { Board, STOPPED } from './board.js';
import { hashSmall } from './hash-small.js';
import type { Batch, BatchAnswer } from './hash-thread.js';

const MAX_THREADS = 8;
/** Below this the start of a thread is more than it saves. */
const HERE_BYTES = 32 * 1024 * 1024;

export interface ThreadOptions {
  readonly threads?: number;
  /** Bytes below which no thread is started. */
  readonly hereBytes?: number;
  /** The compiled hash-thread.ts. */
  readonly program?: URL;
}

/** @param disk any other than `nodeDisk` is read in this thread: threads could only see the real one */
export function threadHasher(disk: Disk, options: ThreadOptions = {}): FileHasher {
  return disk === nodeDisk ? new ThreadHasher(options) : diskHasher(disk);
}

class ThreadHasher implements FileHasher {
  readonly #most: number;
  readonly #hereBytes: number;
  readonly #program: URL;
  readonly #idle: HashThread[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #lost = false;

  constructor({ threads, hereBytes, program }: ThreadOptions) {
    this.#most = threads ?? Math.min(MAX_THREADS, availableParallelism());
    this.#hereBytes = hereBytes ?? HERE_BYTES;
    // The URL stands here in full: a bundler looks for these words.
    this.#program = program ?? new URL('./hash-thread.js', import.meta.url);
  }

  async hash(requests: readonly HashRequest[], options: HashOptions = {}): Promise<readonly HashedFile[]> {
    options.signal?.throwIfAborted();
    const jobs = await planJobs(nodeDisk, requests);
    if (totalOf(jobs) < this.#hereBytes) return hashHere(jobs, options, hashSmall());
    // One call at a time has all the threads.
    const mine = this.#turn.then(() => this.#onThreads(jobs, options));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async close(): Promise<void> {
    await this.#turn;
    await Promise.all(this.#idle.splice(0).map((thread) => thread.end()));
  }

  async #onThreads(jobs: readonly HashJob[], options: HashOptions): Promise<readonly HashedFile[]> {
    const { signal } = options;
    signal?.throwIfAborted();
    const board = new Board();
    const queue = [...batchesOf(jobs)];
    const hashed = new Array<HashedFile>(jobs.length);
    const runner = async (): Promise<void> => {
      for (let batch = queue.shift(); batch !== undefined; batch = queue.shift())
        for (const [at, file] of (await this.#batch(batch, board, signal)).entries()) {
          const job = batch[at];
          if (job !== undefined) hashed[job.index] = file;
        }
    };
    const stop = (): void => board.stop();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await reporting(
        options,
        totalOf(jobs),
        () => board.bytes,
        async () => {
          const runners = Array.from({ length: Math.min(this.#most, queue.length) }, runner);
          const failed = (await Promise.allSettled(runners)).flatMap((end) => (end.status === 'rejected' ? [end] : []));
          signal?.throwIfAborted();
          const told = failed.find(({ reason }) => !(reason instanceof VallumError && reason.code === STOPPED));
          if (told !== undefined) throw told.reason;
        },
      );
    } finally {
      signal?.removeEventListener('abort', stop);
    }
    return hashed;
  }

  async #batch(jobs: readonly HashJob[], board: Board, signal?: AbortSignal): Promise<readonly HashedFile[]> {
    const thread = this.#idle.pop() ?? (this.#lost ? undefined : new HashThread(this.#program));
    const answer = await thread?.run({ jobs, board: board.memory });
    if (thread === undefined || answer === undefined) {
      this.#lost = true;
      return hashHere(jobs, signal === undefined ? {} : { signal }, hashSmall());
    }
    this.#idle.push(thread);
    if ('hashed' in answer) return answer.hashed;
    throw new VallumError(answer.code, answer.message, answer.fix === undefined ? {} : { fix: answer.fix });
  }
}

class HashThread {
  readonly #worker: Worker;
  #ended = false;
  #answered: (answer: BatchAnswer | undefined) => void = () => undefined;

  constructor(program: URL) {
    this.#worker = new Worker(program);
    this.#worker.on('message', (answer: BatchAnswer) => this.#answered(answer));
    // Its exit follows.
    this.#worker.on('error', () => undefined);
    this.#worker.on('exit', () => {
      this.#ended = true;
      this.#answered(undefined);
    });
  }

  /** Undefined when the thread ended without an answer. An idle thread does not keep the process alive. */
  async run(batch: Batch): Promise<BatchAnswer | undefined> {
    if (this.#ended) return undefined;
    this.#worker.ref();
    try {
      return await new Promise<BatchAnswer | undefined>((resolve) => {
        this.#answered = resolve;
        this.#worker.postMessage(batch);
      });
    } finally {
      this.#worker.unref();
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
