// Places toward the upstream: never more than there are, turns by principal, deadlines, and who gives way.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../door/refusal.js';
import type { Refusal } from '../door/refusal.js';
import { UpstreamQueue } from './upstream-queue.js';
import type { Place } from './upstream-queue.js';

/** Timers by hand. */
function timers(): {
  readonly later: (ms: number, work: () => void) => () => void;
  readonly fire: () => void;
  count: () => number;
} {
  const set = new Set<() => void>();
  return {
    later: (_, work) => {
      set.add(work);
      return () => void set.delete(work);
    },
    fire: () => {
      for (const work of [...set]) {
        set.delete(work);
        work();
      }
    },
    count: () => set.size,
  };
}

const queueWith = (places: number, queue: number, clock = timers()): UpstreamQueue =>
  new UpstreamQueue({ upstream: 'server', places, queue, waitMs: 100, later: clock.later });

describe('UpstreamQueue', () => {
  it('gives places at once, then in turns by principal', async () => {
    const queue = queueWith(1, 10);
    const order: string[] = [];
    const held = queue.enter('a') as Place;
    const enter = async (principal: string, name: string): Promise<void> => {
      const place = (await queue.enter(principal)) as Place;
      order.push(name);
      place.leave();
    };
    const all = [enter('a', 'a1'), enter('a', 'a2'), enter('a', 'a3'), enter('b', 'b1'), enter('c', 'c1')];
    held.leave();
    held.leave();
    await Promise.all(all);
    expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'a3']);
    expect([queue.taken, queue.waiting]).toEqual([0, 0]);
  });

  it('refuses the flood and not the others when it is full', async () => {
    const queue = queueWith(1, 4);
    const held = queue.enter('flood') as Place;
    const flood = [1, 2, 3, 4].map(() => queue.enter('flood'));
    expect(queue.enter('flood')).toMatchObject({ code: 'overloaded', status: 503 });
    const honest = queue.enter('honest');
    expect(await flood[3]).toMatchObject({ code: 'overloaded' });
    const second = queue.enter('honest');
    expect(await flood[2]).toMatchObject({ code: 'overloaded' });
    // Two and two: nobody is over a fair share.
    expect(isRefusal(queue.enter('honest'))).toBe(true);
    held.leave();
    const a = (await flood[0]) as Place;
    a.leave();
    const b = (await honest) as Place;
    b.leave();
    ((await flood[1]) as Place).leave();
    expect(isRefusal(await second)).toBe(false);
  });

  it('refuses who waited too long', async () => {
    const clock = timers();
    const queue = queueWith(1, 4, clock);
    const held = queue.enter('a') as Place;
    const late = queue.enter('b');
    clock.fire();
    expect(await late).toMatchObject({ code: 'overloaded', retryAfter: 1 });
    held.leave();
    expect([queue.taken, queue.waiting]).toEqual([0, 0]);
    expect(isRefusal(queue.enter('c'))).toBe(false);
  });

  it('keeps its counts over random arrivals, ends and deadlines', async () => {
    const step = fc.record({
      kind: fc.constantFrom('enter', 'enter', 'enter', 'leave', 'leave', 'time'),
      principal: fc.constantFrom('a', 'b', 'c', 'd'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
        const clock = timers();
        const queue = queueWith(3, 5, clock);
        const places: Place[] = [];
        const open = new Set<Promise<unknown>>();
        for (const { kind, principal } of steps) {
          if (kind === 'enter') {
            const note = (answer: Place | Refusal): void => void (isRefusal(answer) || places.push(answer));
            const answer = queue.enter(principal);
            if (answer instanceof Promise) {
              const noted = answer.then(note).finally(() => open.delete(noted));
              open.add(noted);
            } else note(answer);
          } else if (kind === 'leave') places.shift()?.leave();
          else clock.fire();
          for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
          expect(queue.taken).toBe(places.length);
          expect(queue.taken).toBeLessThanOrEqual(3);
          expect(queue.waiting).toBeLessThanOrEqual(5);
          expect(clock.count()).toBe(queue.waiting);
          if (queue.waiting > 0) expect(queue.taken).toBe(3);
        }
        clock.fire();
        await Promise.all(open);
        expect(queue.waiting).toBe(0);
      }),
    );
  });
});
