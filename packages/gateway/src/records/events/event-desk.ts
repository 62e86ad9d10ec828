// Hands events to the sink and counts what became of them, so that nobody takes silence for peace. Whatever a sink does, the
// gateway goes on: what cannot be delivered is counted as dropped.
import type { EventSink, SecurityEvent } from '@vallum/core';
import type { GatewayAlert } from './alert.js';
import { eventOfAlert } from './event-of.js';
import type { EventSource } from './event-of.js';

/** Events that the sink may have in hand. */
const MOST_UNDER_WAY = 10_000;

export interface DeskCounts {
  readonly emitted: number;
  readonly delivered: number;
  readonly dropped: number;
  /** Milliseconds since the epoch when the last one was delivered. */
  readonly lastDelivered?: number;
}

export interface EventDeskOptions {
  readonly source: EventSource;
  /** Undefined where nobody wants events: then none is made. */
  readonly sink: EventSink | undefined;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** 128 random bits in hexadecimal. */
  readonly newId: () => string;
}

export class EventDesk {
  readonly #options: EventDeskOptions;
  #counts: DeskCounts = { emitted: 0, delivered: 0, dropped: 0 };
  #underWay = 0;

  constructor(options: EventDeskOptions) {
    this.#options = options;
  }

  get counts(): DeskCounts {
    return this.#counts;
  }
  get hasSink(): boolean {
    return this.#options.sink !== undefined;
  }

  /** An event that a worker made. */
  event(event: SecurityEvent): void {
    if (this.#options.sink !== undefined) void this.#emit(event);
  }

  alert(alert: GatewayAlert): void {
    if (this.#options.sink === undefined) return;
    void this.#emit(eventOfAlert(this.#options.source, alert, this.#options.newId()));
  }

  /** Sends an event that means nothing and says whether the sink took it. */
  async selfTest(): Promise<boolean> {
    if (this.#options.sink === undefined) return false;
    const alert: GatewayAlert = {
      kind: 'self-test',
      at: this.#options.clock(),
      why: 'the way that events take is tested',
    };
    return this.#emit(eventOfAlert(this.#options.source, alert, this.#options.newId()));
  }

  async #emit(event: SecurityEvent): Promise<boolean> {
    this.#counts = { ...this.#counts, emitted: this.#counts.emitted + 1 };
    if (this.#underWay >= MOST_UNDER_WAY) return this.#ended(false);
    this.#underWay += 1;
    try {
      await this.#options.sink?.emit(event);
      return this.#ended(true);
    } catch {
      return this.#ended(false);
    } finally {
      this.#underWay -= 1;
    }
  }

  #ended(delivered: boolean): boolean {
    const counts = this.#counts;
    this.#counts = delivered
      ? { ...counts, delivered: counts.delivered + 1, lastDelivered: this.#options.clock() }
      : { ...counts, dropped: counts.dropped + 1 };
    return delivered;
  }
}
