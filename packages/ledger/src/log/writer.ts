// Appends in groups: what arrives while a commit is under way goes into the next one, so that many callers share one set
// of fsyncs. In memory the log only grows by what is durable. After a failed write nobody knows what the disk holds, so
// the writer stops; opening the ledger again finds out.
import { messageOf, VallumError, type Sha256 } from '@vallum/core';
import { encodeEntry, entryOf, type LedgerEntry } from '../entry.js';
import type { Envelope, StatementStore } from '../store/content-store.js';
import { commit, removeOutgrown, type LogPlace } from './commit.js';
import type { Log } from './log.js';

interface Request {
  readonly envelopes: readonly Envelope[];
  readonly resolve: (indices: readonly number[]) => void;
  readonly reject: (reason: unknown) => void;
}

export class Writer {
  readonly #place: LogPlace;
  readonly #log: Log;
  readonly #statements: StatementStore;
  #checkpoint: string;
  #size: number;
  #waiting: Request[] = [];
  #running: Promise<void> | undefined;
  #failure: VallumError | undefined;

  constructor(place: LogPlace, log: Log, statements: StatementStore, checkpoint: string) {
    this.#place = place;
    this.#log = log;
    this.#statements = statements;
    this.#checkpoint = checkpoint;
    this.#size = log.size;
  }

  get checkpoint(): string {
    return this.#checkpoint;
  }

  /** Entries that are durable; the log in memory may be ahead while a commit is under way. */
  get size(): number {
    return this.#size;
  }

  /** The entry of a statement, durable or on its way. */
  find(statement: Sha256): LedgerEntry | undefined {
    const index = this.#log.indexOf(statement);
    return index === undefined ? undefined : this.#log.entries[index];
  }

  append(envelopes: readonly Envelope[]): Promise<readonly number[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ envelopes, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // One turn of the event loop's microtasks, so that calls made side by side share the first commit.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      await this.#enter(group);
    }
    this.#running = undefined;
  }

  async #enter(group: readonly Request[]): Promise<void> {
    const fresh: Envelope[] = [];
    const answers: (() => void)[] = [];
    for (const request of group) {
      try {
        const indices = this.#stage(request.envelopes, fresh);
        answers.push(() => request.resolve(indices));
      } catch (error) {
        request.reject(error);
      }
    }
    try {
      if (this.#failure !== undefined) throw this.#failure;
      if (fresh.length > 0) await this.#makeDurable(fresh);
    } catch (error) {
      this.#failure ??= failed(error);
      for (const { reject } of group) reject(this.#failure);
      return;
    }
    for (const answer of answers) answer();
  }

  /** Puts what is new of one request into the log in memory; all of it or, when it throws, nothing. */
  #stage(envelopes: readonly Envelope[], fresh: Envelope[]): readonly number[] {
    const entries = envelopes.map((envelope) => ({ envelope, entry: entryOf(envelope.signed) }));
    const own = new Map<Sha256, LedgerEntry>();
    for (const { entry } of entries) {
      const index = this.#log.indexOf(entry.statement);
      const known = index === undefined ? own.get(entry.statement) : this.#log.entries[index];
      if (known !== undefined && !isSame(known, entry)) throw conflict(entry);
      own.set(entry.statement, entry);
    }
    return entries.map(({ envelope, entry }) => {
      const index = this.#log.indexOf(entry.statement);
      if (index !== undefined) return index;
      this.#log.push(entry);
      fresh.push(envelope);
      return this.#log.size - 1;
    });
  }

  async #makeDurable(fresh: readonly Envelope[]): Promise<void> {
    const oldSize = this.#size;
    await this.#statements.put(fresh);
    this.#checkpoint = await commit(this.#place, this.#log, oldSize);
    this.#size = this.#log.size;
    await removeOutgrown(this.#place, oldSize, this.#size);
  }
}

export function isSame(a: LedgerEntry, b: LedgerEntry): boolean {
  return encodeEntry(a).equals(encodeEntry(b));
}

export const CONFLICT = 'LEDGER_CONFLICT';

/** The id covers the signed bytes only: another key or signature for them is another act, and the first one stands. */
export function conflict({ statement }: LedgerEntry): VallumError {
  return new VallumError(CONFLICT, `the statement ${statement} is in the ledger with another signature`, {
    fix: 'make and sign a new statement',
  });
}

function failed(error: unknown): VallumError {
  return new VallumError('LEDGER_FAILED', `the ledger could not be written: ${messageOf(error)}`, {
    fix: 'make sure that the disk has room and can be written, then run again',
    cause: error,
  });
}
