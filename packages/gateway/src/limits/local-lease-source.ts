// The true budgets of one gateway, in the memory of its primary process. It knows how much each worker holds unused, and counts
// that as in use: a bucket that refills while a lease lies idle would let burst + lease through at once.
import { bucketOf, FULL_MS, Gcra } from './gcra.js';
import { isAmount, leaseSize } from './lease.js';
import type { LeaseAnswer, LeaseRequest, LeaseSource, LimitsOf, RateDimension } from './lease.js';
import type { LifetimeBook } from './lifetime/lifetime-book.js';

/** Principals with a bucket that is not full, for each route and dimension. */
const MOST_PRINCIPALS = 1_000_000;

interface Budget {
  readonly gcra: Gcra;
  /** Principal, then worker: tokens lent and perhaps not used. */
  readonly held: Map<string, Map<string, number>>;
}

export interface LocalLeaseOptions {
  readonly limitsOf: LimitsOf;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly lifetime: Pick<LifetimeBook, 'lease' | 'forget'>;
}

/** In any time t all workers together let at most burst + rate x t through, however leases and workers come and go. */
export class LocalLeaseSource {
  readonly #options: LocalLeaseOptions;
  readonly #budgets = new Map<string, Budget>();

  constructor(options: LocalLeaseOptions) {
    this.#options = options;
  }

  /** @param holder names the worker; the primary chooses it and never takes it from a message */
  forHolder(holder: string): LeaseSource {
    return { lease: (requests) => this.#lease(requests, holder) };
  }

  /** For a worker that ended: what it held counts as used now, and no longer stands in the way of refilling. */
  forget(holder: string): void {
    const now = this.#options.now();
    for (const { gcra, held } of this.#budgets.values())
      for (const [principal, holders] of held) {
        if (!holders.has(holder) || !gcra.give(principal, 0, now, sum(holders))) continue;
        holders.delete(holder);
        if (holders.size === 0) held.delete(principal);
      }
    this.#options.lifetime.forget(holder);
  }

  async #lease(requests: readonly LeaseRequest[], holder: string): Promise<readonly LeaseAnswer[]> {
    return Promise.all(
      requests.map(async (request): Promise<LeaseAnswer> => {
        const { dimension } = request;
        const limits = this.#options.limitsOf(request.route);
        if (limits === undefined) return unknown(request.route);
        if (![request.need, request.want, request.left].every(isAmount)) return { kind: 'never' };
        if (dimension === 'lifetime') return this.#options.lifetime.lease(request, limits, holder);
        return this.#leaseRate({ ...request, dimension }, holder);
      }),
    );
  }

  #leaseRate(request: LeaseRequest & { readonly dimension: RateDimension }, holder: string): LeaseAnswer {
    const { principal, need, left } = request;
    const budget = this.#budgetOf(request);
    if (budget === undefined) return unknown(request.route);
    const now = this.#options.now();
    const { gcra, held } = budget;
    const holders = held.get(principal) ?? new Map<string, number>();
    const back = Math.min(left, holders.get(holder) ?? 0);
    if (!gcra.give(principal, back, now, sum(holders))) return { kind: 'empty', retryAfterMs: FULL_MS };
    holders.delete(holder);
    const others = sum(holders);
    const { burst } = gcra.bucket;
    const tokens = leaseSize(request, { burst, level: gcra.level(principal, now, others), held: others });
    const wait = gcra.take(principal, tokens, now, others);
    if (wait === 0 && tokens > need) holders.set(holder, tokens - need);
    if (holders.size > 0) held.set(principal, holders);
    else held.delete(principal);
    if (wait === 0) return { kind: 'granted', tokens };
    return wait === Infinity ? { kind: 'never' } : { kind: 'empty', retryAfterMs: wait };
  }

  #budgetOf({ route, dimension }: { readonly route: string; readonly dimension: RateDimension }): Budget | undefined {
    const rate = this.#options.limitsOf(route)?.limits[dimension];
    if (rate === undefined) return undefined;
    const key = `${dimension} ${route}`;
    const known = this.#budgets.get(key);
    // After a reload with other limits, what is in use stays so.
    if (known !== undefined) known.gcra.bucket = bucketOf(rate);
    const budget = known ?? { gcra: new Gcra(bucketOf(rate), MOST_PRINCIPALS), held: new Map() };
    if (known === undefined) this.#budgets.set(key, budget);
    return budget;
  }
}

const sum = (holders: ReadonlyMap<string, number>): number =>
  [...holders.values()].reduce((total, tokens) => total + tokens, 0);

function unknown(route: string): LeaseAnswer {
  return { kind: 'unavailable', reason: `the primary process knows no such limit of route ${route}` };
}
