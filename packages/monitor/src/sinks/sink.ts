// What every sink of events is: it takes an event, says when it is delivered, counts what became of each, and can be closed.
import type { EventSink, SecurityEvent } from '@vallum/core';

export interface SinkStats {
  readonly emitted: number;
  readonly delivered: number;
  /** Neither delivered nor among the dead letters. */
  readonly dropped: number;
  /** Given up on and kept in the dead-letter file. */
  readonly deadLetters: number;
  /** Emitted and not yet decided. */
  readonly waiting: number;
  /** Why the last delivery failed; without secrets. */
  readonly lastError?: string;
}

export interface Sink extends EventSink {
  /** Resolves when the event is delivered. @throws VallumError `EVENT_DROPPED`, `EVENT_DEAD_LETTER` */
  emit(event: SecurityEvent): Promise<void>;
  stats(): SinkStats;
  /** Takes no more, gives what waits a moment, and gives up on the rest. */
  close(): Promise<void>;
}

/** Events that wait in one sink. */
export const MOST_WAITING = 10_000;
/** Bytes of the longest event; the gateway's own have at most a few thousand. */
export const MOST_EVENT_BYTES = 60_000;
