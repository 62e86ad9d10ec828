// A bounded line of events in front of a sink. Some are delivered side by side or together; what does not fit, or cannot be
// delivered, is decided on at once and counted, so that a slow receiver never holds memory or whoever emits.
import { messageOf, VallumError } from '@vallum/core';
import type { SecurityEvent } from '@vallum/core';
import { MOST_EVENT_BYTES, MOST_WAITING } from './sink.js';
import type { SinkStats } from './sink.js';

/** An event and its JSON text, on one line. */
export interface Letter {
  readonly event: SecurityEvent;
  readonly text: string;
}

export interface LaneOptions {
  /** Delivers letters together, all or none. Rejects when it gives them up. */
  readonly deliver: (letters: readonly Letter[], closing: AbortSignal) => Promise<void>;
  /** Letters that are delivered together; 1 by default. */
  readonly together?: number;
  /** Deliveries side by side; 1 by default. */
  readonly sideBySide?: number;
  /** Where letters go that could not be delivered or did not fit; without it they are dropped. */
  readonly deadLetter?: (letter: Letter, why: string) => Promise<void>;
  readonly waiting?: number;
  /** How long closing waits for what is under way, in milliseconds; 2,000 by default. */
  readonly closingMs?: number;
}

interface Waiting extends Letter {
  readonly resolve: () => void;
  readonly reject: (error: VallumError) => void;
}

export class Lane {
  readonly #options: LaneOptions;
  readonly #closing = new AbortController();
  readonly #line: Waiting[] = [];
  #running = 0;
  #isClosed = false;
  #quiet: (() => void) | undefined;
  #stats: SinkStats = { emitted: 0, delivered: 0, dropped: 0, deadLetters: 0, waiting: 0 };

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  stats(): SinkStats {
    return this.#stats;
  }

  /** @throws VallumError `EVENT_DROPPED`, `EVENT_DEAD_LETTER` */
  emit(event: SecurityEvent): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#count({ emitted: 1, waiting: 1 });
      const letter: Waiting = { event, text: JSON.stringify(event), resolve, reject };
      const most = this.#options.waiting ?? MOST_WAITING;
      if (Buffer.byteLength(letter.text) > MOST_EVENT_BYTES) return void this.#giveUp(letter, 'the event is too long');
      if (this.#isClosed) return void this.#giveUp(letter, 'the sink is closed');
      if (this.#line.length >= most) return void this.#giveUp(letter, `${most} events wait already`);
      this.#line.push(letter);
      this.#run();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const timer = setTimeout(() => this.#closing.abort(), this.#options.closingMs ?? 2_000);
    while (this.#stats.waiting > 0) await new Promise<void>((resolve) => (this.#quiet = resolve));
    clearTimeout(timer);
  }

  #run(): void {
    const { together = 1, sideBySide = 1 } = this.#options;
    while (this.#running < sideBySide && this.#line.length > 0) {
      const letters = this.#line.splice(0, together);
      this.#running += 1;
      void this.#deliver(letters);
    }
  }

  async #deliver(letters: readonly Waiting[]): Promise<void> {
    try {
      if (this.#closing.signal.aborted) throw new Error('the sink was closed before it could be delivered');
      await this.#options.deliver(letters, this.#closing.signal);
      this.#count({ delivered: letters.length, waiting: -letters.length });
      for (const { resolve } of letters) resolve();
    } catch (error) {
      await Promise.all(letters.map((letter) => this.#giveUp(letter, messageOf(error))));
    }
    this.#running -= 1;
    this.#run();
    this.#quiet?.();
  }

  async #giveUp(letter: Waiting, why: string): Promise<void> {
    const kept = await this.#keep(letter, why);
    this.#count({ waiting: -1, ...(kept ? { deadLetters: 1 } : { dropped: 1 }) }, why);
    letter.reject(
      kept
        ? new VallumError('EVENT_DEAD_LETTER', `an event could not be delivered and is kept: ${why}`)
        : new VallumError('EVENT_DROPPED', `an event was dropped: ${why}`),
    );
    this.#quiet?.();
  }

  async #keep(letter: Letter, why: string): Promise<boolean> {
    const { deadLetter } = this.#options;
    if (deadLetter === undefined) return false;
    return deadLetter(letter, why).then(
      () => true,
      () => false,
    );
  }

  #count(more: Partial<Record<Exclude<keyof SinkStats, 'lastError'>, number>>, lastError?: string): void {
    const { emitted, delivered, dropped, deadLetters, waiting } = this.#stats;
    this.#stats = {
      ...this.#stats,
      emitted: emitted + (more.emitted ?? 0),
      delivered: delivered + (more.delivered ?? 0),
      dropped: dropped + (more.dropped ?? 0),
      deadLetters: deadLetters + (more.deadLetters ?? 0),
      waiting: waiting + (more.waiting ?? 0),
      ...(lastError === undefined ? {} : { lastError }),
    };
  }
}
