// Scans the files of a folder on several threads. A thread costs some fifty milliseconds to start, so the first files are
// scanned here; and a file that brings its thread down is not examined, while the others go on.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { messageOf, VallumError } from '@vallum/core';
import { outcomeOf } from '../report.js';
import { RULE_FILES } from '../rule-files.js';
import type { FileJob, FileResult, FileScanner, FileSetting } from '../scan-file.js';
import { fileScanner } from '../scan-file.js';
import type { ThreadAnswer, ThreadSetting } from './scan-thread.js';

/** Files that are scanned before threads are worth their start. */
const HERE_FIRST = 16;
const MAX_THREADS = 8;
/** A hostile file that wants more than this takes its own thread down and nothing else. */
const HEAP_MIB = 512;

interface Waiting {
  readonly job: FileJob;
  readonly resolve: (result: FileResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  current?: Waiting | undefined;
}

/** @param setting its disk is not used by the threads, which read the real one */
export function threadScanner(setting: FileSetting): FileScanner {
  return new Threads(setting);
}

class Threads implements FileScanner {
  readonly #setting: FileSetting;
  readonly #here: FileScanner;
  readonly #most = Math.min(MAX_THREADS, availableParallelism());
  readonly #threads = new Set<Thread>();
  readonly #queue: Waiting[] = [];
  #seen = 0;
  #closed = false;

  constructor(setting: FileSetting) {
    this.#setting = setting;
    this.#here = fileScanner(setting);
  }

  get width(): number {
    // One more than there are threads, so that none waits for the next file.
    return this.#seen < HERE_FIRST || this.#most < 2 ? 1 : this.#most + 1;
  }

  async scan(job: FileJob, signal?: AbortSignal): Promise<FileResult> {
    this.#seen += 1;
    if (this.#seen <= HERE_FIRST || this.#most < 2) return this.#here.scan(job, signal);
    signal?.throwIfAborted();
    return new Promise<FileResult>((resolve, reject) => {
      const aborted = (): void => reject(signal?.reason as Error);
      signal?.addEventListener('abort', aborted, { once: true });
      const done = (result: FileResult): void => {
        signal?.removeEventListener('abort', aborted);
        resolve(result);
      };
      this.#queue.push({ job, resolve: done, reject });
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#threads].map(({ worker }) => worker.terminate()));
  }

  #next(): void {
    const free = [...this.#threads].find(({ current }) => current === undefined) ?? this.#start();
    const waiting = free === undefined ? undefined : this.#queue.shift();
    if (free === undefined || waiting === undefined) return;
    free.current = waiting;
    free.worker.postMessage(waiting.job);
  }

  #start(): Thread | undefined {
    if (this.#closed || this.#threads.size >= this.#most) return undefined;
    const { budgets, gate, digests, rules } = this.#setting;
    const files = rules.files === RULE_FILES ? undefined : rules.files;
    const workerData: ThreadSetting = { budgets, gate, digests, files };
    const worker = new Worker(new URL('./scan-thread.js', import.meta.url), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    });
    const thread: Thread = { worker };
    this.#threads.add(thread);
    worker.on('message', (answer: ThreadAnswer) => this.#answered(thread, answer));
    worker.on('error', (error) => this.#ended(thread, messageOf(error)));
    worker.on('exit', () => this.#ended(thread, 'its thread ended'));
    return thread;
  }

  #answered(thread: Thread, answer: ThreadAnswer): void {
    const { current } = thread;
    thread.current = undefined;
    if ('result' in answer) current?.resolve(answer.result);
    else current?.reject(new VallumError('SCAN_THREAD', answer.error, {}, 'internal'));
    this.#next();
  }

  #ended(thread: Thread, why: string): void {
    const { current } = thread;
    thread.current = undefined;
    this.#threads.delete(thread);
    if (current !== undefined) current.resolve(this.#broken(current.job, why));
    if (!this.#closed) this.#next();
  }

  #broken({ shown }: FileJob, why: string): FileResult {
    const notExamined = [{ what: 'the file', why: `its examination broke off: ${why}` }];
    const outcome = outcomeOf([], notExamined, this.#setting.gate);
    return { report: { path: shown, formats: [], outcome, findings: [], notExamined }, bytes: 0, claims: [] };
  }
}
