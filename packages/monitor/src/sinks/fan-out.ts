// Several sinks as one: an event is delivered when all have it, and each counts for itself.
import type { SecurityEvent } from '@vallum/core';
import type { Sink, SinkStats } from './sink.js';

export function fanOut(sinks: readonly Sink[]): Sink {
  return {
    emit: async (event: SecurityEvent): Promise<void> => {
      const told = await Promise.allSettled(sinks.map((sink) => sink.emit(event)));
      const lost = told.find((one): one is PromiseRejectedResult => one.status === 'rejected');
      if (lost !== undefined) throw lost.reason;
    },
    stats: () => sinks.map((sink) => sink.stats()).reduce(add, NOTHING),
    close: async (): Promise<void> => void (await Promise.all(sinks.map((sink) => sink.close()))),
  };
}

const NOTHING: SinkStats = { emitted: 0, delivered: 0, dropped: 0, deadLetters: 0, waiting: 0 };

/** Each event counts once for each sink. */
function add(one: SinkStats, other: SinkStats): SinkStats {
  const lastError = other.lastError ?? one.lastError;
  return {
    emitted: one.emitted + other.emitted,
    delivered: one.delivered + other.delivered,
    dropped: one.dropped + other.dropped,
    deadLetters: one.deadLetters + other.deadLetters,
    waiting: one.waiting + other.waiting,
    ...(lastError === undefined ? {} : { lastError }),
  };
}
