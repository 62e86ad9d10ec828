// Workers and the lender together: what all of them let through, over random schedules, delays and deaths of workers.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOf } from './gcra.js';
import type { LeaseAnswer, LeaseRequest, LeaseSource } from './lease.js';
import { LeasedLimiter } from './leased-limiter.js';
import { LocalLeaseSource } from './local-lease-source.js';
import { limitsOf, routeWith } from './testing/routes.js';
import { worstExcess } from './testing/windows.js';
import type { Taken } from './testing/windows.js';

const route = routeWith({ requests: { limit: 50, burst: 40 }, elements: { limit: 1_000, burst: 3_000 } });
const names = { principal: 'web', route: route.id };
const lifetime = {
  lease: (): Promise<LeaseAnswer> => Promise.reject(new Error('not asked for')),
  forget: (): void => undefined,
};

function primaryAt(clock: { now: number }, shown = route): LocalLeaseSource {
  return new LocalLeaseSource({ limitsOf: limitsOf(shown), now: () => clock.now, lifetime });
}

/** Answers after the clock has moved on. */
function delayed(source: LeaseSource, turns: () => number): LeaseSource {
  return {
    lease: async (requests) => {
      for (let turn = turns(); turn > 0; turn -= 1) await Promise.resolve();
      const answers = await source.lease(requests);
      for (let turn = turns(); turn > 0; turn -= 1) await Promise.resolve();
      return answers;
    },
  };
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 60; turn += 1) await Promise.resolve();
};

type Act =
  | { readonly kind: 'ask'; readonly worker: number; readonly requests: number; readonly elements: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'die' | 'sweep' | 'back'; readonly worker: number };

const WORKERS = 4;
const worker = fc.integer({ min: 0, max: WORKERS - 1 });
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      worker,
      requests: fc.constantFrom(0, 1, 1, 10),
      // Small ones leave something held, large ones want all that there is.
      elements: fc.oneof(
        fc.constantFrom(1, 2, 40, 101),
        fc.constantFrom(2_800, 3_000),
        fc.integer({ min: 0, max: 3_000 }),
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(0, 1, 20, 300, 6_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('die' as const, 'sweep' as const, 'back' as const), worker }),
  },
);

async function play(acts: readonly Act[]): Promise<{ readonly requests: Taken[]; readonly elements: Taken[] }> {
  const clock = { now: 0 };
  let forward = 0;
  let turn = 0;
  const primary = primaryAt(clock);
  let life = 0;
  const begin = (): { readonly holder: string; readonly limiter: LeasedLimiter } => {
    const holder = `worker ${(life += 1)}`;
    const source = delayed(primary.forHolder(holder), () => (turn += 1) % 5);
    return { holder, limiter: new LeasedLimiter({ source, now: () => clock.now }) };
  };
  const workers = Array.from({ length: WORKERS }, begin);
  const taken = { requests: [] as Taken[], elements: [] as Taken[] };
  for (const one of acts) {
    // A token counts when it is lent for a request, so answers are not kept waiting over time.
    if (one.kind === 'wait' || one.kind === 'back') await settle();
    if (one.kind === 'wait') {
      clock.now += one.ms;
      forward += one.ms;
      continue;
    }
    const at = workers[one.worker];
    if (at === undefined) continue;
    if (one.kind === 'ask') {
      const account = at.limiter.account(names.principal, names.route, clock.now);
      const costs = new Map([['requests', one.requests] as const, ['elements', one.elements] as const]);
      if (account === undefined) continue;
      const answer = at.limiter.take(account, names, costs, clock.now);
      const note = (lack: unknown): void => {
        if (lack !== undefined) return;
        taken.requests.push({ at: forward, tokens: one.requests });
        taken.elements.push({ at: forward, tokens: one.elements });
      };
      // Half of the time others ask before this one has its answer.
      if (answer instanceof Promise) void answer.then(note);
      else note(answer);
      if (one.elements % 2 === 0) await settle();
    } else if (one.kind === 'die') {
      await settle();
      primary.forget(at.holder);
      workers[one.worker] = begin();
    } else if (one.kind === 'back') clock.now -= 4_000;
    else await at.limiter.sweep(clock.now);
  }
  await settle();
  return taken;
}

describe('leases', () => {
  it('let through at most burst + rate x time in any stretch, by all workers together', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 150 }), async (acts) => {
        const taken = await play(acts);
        const { requests, elements } = route.settings.limits;
        expect(worstExcess(taken.requests, bucketOf(requests!))).toBeLessThanOrEqual(1e-6);
        expect(worstExcess(taken.elements, bucketOf(elements!))).toBeLessThanOrEqual(1e-6);
      }),
      { numRuns: 300 },
    );
  });

  it('would let more through if what is held did not count as in use', async () => {
    const clock = { now: 0 };
    const one = routeWith({ requests: { limit: 100, burst: 100 } });
    const primary = primaryAt(clock, one);
    const limiters = ['a', 'b'].map((holder) => {
      const source = primary.forHolder(holder);
      return new LeasedLimiter({ source, now: () => clock.now });
    });
    const use = async (limiter: LeasedLimiter): Promise<number> => {
      for (let used = 0; ; used += 1) {
        const account = limiter.account('web', one.id, clock.now)!;
        const costs = new Map([['requests', 1] as const]);
        if ((await limiter.take(account, { principal: 'web', route: one.id }, costs, clock.now)) !== undefined)
          return used;
      }
    };
    const account = limiters[0]!.account('web', one.id, 0)!;
    await limiters[0]!.take(account, { principal: 'web', route: one.id }, new Map([['requests', 1]]), 0);
    // The first worker holds 4 of 5; the bucket refills; together they still have one burst.
    clock.now = 60_000;
    const second = await use(limiters[1]!);
    const first = await use(limiters[0]!);
    expect(second).toBe(96);
    expect(first).toBe(4);
  });

  it('count as used what a worker held and did not give back, from when it says so', async () => {
    const clock = { now: 0 };
    const one = routeWith({ requests: { limit: 100, burst: 100 } });
    const primary = primaryAt(clock, one);
    const [a, b] = [primary.forHolder('a'), primary.forHolder('b')];
    const ask = { principal: 'web', route: one.id, dimension: 'requests', need: 1, want: 1, left: 0 } as const;
    expect(await a.lease([ask])).toEqual([{ kind: 'granted', tokens: 5 }]);
    clock.now = 60_000;
    expect(await b.lease([{ ...ask, need: 97, want: 97 }])).toMatchObject([{ kind: 'empty' }]);
    // It used 3 of the 4 just now.
    expect(await a.lease([{ ...ask, need: 0, want: 0, left: 1 }])).toEqual([{ kind: 'granted', tokens: 0 }]);
    expect(await b.lease([{ ...ask, need: 98, want: 98 }])).toMatchObject([{ kind: 'empty' }]);
    expect(await b.lease([{ ...ask, need: 97, want: 97 }])).toEqual([{ kind: 'granted', tokens: 97 }]);
    clock.now = 120_000;
    await a.lease([ask]);
    clock.now = 180_000;
    primary.forget('a');
    expect(await b.lease([{ ...ask, need: 97, want: 97 }])).toMatchObject([{ kind: 'empty' }]);
    expect(await b.lease([{ ...ask, need: 96, want: 96 }])).toEqual([{ kind: 'granted', tokens: 96 }]);
  });

  it('asks once for many, and not at all while a lease lasts', async () => {
    const clock = { now: 0 };
    const batches: (readonly LeaseRequest[])[] = [];
    const one = routeWith({ requests: { limit: 1_000, burst: 1_000 } });
    const primary = primaryAt(clock, one).forHolder('a');
    const source: LeaseSource = {
      lease: (requests) => {
        batches.push(requests);
        return primary.lease(requests);
      },
    };
    const limiter = new LeasedLimiter({ source, now: () => clock.now });
    const take = (principal: string): unknown => {
      const account = limiter.account(principal, one.id, 0)!;
      return limiter.take(account, { principal, route: one.id }, new Map([['requests', 1]]), 0);
    };
    // 30 that wait of one principal and one of another: one batch, one request each.
    await Promise.all([...Array.from({ length: 30 }, () => take('a')), take('b')]);
    expect(batches.map((batch) => batch.length)).toEqual([2]);
    for (let n = 0; n < 20; n += 1) expect(take('a')).toBeUndefined();
  });

  it('does not ask again for what was just refused', async () => {
    const clock = { now: 0 };
    let asked = 0;
    const source: LeaseSource = {
      lease: async (requests) => {
        asked += 1;
        return requests.map(() => ({ kind: 'empty', retryAfterMs: 700 }));
      },
    };
    const limiter = new LeasedLimiter({ source, now: () => clock.now });
    const account = limiter.account('web', route.id, 0)!;
    const take = (now: number): unknown => limiter.take(account, names, new Map([['requests', 1]]), (clock.now = now));
    expect(await take(0)).toMatchObject({ kind: 'empty', retryAfterMs: 700 });
    for (let now = 1; now < 700; now += 1) expect(take(now)).toMatchObject({ kind: 'empty', retryAfterMs: 700 - now });
    expect(asked).toBe(1);
    await take(701);
    expect(asked).toBe(2);
  });

  it('forgets idle accounts, and gives back what they held', async () => {
    const clock = { now: 0 };
    const one = routeWith({ requests: { limit: 1, per: 'day', burst: 100 } });
    const source = primaryAt(clock, one).forHolder('a');
    const limiter = new LeasedLimiter({ source, now: () => clock.now, most: 50 });
    for (let n = 0; n < 500; n += 1) {
      const account = limiter.account(`p${n}`, one.id, n)!;
      await limiter.take(account, { principal: `p${n}`, route: one.id }, new Map([['requests', 1]]), n);
    }
    expect(limiter.size).toBe(50);
    await limiter.close(1_000);
    expect(limiter.size).toBe(0);
    // 99 of the last one are there again: only the one that was used is gone.
    const [answer] = await source.lease([
      { principal: 'p499', route: one.id, dimension: 'requests', need: 99, want: 99, left: 0 },
    ]);
    expect(answer).toEqual({ kind: 'granted', tokens: 99 });
  });

  it('voids a lease after its life, and believes no clock that stepped back', async () => {
    let asked = 0;
    const source: LeaseSource = {
      lease: async (requests) => {
        asked += 1;
        return requests.map(() => ({ kind: 'granted', tokens: 10, lifeMs: 1_000 }));
      },
    };
    const clock = { now: 0 };
    const limiter = new LeasedLimiter({ source, now: () => clock.now });
    const account = limiter.account('web', route.id, 0)!;
    const take = (now: number): unknown => limiter.take(account, names, new Map([['requests', 1]]), (clock.now = now));
    await take(0);
    expect(take(999)).toBeUndefined();
    await take(1_000);
    expect(asked).toBe(2);
    await take(500);
    expect(asked).toBe(3);
  });

  it('gives nothing for amounts that are none, to strangers, or back for what nobody holds', async () => {
    const clock = { now: 0 };
    const source = primaryAt(clock).forHolder('a');
    const ask = (more: Partial<LeaseRequest>): Promise<readonly LeaseAnswer[]> =>
      source.lease([{ ...names, dimension: 'requests', need: 1, want: 1, left: 0, ...more }]);
    for (const need of [NaN, -1, Infinity, null as unknown as number])
      expect(await ask({ need })).toEqual([{ kind: 'never' }]);
    expect(await ask({ route: 'json/unknown' })).toMatchObject([{ kind: 'unavailable' }]);
    expect(await ask({ dimension: 'bytes' })).toMatchObject([{ kind: 'unavailable' }]);
    expect(await ask({ need: 40, want: 40 })).toEqual([{ kind: 'granted', tokens: 40 }]);
    expect(await ask({ left: 1e9 })).toMatchObject([{ kind: 'empty' }]);
  });
});
