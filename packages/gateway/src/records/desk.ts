// The primary's side of the records: takes batches of all workers, enters them in the gateway's own ledger, and answers only
// when they are durable. When the ledger fails it is closed and opened again, with growing pauses, and every batch is refused
// meanwhile. A batch that comes twice is entered once.
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, sha256, VallumError } from '@vallum/core';
import type { Sha256 } from '@vallum/core';
import type { EntryLog } from '@vallum/ledger';
import { unpackEntries } from './batch.js';
import type { RecordAck, RecordBatch } from './batch.js';

/** Workers that are remembered: many more than run, since each that died is forgotten when `left` is called. */
const MOST_LIVES = 4096;
const SHORTEST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

export interface DeskOptions {
  readonly log: EntryLog;
  /** Opens the ledger again after it failed and was closed. */
  readonly reopen: () => Promise<EntryLog>;
  /** Told to every worker: false when the ledger takes no records, true when it does again. */
  readonly tell: (ready: boolean, why?: string) => void;
  /** Waits so many milliseconds, or until told to stop; the real clock by default. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** What is known of the batches of one life of a worker. */
interface Life {
  /** Every number up to this one was entered. */
  upTo: number;
  /** Entered ones above it: as many as can be under way side by side. */
  readonly above: Set<number>;
  readonly underWay: Map<number, Promise<boolean>>;
}

export class RecordDesk {
  readonly #options: DeskOptions;
  readonly #lives = new Map<string, Life>();
  #log: EntryLog;
  /** Size of the log as far as batches were answered. */
  #known: number;
  /** Digests of entries that a failed commit left in the log after all. */
  readonly #already = new Set<Sha256>();
  #ready = true;
  readonly #closing = new AbortController();
  #mending: Promise<void> = Promise.resolve();

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#known = options.log.size;
  }

  /** False while the ledger cannot take records. */
  get ready(): boolean {
    return this.#ready && !this.#isClosed;
  }
  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }
  get log(): EntryLog {
    return this.#log;
  }

  /** Answers when the batch is durable, or at once that it is not. Never throws: a worker that sends nonsense gets a no. */
  async take(batch: RecordBatch): Promise<RecordAck> {
    const { life, seq } = batch;
    return { type: 'records-ack', life, seq, ok: await this.#once(batch) };
  }

  /** A worker has ended: its numbers will not come again. */
  left(life: string): void {
    this.#lives.delete(life);
  }

  /** Waits for what was taken and gives the ledger back. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#mending;
    await this.#log.close();
  }

  async #once(batch: RecordBatch): Promise<boolean> {
    const life = this.#lifeOf(batch.life);
    const { seq } = batch;
    if (seq <= life.upTo || life.above.has(seq)) return true;
    const running = life.underWay.get(seq);
    if (running !== undefined) return running;
    const entering = this.#enter(batch);
    life.underWay.set(seq, entering);
    const ok = await entering;
    life.underWay.delete(seq);
    if (ok) life.above.add(seq);
    while (life.above.delete(life.upTo + 1)) life.upTo += 1;
    return ok;
  }

  #lifeOf(id: string): Life {
    const known = this.#lives.get(id);
    if (known !== undefined) return known;
    const [oldest] = this.#lives.keys();
    if (this.#lives.size >= MOST_LIVES && oldest !== undefined) this.#lives.delete(oldest);
    const life: Life = { upTo: 0, above: new Set(), underWay: new Map() };
    this.#lives.set(id, life);
    return life;
  }

  async #enter({ entries }: RecordBatch): Promise<boolean> {
    if (!this.ready) return false;
    const log = this.#log;
    try {
      const fresh = unpackEntries(entries).filter((entry) => !this.#isAlready(entry));
      const indices = await log.append(fresh);
      this.#known = Math.max(this.#known, (indices.at(-1) ?? -1) + 1);
      return true;
    } catch (error) {
      const isOurs = error instanceof VallumError && error.code === 'RECORDS_BATCH';
      if (!isOurs && log === this.#log) this.#mend(messageOf(error));
      return false;
    }
  }

  #isAlready(entry: Uint8Array): boolean {
    return this.#already.size > 0 && this.#already.delete(sha256(entry));
  }

  /** One mending at a time; a failed log never works again, so it is opened anew. */
  #mend(why: string): void {
    if (!this.#ready || this.#isClosed) return;
    this.#ready = false;
    this.#options.tell(false, why);
    this.#mending = this.#reopen();
  }

  async #reopen(): Promise<void> {
    const wait = this.#options.wait ?? ((time, signal) => sleep(time, undefined, { signal }));
    await this.#log.close().catch(() => undefined);
    for (let ms = SHORTEST_PAUSE_MS; ; ms = Math.min(ms * 2, LONGEST_PAUSE_MS)) {
      await wait(ms, this.#closing.signal).catch(() => undefined);
      if (this.#isClosed) return;
      const log = await this.#options.reopen().catch(() => undefined);
      if (log === undefined) continue;
      this.#log = log;
      await this.#learn(log);
      this.#ready = true;
      this.#options.tell(true);
      return;
    }
  }

  /** A commit that failed at its very end may be in the log: its batches come again and must not be entered twice. */
  async #learn(log: EntryLog): Promise<void> {
    this.#already.clear();
    for await (const entry of log.entries(Math.min(this.#known, log.size))) this.#already.add(sha256(entry));
    this.#known = log.size;
  }
}
