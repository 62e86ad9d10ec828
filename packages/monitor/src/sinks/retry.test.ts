// Pauses grow, are capped and scattered; several sinks count as one.
import type { SecurityEvent } from '@vallum/core';
import { describe, expect, it } from 'vitest';
import { fanOut } from './fan-out.js';
import { pauseAfter } from './retry.js';
import type { Sink, SinkStats } from './sink.js';
import { event, fateOf } from './testing/events.js';

describe('pauses', () => {
  it('double up to the longest, each between its half and its whole', () => {
    const backoff = { first: 100, most: 1000 };
    expect([1, 2, 3, 4, 5, 60].map((tries) => pauseAfter(tries, backoff, () => 0))).toEqual([
      50, 100, 200, 400, 500, 500,
    ]);
    expect(pauseAfter(3, backoff, () => 0.5)).toBe(300);
  });
});

describe('several sinks', () => {
  const stats: SinkStats = { emitted: 1, delivered: 1, dropped: 0, deadLetters: 0, waiting: 0 };
  function sink(seen: SecurityEvent[], fails = false): Sink {
    return {
      emit: async (one) => {
        seen.push(one);
        if (fails) throw Object.assign(new Error('lost'), { code: 'EVENT_DROPPED' });
      },
      stats: () => ({ ...stats, ...(fails ? { delivered: 0, dropped: 1, lastError: 'lost' } : {}) }),
      close: async () => undefined,
    };
  }

  it('all get the event, and it is delivered when all have it', async () => {
    const seen: SecurityEvent[] = [];
    const both = fanOut([sink(seen), sink(seen)]);
    expect([await fateOf(both.emit(event('a'))), seen.length]).toEqual(['delivered', 2]);
    const one = fanOut([sink(seen, true), sink(seen)]);
    expect([await fateOf(one.emit(event('b'))), seen.length]).toEqual(['EVENT_DROPPED', 4]);
    expect(one.stats()).toEqual({
      emitted: 2,
      delivered: 1,
      dropped: 1,
      deadLetters: 0,
      waiting: 0,
      lastError: 'lost',
    });
  });
});
