// Budgets that several gateways share through Redis or Valkey. Every lease is one atomic step of the store; what is asked at
// once goes out in one write.
import { VallumError } from '@vallum/core';
import { bucketOf } from '../gcra.js';
import { isAmount, MOST_HELD, wishedLease } from '../lease.js';
import type { LeaseAnswer, LeaseRequest, LeaseSource, LimitsOf } from '../lease.js';
import type { LifetimeClaim, LifetimeShare } from '../lifetime/lifetime-book.js';
import { keyFor } from './redis-link.js';
import type { RedisLink } from './redis-link.js';
import { LEASE, LIFETIME } from './redis-scripts.js';

/**
 * A worker may use a lease so long, and the store counts it as lent twice as long: a gateway that ends without a word stands in
 * nobody's way for longer, and what it held is lost.
 */
const LIFE_MS = 15_000;
const CLAIMS_AT_ONCE = 500;

export interface RedisLeaseOptions {
  readonly link: Pick<RedisLink, 'run'>;
  readonly prefix: string;
  readonly limitsOf: LimitsOf;
}

/**
 * Rates. Rejects as a whole when the store cannot be reached.
 * @param holder a worker of a gateway, by a name that no other has
 */
export function redisLeaseSource({ link, prefix, limitsOf }: RedisLeaseOptions, holder: string): LeaseSource {
  async function one(request: LeaseRequest): Promise<LeaseAnswer> {
    const { principal, route, dimension, need, want, left } = request;
    const rate = dimension === 'lifetime' ? undefined : limitsOf(route)?.limits[dimension];
    if (rate === undefined || ![need, want, left].every(isAmount)) return { kind: 'never' };
    const { burst, perMs } = bucketOf(rate);
    const key = keyFor(prefix, `lease:${dimension}`, [route, principal]);
    const numbers = [perMs, burst, need, wishedLease(request, burst), left, 2 * LIFE_MS, burst * MOST_HELD];
    const [kind, number] = (await link.run(LEASE, key, [holder, ...numbers.map(String)])) as [string, string?];
    if (kind === '3') return { kind: 'never' };
    const amount = Number(number);
    if (!isAmount(amount)) throw notOurs();
    return kind === '1'
      ? { kind: 'granted', tokens: amount, lifeMs: LIFE_MS }
      : { kind: 'empty', retryAfterMs: amount };
  }
  return { lease: (requests) => Promise.all(requests.map(one)) };
}

/** Lifetimes. @param gateway names this gateway for good, see `Journal.gateway` */
export function redisLifetimeShare(
  { link, prefix }: Pick<RedisLeaseOptions, 'link' | 'prefix'>,
  gateway: string,
): LifetimeShare {
  async function one({ key, own, limit }: LifetimeClaim): Promise<number> {
    const values = [gateway, own, limit].map(String);
    const others = Number(await link.run(LIFETIME, keyFor(prefix, 'lifetime', [key]), values));
    if (!isAmount(others)) throw notOurs();
    return others;
  }
  return { claim: (claims) => Promise.all(claims.map(one)) };
}

/** Tells a store again what this gateway took, for the store may have lost it. @throws VallumError `REDIS_GONE` */
export async function retellLifetimes(share: LifetimeShare, taken: Iterable<readonly [string, number]>): Promise<void> {
  const claims = [...taken].map(([key, own]) => ({ key, own, limit: Number.MAX_SAFE_INTEGER }));
  for (let from = 0; from < claims.length; from += CLAIMS_AT_ONCE)
    await share.claim(claims.slice(from, from + CLAIMS_AT_ONCE));
}

function notOurs(): VallumError {
  return new VallumError('REDIS_STATE', 'the shared state holds something else under the names of budgets', {
    fix: 'give this cluster a prefix of its own in cluster.prefix',
  });
}
