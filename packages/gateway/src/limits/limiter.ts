// How much a caller may ask: one request and one place before the body is read, everything else when it is known.
import type { Route } from '../config/config.js';
import type { LimitSettings, RouteSettings } from '../config/schema.js';
import type { Caller } from '../door/caller.js';
import { refuse } from '../door/refusal.js';
import type { Refusal, Soon } from '../door/refusal.js';
import type { Account, Costs, Lack } from './account.js';
import { bucketOf } from './gcra.js';
import { DIMENSIONS } from './lease.js';
import type { Dimension } from './lease.js';
import type { LeasedLimiter } from './leased-limiter.js';

/** What a request turned out to be. Absent counts as 0. */
export interface Usage {
  readonly bytes?: number;
  readonly elements?: number;
  readonly tokens?: number;
  /** Queries; they count against the lifetime budget. */
  readonly rows?: number;
  /** Units, see `unitsOf`. */
  readonly cost?: number;
}

export interface Admission {
  /** Takes what the body costs. To be called once, and before anything is forwarded. */
  charge(usage: Usage, now: number): Soon<Refusal | undefined>;
  /** Gives the place back; calling it again does nothing. */
  done(): void;
}

export interface LimiterOptions {
  readonly leases: LeasedLimiter;
  /** Budgets of a principal on a route are divided by this, at least 1: 10 on the step `tighten`. Lifetimes are not. */
  readonly factorOf: (principal: string, route: string) => number;
  /** Workers of this gateway. Places are not lent: each worker has its share of `concurrency`, at least one. */
  readonly workers: number;
}

/** Said where no time helps: a lifetime that is used up, a request that a smaller budget never holds. */
const LATER_SECONDS = 86_400;
const ONE_REQUEST = { requests: 1 };
const STATE_SECONDS = 1;
const FULL_SECONDS = 1;

export class Limiter {
  readonly #options: LimiterOptions;

  constructor(options: LimiterOptions) {
    this.#options = options;
  }

  /** @param now milliseconds of a monotonic clock */
  admit(caller: Pick<Caller, 'principal'>, route: Route, now: number): Soon<Admission | Refusal> {
    const { leases, workers } = this.#options;
    const { principal } = caller;
    const { concurrency } = route.settings.limits;
    const account = leases.account(principal, route.id, now);
    if (account === undefined)
      return refuse('overloaded', 'too many principals have requests in flight', { retryAfter: FULL_SECONDS });
    if (account.inFlight >= Math.max(1, Math.floor(concurrency / workers)))
      return refuse(
        'over-limit',
        `principal ${principal} has its share of ${concurrency} requests in flight on ${route.id}`,
        {
          retryAfter: FULL_SECONDS,
        },
      );
    account.inFlight += 1;
    const admission = this.#admission(account, principal, route);
    const finish = (refusal: Refusal | undefined): Admission | Refusal => {
      if (refusal === undefined) return admission;
      admission.done();
      return refusal;
    };
    const refusal = this.#take(account, principal, route, ONE_REQUEST, now);
    return refusal instanceof Promise ? refusal.then(finish) : finish(refusal);
  }

  #admission(account: Account, principal: string, route: Route): Admission {
    let isOpen = true;
    return {
      charge: ({ bytes = 0, elements = 0, tokens = 0, rows = 0, cost = 0 }, now) => {
        const wanted = { bytes, elements, tokens, cost, lifetime: Math.ceil(rows) };
        return this.#take(account, principal, route, wanted, now);
      },
      done: () => {
        if (isOpen) account.inFlight -= 1;
        isOpen = false;
      },
    };
  }

  #take(
    account: Account,
    principal: string,
    route: Route,
    wanted: Readonly<Partial<Record<Dimension, number>>>,
    now: number,
  ): Soon<Refusal | undefined> {
    const { limits } = route.settings;
    const factor = Math.max(1, this.#options.factorOf(principal, route.id));
    const costs = new Map<Dimension, number>();
    for (const dimension of DIMENSIONS) {
      const cost = wanted[dimension] ?? 0;
      if (cost === 0 || limits[dimension] === undefined) continue;
      if (!(cost > 0 && cost <= mostAtOnce(limits, dimension)))
        return refuse(
          'too-large',
          `${told(principal, cost, dimension, route)}, more than its budget ever holds at once`,
        );
      // To divide rate and burst by a factor is to multiply every cost by it.
      costs.set(dimension, dimension === 'lifetime' ? cost : cost * factor);
    }
    if (costs.size === 0) return undefined;
    const tell = (lack: Lack | undefined): Refusal | undefined =>
      lack === undefined ? undefined : refusalOf(lack, { principal, route, costs, factor });
    const lack = this.#options.leases.take(account, { principal, route: route.id }, costs, now);
    return lack instanceof Promise ? lack.then(tell) : tell(lack);
  }
}

/** Units that a request costs on a route. */
export function unitsOf(
  cost: RouteSettings['cost'],
  { rows = 0, elements = 0, tokens = 0 }: Pick<Usage, 'rows' | 'elements' | 'tokens'>,
): number {
  return cost.request + cost.row * rows + cost.element * elements + cost.token * tokens;
}

interface Asked {
  readonly principal: string;
  readonly route: Route;
  readonly costs: Costs;
  readonly factor: number;
}

function refusalOf(lack: Lack, { principal, route, costs, factor }: Asked): Refusal {
  if (lack.kind === 'unavailable') return refuse('unavailable', lack.reason, { retryAfter: STATE_SECONDS });
  const { dimension } = lack;
  const asked = (costs.get(dimension) ?? 0) / (dimension === 'lifetime' ? 1 : factor);
  const what = told(principal, asked, dimension, route);
  if (lack.kind === 'empty')
    return refuse('over-limit', `${what}, more than its budget holds now`, {
      retryAfter: secondsOf(lack.retryAfterMs),
    });
  const rate = dimension === 'lifetime' ? undefined : route.settings.limits[dimension];
  if (rate === undefined)
    return refuse('over-limit', `${what}, more than is left of its lifetime budget`, { retryAfter: LATER_SECONDS });
  // A caller must not see in the time that its budget is a smaller one.
  return refuse('over-limit', `${what}, more than its tightened budget ever holds at once`, {
    retryAfter: secondsOf(asked / bucketOf(rate).perMs),
  });
}

function mostAtOnce(limits: LimitSettings, dimension: Dimension): number {
  if (dimension === 'lifetime') return Number.MAX_SAFE_INTEGER;
  const rate = limits[dimension];
  return rate === undefined ? Infinity : (rate.burst ?? rate.limit);
}

const secondsOf = (ms: number): number => Math.min(LATER_SECONDS, Math.max(1, Math.ceil(ms / 1_000)));

const told = (principal: string, amount: number, dimension: Dimension, route: Route): string =>
  `principal ${principal} asked ${amount} of ${dimension} on ${route.id}`;
