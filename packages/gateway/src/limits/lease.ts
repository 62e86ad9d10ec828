// Leases: whoever owns a budget lends some of it to a worker, which spends it without asking again. What is lent has left
// the budget before it is used, so all workers together never let more through than the budget allows.
import type { RouteSettings } from '../config/schema.js';

/** What is counted. `lifetime` never refills; the others are rates. */
export const DIMENSIONS = ['requests', 'bytes', 'elements', 'tokens', 'cost', 'lifetime'] as const;
export type Dimension = (typeof DIMENSIONS)[number];
export type RateDimension = Exclude<Dimension, 'lifetime'>;

/** One worker has at most one request in flight for a principal, route and dimension. */
export interface LeaseRequest {
  readonly principal: string;
  /** Id of the route. */
  readonly route: string;
  readonly dimension: Dimension;
  /** Tokens without which the lease is of no use; used up as soon as they are granted. 0 only gives back. */
  readonly need: number;
  /** Tokens that are waited for in all, at least `need`. */
  readonly want: number;
  /** Tokens of the last lease that were not used: they go back with this request, and the worker then holds none. */
  readonly left: number;
}

export type LeaseAnswer =
  /** From `need` on. What is more than `need` counts as held until the next request, and is void after `lifeMs`. */
  | { readonly kind: 'granted'; readonly tokens: number; readonly lifeMs?: number }
  | { readonly kind: 'empty'; readonly retryAfterMs: number }
  /** More than the budget ever holds at once, or more than is left of a lifetime. */
  | { readonly kind: 'never' }
  /** The state cannot be reached, and the route says `closed`; or it cannot be kept. */
  | { readonly kind: 'unavailable'; readonly reason: string };

/** Answers in the order of the requests. A rejected promise counts as `unavailable` for each of them. */
export interface LeaseSource {
  lease(requests: readonly LeaseRequest[]): Promise<readonly LeaseAnswer[]>;
}

/** What the owner of the budgets knows of a route. */
export type RouteLimits = Pick<RouteSettings, 'model' | 'limits' | 'withoutState'>;
export type LimitsOf = (route: string) => RouteLimits | undefined;

/** Share of the burst that one lease takes, at least one token and what is needed. */
const SHARE = 0.05;
/** Share of the burst that all workers may hold unused, so that many of them do not empty it. */
export const MOST_HELD = 0.5;

/** What a lease would like to be. */
export function wishedLease({ want }: Pick<LeaseRequest, 'want'>, burst: number): number {
  return Math.max(want, 1, burst * SHARE);
}

/**
 * How many tokens to lend: `need`, or more where there are more.
 * @param level tokens in use, those held by others included
 * @param held tokens that others hold
 */
export function leaseSize(
  request: Pick<LeaseRequest, 'need' | 'want'>,
  { burst, level, held }: { readonly burst: number; readonly level: number; readonly held: number },
): number {
  const { need } = request;
  if (need === 0) return 0;
  const room = need + Math.max(0, burst * MOST_HELD - held);
  return Math.max(need, Math.min(wishedLease(request, burst), burst - level, room));
}

/** Where a number of the wire is no amount, nothing of the request counts. */
export function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value);
}
