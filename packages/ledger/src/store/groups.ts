// Group commit: what arrives while a group is being written joins the next one, so that many callers share one set of
// waits for the disk. The first of a group may wait a little for others; the time that the group before it took counts. After a failed write nobody knows
// what the disk holds, so nothing more is taken; opening again finds out.
import { messageOf, VallumError } from '@vallum/core';

export interface GroupLimits {
  /** A group of this many entries waits no longer. */
  readonly entries: number;
  /** Milliseconds that the first of a group waits for others; 0 writes at once. */
  readonly waitMs: number;
}

interface Waiting<In, Out> {
  readonly request: In;
  readonly resolve: (answer: Out) => void;
  readonly reject: (reason: unknown) => void;
}

/** What came of one request of a group. */
export type Outcome<Out> = { readonly answer: Out } | { readonly refused: unknown };

export class Groups<In, Out> {
  readonly #limits: GroupLimits;
  readonly #countOf: (request: In) => number;
  readonly #write: (group: readonly In[]) => Promise<readonly Outcome<Out>[]>;
  #waiting: Waiting<In, Out>[] = [];
  #count = 0;
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #failure: VallumError | undefined;
  #hurried = false;
  /** Runs while a group gathers; undefined once its first has waited long enough. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param write makes one group durable and answers each request; what it throws ends everything */
  constructor(
    limits: GroupLimits,
    countOf: (request: In) => number,
    write: (group: readonly In[]) => Promise<readonly Outcome<Out>[]>,
  ) {
    this.#limits = limits;
    this.#countOf = countOf;
    this.#write = write;
  }

  /** @throws VallumError `LEDGER_FAILED`, or what the request was refused with */
  add(request: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0 && this.#limits.waitMs > 0)
        this.#timer = setTimeout(() => this.#ripen(), this.#limits.waitMs);
      this.#waiting.push({ request, resolve, reject });
      this.#count += this.#countOf(request);
      if (this.#isFull()) this.#wake?.();
      this.#running ??= this.#run();
    });
  }

  /** Writes what waits without waiting for more; resolves when nothing is under way. */
  async settled(): Promise<void> {
    this.#hurried = true;
    this.#wake?.();
    await this.#running;
    this.#hurried = false;
  }

  /** Runs `work` while no group is being written; what arrives meanwhile waits. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.#running !== undefined) await this.settled();
    const result = work();
    this.#running = result.then(
      () => this.#run(),
      () => this.#run(),
    );
    return result;
  }

  #isFull(): boolean {
    return this.#hurried || this.#count >= this.#limits.entries;
  }

  async #run(): Promise<void> {
    // One turn of the event loop's microtasks, so that calls made side by side share the first group.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      if (!this.#isFull() && this.#timer !== undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#ripen();
      const group = this.#waiting;
      this.#waiting = [];
      this.#count = 0;
      await this.#enter(group);
    }
    this.#running = undefined;
  }

  #ripen(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wake?.();
    this.#wake = undefined;
  }

  async #enter(group: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      const outcomes = await this.#write(group.map(({ request }) => request));
      for (const [at, { resolve, reject }] of group.entries()) {
        const outcome = outcomes[at];
        if (outcome !== undefined && 'answer' in outcome) resolve(outcome.answer);
        else reject(outcome?.refused);
      }
    } catch (error) {
      this.#failure ??= failed(error);
      for (const { reject } of group) reject(this.#failure);
    }
  }
}

function failed(error: unknown): VallumError {
  return new VallumError('LEDGER_FAILED', `the ledger could not be written: ${messageOf(error)}`, {
    fix: 'make sure that the disk has room and can be written, then run again',
    cause: error,
  });
}
