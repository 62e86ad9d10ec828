// The worker's limiter as the pipeline calls it: places, refusals and their words, factors, and what happens without state.
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../door/refusal.js';
import type { Refusal, Soon } from '../door/refusal.js';
import type { LeaseSource } from './lease.js';
import { LeasedLimiter } from './leased-limiter.js';
import { Limiter, unitsOf } from './limiter.js';
import type { Admission } from './limiter.js';
import { LocalLeaseSource } from './local-lease-source.js';
import { limitsOf, routeWith } from './testing/routes.js';

const web = { principal: 'web' };

function limiterFor(
  route: ReturnType<typeof routeWith>,
  { factor = 1, workers = 1, source }: { factor?: number; workers?: number; source?: LeaseSource } = {},
): { readonly limiter: Limiter; readonly clock: { now: number } } {
  const clock = { now: 0 };
  const primary = new LocalLeaseSource({
    limitsOf: limitsOf(route),
    now: () => clock.now,
    lifetime: { lease: async () => ({ kind: 'never' }), forget: () => undefined },
  });
  const leases = new LeasedLimiter({ source: source ?? primary.forHolder('a'), now: () => clock.now });
  return { limiter: new Limiter({ leases, factorOf: () => factor, workers }), clock };
}

async function admitted(answer: Soon<Admission | Refusal>): Promise<Admission> {
  const admission = await answer;
  if (isRefusal(admission)) throw new Error(admission.reason);
  return admission;
}

describe('Limiter', () => {
  it('answers at once where nothing is limited but the requests in flight', () => {
    const route = routeWith({ concurrency: 2 });
    const { limiter } = limiterFor(route);
    const first = limiter.admit(web, route, 0) as Admission;
    const second = limiter.admit(web, route, 0) as Admission;
    expect(limiter.admit(web, route, 0)).toMatchObject({ code: 'over-limit', status: 429, retryAfter: 1 });
    expect(isRefusal(limiter.admit({ principal: 'other' }, route, 0))).toBe(false);
    expect(second.charge({ bytes: 1e9, rows: 5 }, 0)).toBeUndefined();
    first.done();
    first.done();
    expect(isRefusal(limiter.admit(web, route, 0))).toBe(false);
    // The second `done` gave no second place.
    expect(isRefusal(limiter.admit(web, route, 0))).toBe(true);
  });

  it('gives each worker its share of the places, and at least one', () => {
    const route = routeWith({ concurrency: 10 });
    const places = (workers: number): number => {
      const { limiter } = limiterFor(route, { workers });
      for (let taken = 0; ; taken += 1) if (isRefusal(limiter.admit(web, route, 0))) return taken;
    };
    expect([1, 3, 4, 20].map(places)).toEqual([10, 3, 2, 1]);
  });

  it('takes a request, says when to come again, and gives the place back on a refusal', async () => {
    const route = routeWith({ requests: { limit: 30, per: 'minute', burst: 2 }, concurrency: 3 });
    const { limiter, clock } = limiterFor(route);
    await admitted(limiter.admit(web, route, 0));
    await admitted(limiter.admit(web, route, 0));
    for (let n = 0; n < 5; n += 1)
      expect(await limiter.admit(web, route, 0)).toMatchObject({ code: 'over-limit', retryAfter: 2 });
    clock.now = 2_001;
    await admitted(limiter.admit(web, route, 2_001));
  });

  it('charges what the body costs, and refuses for good what never fits', async () => {
    const route = routeWith({ elements: { limit: 100 }, bytes: { limit: 1_000 }, cost: { limit: 50 } });
    const { limiter } = limiterFor(route);
    const admission = await admitted(limiter.admit(web, route, 0));
    expect(await admission.charge({ elements: 60, bytes: 10, cost: 1 }, 0)).toBeUndefined();
    expect(await admission.charge({ elements: 60 }, 0)).toMatchObject({ code: 'over-limit', retryAfter: 1 });
    const never = (await admission.charge({ elements: 101 }, 0)) as Refusal;
    expect(never).toMatchObject({ code: 'too-large', status: 413 });
    expect(never.retryAfter).toBeUndefined();
    expect(await admission.charge({ cost: -1 }, 0)).toMatchObject({ code: 'too-large' });
    expect(await admission.charge({ cost: NaN }, 0)).toMatchObject({ code: 'too-large' });
    expect(await admission.charge({ cost: 49 }, 0)).toBeUndefined();
  });

  it('divides budgets by the factor, and does not tell by the code', async () => {
    const route = routeWith({ requests: { limit: 100 }, elements: { limit: 100 } });
    const { limiter } = limiterFor(route, { factor: 10 });
    for (let n = 0; n < 10; n += 1) await admitted(limiter.admit(web, route, 0));
    expect(await limiter.admit(web, route, 0)).toMatchObject({ code: 'over-limit', retryAfter: 1 });
    const fresh = limiterFor(route, { factor: 10 }).limiter;
    const admission = await admitted(fresh.admit(web, route, 0));
    expect(await admission.charge({ elements: 50 }, 0)).toMatchObject({ code: 'over-limit', retryAfter: 1 });
    expect(await admission.charge({ elements: 10 }, 0)).toBeUndefined();
  });

  it('refuses with `unavailable` when budgets cannot be asked for', async () => {
    const route = routeWith({ requests: { limit: 100 } });
    const source: LeaseSource = { lease: () => Promise.reject(new Error('the primary process is gone')) };
    const { limiter } = limiterFor(route, { source });
    const answer = await limiter.admit(web, route, 0);
    expect(answer).toMatchObject({ code: 'unavailable', status: 503, retryAfter: 1 });
    expect((answer as Refusal).reason).toContain('the primary process is gone');
    const short: LeaseSource = { lease: async () => [] };
    expect(await limiterFor(route, { source: short }).limiter.admit(web, route, 0)).toMatchObject({
      code: 'unavailable',
    });
    const small: LeaseSource = { lease: async () => [{ kind: 'granted', tokens: 0.5 }] };
    expect(await limiterFor(route, { source: small }).limiter.admit(web, route, 0)).toMatchObject({
      code: 'unavailable',
    });
  });

  it('reckons units', () => {
    const cost = { request: 1, row: 2, element: 0.5, token: 0.25 };
    expect(unitsOf(cost, { rows: 3, elements: 10, tokens: 4 })).toBe(13);
    expect(unitsOf(cost, {})).toBe(1);
  });
});
