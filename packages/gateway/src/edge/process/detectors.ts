// The primary's line to the detectors' thread. What it cannot take is dropped and counted: detectors are advice, and a flood of
// queries must not become a flood of memory.
import { Worker } from 'node:worker_threads';
import type { DetectorsSaid, DetectorStart } from './detector-thread.js';

const MOST_WAITING = 20_000;

export interface DetectorsOptions {
  readonly start: DetectorStart;
  readonly said: (said: DetectorsSaid) => void;
  readonly failed: (why: string) => void;
  /** The compiled detector-thread.ts. */
  readonly program: URL;
}

export class Detectors {
  readonly #options: DetectorsOptions;
  #thread: Worker;
  #waiting = 0;
  #isClosed = false;
  /** Sketches that nobody looked at. */
  lost = 0;

  constructor(options: DetectorsOptions) {
    this.#options = options;
    this.#thread = this.#begin();
  }

  /** @param lost what the worker left out already */
  observe({
    packed,
    count,
    lost,
  }: {
    readonly packed: Uint8Array;
    readonly count: number;
    readonly lost: number;
  }): void {
    this.lost += lost;
    if (this.#waiting + count > MOST_WAITING) {
      this.lost += count;
      return;
    }
    this.#waiting += count;
    this.#thread.postMessage(packed);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#thread.terminate();
  }

  #begin(): Worker {
    const { program, start, said, failed } = this.#options;
    const thread = new Worker(program, { workerData: start });
    thread.on('message', (message: DetectorsSaid) => {
      this.#waiting -= message.seen;
      said(message);
    });
    thread.on('error', (error) => failed(error.message));
    thread.on('exit', () => {
      if (this.#isClosed) return;
      // Scores are lost with the thread; steps that were told stay until the new one says otherwise.
      this.lost += this.#waiting;
      this.#waiting = 0;
      this.#thread = this.#begin();
    });
    return thread;
  }
}
