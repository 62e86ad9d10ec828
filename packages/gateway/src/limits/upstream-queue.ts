// Places toward an upstream: so many requests at once, so many that wait, each no longer than its deadline. Principals take
// turns, and when the queue is full, the one with the most waiting gives way: who floods stands in its own way only.
import { refuse } from '../door/refusal.js';
import type { Refusal, Soon } from '../door/refusal.js';

/** A place toward the upstream. */
export interface Place {
  /** Gives it up; calling it again does nothing. */
  leave(): void;
}

/** Does work after so many milliseconds. @returns a function that calls it off */
export type Later = (ms: number, work: () => void) => () => void;

export interface UpstreamQueueOptions {
  readonly upstream: string;
  /** Requests at once. */
  readonly places: number;
  /** Requests that wait. */
  readonly queue: number;
  /** How long one may wait. */
  readonly waitMs: number;
  readonly later: Later;
}

interface Waiting {
  readonly principal: string;
  readonly callOff: () => void;
  readonly resolve: (answer: Place | Refusal) => void;
}

const SOON_SECONDS = 1;

export class UpstreamQueue {
  readonly #options: UpstreamQueueOptions;
  /** In the order of their turns: who had one goes to the end. */
  readonly #lines = new Map<string, Set<Waiting>>();
  /** At i: how many principals have i waiting. Tells the longest line without looking at all of them. */
  readonly #lengths: number[] = [];
  #longest = 0;
  #taken = 0;
  #waiting = 0;

  constructor(options: UpstreamQueueOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get taken(): number {
    return this.#taken;
  }

  enter(principal: string): Soon<Place | Refusal> {
    const { places, queue } = this.#options;
    if (this.#taken < places && this.#waiting === 0) return this.#place();
    const own = this.#lines.get(principal)?.size ?? 0;
    // Somebody else gives way only to one whose line stays shorter than theirs.
    if (this.#waiting >= queue && (this.#longest < own + 2 || !this.#shed())) return this.#full();
    return new Promise((resolve) => this.#wait(principal, resolve));
  }

  #place(): Place {
    this.#taken += 1;
    let isTaken = true;
    return {
      leave: () => {
        if (!isTaken) return;
        isTaken = false;
        this.#taken -= 1;
        this.#next();
      },
    };
  }

  #wait(principal: string, resolve: Waiting['resolve']): void {
    const waiting: Waiting = {
      principal,
      resolve,
      callOff: this.#options.later(this.#options.waitMs, () => {
        this.#remove(waiting);
        resolve(
          refuse('overloaded', `no place toward upstream ${this.#options.upstream} within ${this.#options.waitMs} ms`, {
            retryAfter: SOON_SECONDS,
          }),
        );
      }),
    };
    const line = this.#lines.get(principal) ?? new Set();
    this.#lines.set(principal, line.add(waiting));
    this.#waiting += 1;
    this.#resized(line.size - 1, line.size);
  }

  #next(): void {
    while (this.#taken < this.#options.places) {
      const [principal, line] = this.#lines.entries().next().value ?? [];
      const [first] = line ?? [];
      if (principal === undefined || line === undefined || first === undefined) return;
      this.#lines.delete(principal);
      this.#lines.set(principal, line);
      this.#remove(first);
      first.callOff();
      first.resolve(this.#place());
    }
  }

  /** The newest of a longest line goes. */
  #shed(): boolean {
    for (const line of this.#lines.values()) {
      if (line.size < this.#longest) continue;
      const last = [...line].at(-1);
      if (last === undefined) return false;
      this.#remove(last);
      last.callOff();
      last.resolve(this.#full());
      return true;
    }
    return false;
  }

  #remove(waiting: Waiting): void {
    const line = this.#lines.get(waiting.principal);
    if (line?.delete(waiting) !== true) return;
    if (line.size === 0) this.#lines.delete(waiting.principal);
    this.#waiting -= 1;
    this.#resized(line.size + 1, line.size);
  }

  #resized(from: number, to: number): void {
    if (from > 0) this.#lengths[from] = (this.#lengths[from] ?? 0) - 1;
    if (to > 0) this.#lengths[to] = (this.#lengths[to] ?? 0) + 1;
    if (to > this.#longest) this.#longest = to;
    while (this.#longest > 0 && (this.#lengths[this.#longest] ?? 0) === 0) this.#longest -= 1;
  }

  #full(): Refusal {
    return refuse('overloaded', `the queue toward upstream ${this.#options.upstream} is full`, {
      retryAfter: SOON_SECONDS,
    });
  }
}
