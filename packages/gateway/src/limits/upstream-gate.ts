// The way to one upstream: first whether it is worth asking, then a place in the line toward it.
import type { UpstreamSettings } from '../config/schema.js';
import type { UpstreamGate } from '../door/parts.js';
import type { Refusal, Soon } from '../door/refusal.js';
import { Breaker } from './breaker.js';
import type { Later, Place } from './upstream-queue.js';
import { UpstreamQueue } from './upstream-queue.js';

export class GuardedUpstream implements UpstreamGate {
  readonly #breaker: Breaker;
  readonly #queue: UpstreamQueue;

  constructor(name: string, settings: UpstreamSettings, later: Later) {
    const { connections, queue, connectSeconds, breaker } = settings;
    this.#breaker = new Breaker(name, breaker);
    this.#queue = new UpstreamQueue({
      upstream: name,
      places: connections,
      queue,
      waitMs: connectSeconds * 1_000,
      later,
    });
  }

  /** Requests that wait for a place. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  enter(principal: string, now: number): Soon<Place | Refusal> {
    return this.#breaker.allow(now) ?? this.#queue.enter(principal);
  }

  report(succeeded: boolean, now: number): void {
    this.#breaker.report(succeeded, now);
  }
}
