// The breaker of an upstream: when too many answers of the last seconds failed, nobody waits for it any more; then one request
// tries whether it is back.
import type { BreakerSettings } from '../config/schema.js';
import { refuse } from '../door/refusal.js';
import type { Refusal } from '../door/refusal.js';

const SLICES = 10;

export type BreakerState = 'closed' | 'open' | 'half-open';

/** Times are milliseconds; what a clock steps back counts as no time. */
export class Breaker {
  readonly #settings: BreakerSettings;
  readonly #upstream: string;
  readonly #good = new Uint32Array(SLICES);
  readonly #bad = new Uint32Array(SLICES);
  #slice = 0;
  #state: BreakerState = 'closed';
  /** Milliseconds that the clock moved forward, and where it stood. */
  #elapsed = 0;
  #last: number | undefined;
  #openUntil = 0;
  /** A probe of which nothing is heard is given up. */
  #probeUntil = 0;

  constructor(upstream: string, settings: BreakerSettings) {
    this.#upstream = upstream;
    this.#settings = settings;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Undefined when a request may go to the upstream, and then its outcome has to be reported. */
  allow(now: number): Refusal | undefined {
    const at = this.#advance(now);
    switch (this.#state) {
      case 'closed':
        return undefined;
      case 'open':
        if (at < this.#openUntil) return this.#refusal(this.#openUntil - at);
        this.#state = 'half-open';
        break;
      case 'half-open':
        if (at < this.#probeUntil) return this.#refusal(this.#probeUntil - at);
    }
    this.#probeUntil = at + 1_000 * this.#settings.openSeconds;
    return undefined;
  }

  /**
   * @param ok false for what is the upstream's fault: no connection, no answer in time, 5xx
   * While it is open, what comes of requests sent before says nothing; half open, the first outcome decides.
   */
  report(ok: boolean, now: number): void {
    const at = this.#advance(now);
    if (this.#state === 'open') return;
    if (this.#state === 'half-open') {
      if (ok) this.#close();
      else this.#open(at);
      return;
    }
    const counts = ok ? this.#good : this.#bad;
    counts[this.#slice % SLICES] = (counts[this.#slice % SLICES] ?? 0) + 1;
    const bad = total(this.#bad);
    const all = bad + total(this.#good);
    if (!ok && all >= this.#settings.minimum && bad >= all * this.#settings.failures) this.#open(at);
  }

  #advance(now: number): number {
    this.#elapsed += Math.max(0, now - (this.#last ?? now));
    this.#last = now;
    const slice = Math.floor((this.#elapsed * SLICES) / (1_000 * this.#settings.windowSeconds));
    for (let gone = Math.min(SLICES, slice - this.#slice); gone > 0; gone -= 1) {
      this.#good[(slice - gone + 1) % SLICES] = 0;
      this.#bad[(slice - gone + 1) % SLICES] = 0;
    }
    this.#slice = slice;
    return this.#elapsed;
  }

  #open(at: number): void {
    this.#state = 'open';
    this.#openUntil = at + 1_000 * this.#settings.openSeconds;
  }

  #close(): void {
    this.#state = 'closed';
    this.#good.fill(0);
    this.#bad.fill(0);
  }

  #refusal(waitMs: number): Refusal {
    return refuse('unavailable', `upstream ${this.#upstream} failed too often in the last seconds`, {
      retryAfter: Math.max(1, Math.ceil(waitMs / 1_000)),
    });
  }
}

const total = (counts: Uint32Array): number => counts.reduce((sum, count) => sum + count, 0);
