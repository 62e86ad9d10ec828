// Records of one worker on their way to the primary: gathered for a moment, sent in one message, kept until the primary says
// that they are durable. All waiting is bounded; when the ledger takes no more, no request may be answered as if it had.
import { VallumError } from '@vallum/core';
import { BATCH_ENTRIES, packEntries } from './batch.js';
import type { RecordAck, RecordBatch } from './batch.js';
import type { Decision, Recorder } from './decision.js';
import { encodeDecision } from './encode.js';

const GATHER_MS = 3;
/** Requests that may be let in before the buffer is full and end after it: their records are kept beyond it. */
const UNDER_WAY = 20_000;

export interface BufferOptions {
  /** Hands a batch to the primary; throws when there is none any more. */
  readonly send: (batch: RecordBatch) => void;
  /** Which life of a worker this is, 128 random bits in hexadecimal. */
  readonly life: string;
  /** Records that wait, those under way included, from which on nobody else is let in. */
  readonly waiting: number;
}

/** Records that share one message and one answer. */
class Batch {
  readonly entries: Uint8Array[] = [];
  readonly durable: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: VallumError) => void;

  constructor() {
    let [resolve, reject]: [() => void, (error: VallumError) => void] = [() => undefined, () => undefined];
    this.durable = new Promise<void>((...both) => ([resolve, reject] = both));
    // Whoever awaits it is told; that nobody does is no reason to end the process.
    this.durable.catch(() => undefined);
    this.resolve = resolve;
    this.reject = reject;
  }
}

export class RecordBuffer implements Recorder {
  readonly #options: BufferOptions;
  #open: Batch | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Sent or waiting to be sent again, by number, oldest first. */
  readonly #unanswered = new Map<number, Batch>();
  #seq = 0;
  #count = 0;
  #lost = 0;
  #takes = true;
  #isGone = false;

  constructor(options: BufferOptions) {
    this.#options = options;
  }

  get ready(): boolean {
    return this.#takes && !this.#isGone && this.#count < this.#options.waiting;
  }

  /** Records that could not be kept. */
  get lost(): number {
    return this.#lost;
  }

  /** Records that are not durable yet. */
  get waiting(): number {
    return this.#count;
  }

  /**
   * While the ledger takes nothing, a record that still fits is kept and entered later, though its promise is rejected at
   * once: what was already forwarded must not go unrecorded.
   */
  record(decision: Decision): Promise<void> {
    if (this.#isGone) return Promise.reject(gone());
    if (this.#count >= this.#options.waiting + UNDER_WAY) {
      this.#lost += 1;
      return Promise.reject(full());
    }
    this.#open ??= this.#begin();
    const batch = this.#open;
    batch.entries.push(encodeDecision(decision));
    this.#count += 1;
    if (batch.entries.length >= BATCH_ENTRIES) this.#dispatch();
    return this.#takes ? batch.durable : Promise.reject(full());
  }

  /** An answer of the primary. Answers come in any order, and twice after a batch was sent twice. */
  answered({ life, seq, ok }: RecordAck): void {
    const batch = this.#unanswered.get(seq);
    if (life !== this.#options.life || batch === undefined) return;
    if (!ok) {
      this.#takes = false;
      return batch.reject(full());
    }
    this.#unanswered.delete(seq);
    this.#count -= batch.entries.length;
    batch.resolve();
  }

  /** The ledger takes records again, or none any more. Batches without an answer are sent again, in their order. */
  tell(ready: boolean): void {
    const wasReady = this.#takes;
    this.#takes = ready;
    if (ready && !wasReady) for (const [seq, batch] of [...this.#unanswered]) this.#send(seq, batch);
  }

  /** The primary is gone: nothing will be durable any more. */
  gone(): void {
    this.#isGone = true;
    clearTimeout(this.#timer);
    for (const batch of [...this.#unanswered.values(), ...(this.#open === undefined ? [] : [this.#open])])
      batch.reject(gone());
    this.#unanswered.clear();
    this.#open = undefined;
    this.#count = 0;
  }

  /** Sends what waits; resolves when everything is durable. @throws VallumError `RECORDS_FULL`, `RECORDS_GONE` */
  async flush(): Promise<void> {
    this.#dispatch();
    await Promise.all([...this.#unanswered.values()].map(({ durable }) => durable));
  }

  #begin(): Batch {
    this.#timer = setTimeout(() => this.#dispatch(), GATHER_MS);
    return new Batch();
  }

  #dispatch(): void {
    clearTimeout(this.#timer);
    const batch = this.#open;
    if (batch === undefined) return;
    this.#open = undefined;
    this.#seq += 1;
    this.#unanswered.set(this.#seq, batch);
    this.#send(this.#seq, batch);
  }

  #send(seq: number, { entries }: Batch): void {
    try {
      this.#options.send({ type: 'records', life: this.#options.life, seq, entries: packEntries(entries) });
    } catch {
      this.gone();
    }
  }
}

function full(): VallumError {
  return new VallumError('RECORDS_FULL', 'the record of this request cannot be kept now, so it is not answered', {
    fix: 'make sure that the disk under the state folder has room and can be written',
  });
}

function gone(): VallumError {
  return new VallumError('RECORDS_GONE', 'the process that keeps the records has ended', {
    fix: 'start the gateway again',
  });
}
