// Lifetime budgets: rows that a principal may ever ask a model, whatever route it takes. They never refill (against model
// extraction by patience), so a lease is durable before it is granted, and what comes back is kept for the next one.
import { messageOf } from '@vallum/core';
import type { LeaseAnswer, LeaseRequest, RouteLimits } from '../lease.js';
import type { Journal } from './journal.js';
import { MOST_KEYS } from './journal.js';

/** Where several gateways share lifetimes: each tells what it took itself, and what the others took is added. */
export interface LifetimeShare {
  /**
   * Writes down min(own, limit - others) for this gateway, never less than stands there.
   * @returns rows that the others took, in the order of the claims. @throws VallumError when the store cannot be reached
   */
  claim(claims: readonly LifetimeClaim[]): Promise<readonly number[]>;
}

export interface LifetimeClaim {
  readonly key: string;
  /** Rows that this gateway took, with those that it wants now. */
  readonly own: number;
  readonly limit: number;
}

interface Plan extends LifetimeClaim {
  readonly before: number;
  /** Without the shared store, go on with what was last known of the others. */
  readonly alone: boolean;
}

/** Of the limit; a crash loses what workers hold of it. */
const SHARE = 0.01;
const MOST_ROWS = 1_000;

interface Wish {
  readonly key: string;
  readonly holder: string;
  readonly request: LeaseRequest;
  readonly limits: RouteLimits;
  readonly limit: number;
  readonly resolve: (answer: LeaseAnswer) => void;
}

const NEVER: LeaseAnswer = { kind: 'never' };

/** Rows granted in all lives of the process together never exceed the limit. Without `share`, of this gateway alone. */
export class LifetimeBook {
  readonly #journal: Journal;
  readonly #share: LifetimeShare | undefined;
  /** Rows that other gateways took, as it was last told. */
  readonly #others = new Map<string, number>();
  /** Rows that are taken in the journal and lent to nobody. */
  readonly #spare = new Map<string, number>();
  /** Holder, then key: rows lent and perhaps not used. */
  readonly #held = new Map<string, Map<string, number>>();
  #wishes: Wish[] = [];
  #working: Promise<void> | undefined;

  constructor(journal: Journal, share?: LifetimeShare) {
    this.#journal = journal;
    this.#share = share;
  }

  lease(request: LeaseRequest, limits: RouteLimits, holder: string): Promise<LeaseAnswer> {
    const limit = limits.limits.lifetime;
    const isWhole = [request.need, request.want, request.left].every(Number.isSafeInteger);
    if (limit === undefined || !isWhole) return Promise.resolve(NEVER);
    const key = lifetimeKey(request.principal, limits.model);
    return new Promise((resolve) => {
      this.#wishes.push({ key, holder, request, limits, limit, resolve });
      this.#working ??= this.#work();
    });
  }

  /** For a worker that ended: what it held is lost, for it may have been used. */
  forget(holder: string): void {
    this.#held.delete(holder);
  }

  /** All that this gateway took, as it is told again to a shared store that lost it. */
  taken(): IterableIterator<[string, number]> {
    return this.#journal.entries();
  }

  /** Writes down what was given back. Called last, when no worker is left. @throws VallumError of the disk */
  async close(): Promise<void> {
    await this.#working;
    const amounts = new Map<string, number>();
    for (const [key, spare] of this.#spare) if (spare > 0) amounts.set(key, this.#journal.taken(key) - spare);
    this.#spare.clear();
    if (amounts.size > 0) await this.#journal.write(amounts);
  }

  /** One round after the other, each with one write for all that was wished meanwhile. */
  async #work(): Promise<void> {
    while (this.#wishes.length > 0) {
      const wishes = this.#wishes;
      this.#wishes = [];
      for (const wish of wishes) this.#takeBack(wish);
      const failed = await this.#reserve(this.#plan(wishes));
      for (const wish of wishes) wish.resolve(this.#answer(wish, failed.get(wish.key)));
    }
    // In the same turn as the last look: a wish that comes now begins a new round.
    this.#working = undefined;
  }

  #takeBack({ holder, key, request }: Wish): void {
    const held = this.#held.get(holder);
    const back = Math.min(request.left, held?.get(key) ?? 0);
    held?.delete(key);
    if (held?.size === 0) this.#held.delete(holder);
    if (back > 0) this.#spare.set(key, (this.#spare.get(key) ?? 0) + back);
  }

  /** What has to be taken anew for each key, as far as the limit goes. */
  #plan(wishes: readonly Wish[]): readonly Plan[] {
    const wanted = new Map<string, { rows: number; limit: number; alone: boolean }>();
    for (const { key, request, limits, limit } of wishes) {
      if (request.need === 0) continue;
      const known = wanted.get(key) ?? { rows: -(this.#spare.get(key) ?? 0), limit, alone: true };
      wanted.set(key, {
        rows: known.rows + leaseRows(request, limit),
        limit: Math.min(limit, known.limit),
        alone: known.alone && limits.withoutState === 'local',
      });
    }
    let keys = this.#journal.size;
    const plans: Plan[] = [];
    for (const [key, { rows, limit, alone }] of wanted) {
      const before = this.#journal.taken(key);
      const own = Math.min(before + rows, limit);
      if (own <= before || (!this.#journal.has(key) && (keys += 1) > MOST_KEYS)) continue;
      plans.push({ key, own, before, limit, alone });
    }
    return plans;
  }

  /** @returns keys of which nothing could be taken, and why */
  async #reserve(plans: readonly Plan[]): Promise<ReadonlyMap<string, string>> {
    const failed = new Map<string, string>();
    const fail = (what: readonly Plan[], error: unknown): void => {
      for (const { key } of what) failed.set(key, `lifetime budgets cannot be kept: ${messageOf(error)}`);
    };
    if (plans.length === 0) return failed;
    try {
      await this.#journal.write(new Map(plans.map(({ key, own }) => [key, own])));
    } catch (error) {
      fail(plans, error);
      return failed;
    }
    try {
      const others = (await this.#share?.claim(plans)) ?? [];
      plans.forEach(({ key }, index) => this.#others.set(key, others[index] ?? 0));
    } catch (error) {
      const closed = plans.filter(({ alone }) => !alone);
      fail(closed, error);
    }
    const less = new Map<string, number>();
    for (const { key, own, before, limit } of plans) {
      const now = failed.has(key) ? before : Math.min(own, Math.max(before, limit - (this.#others.get(key) ?? 0)));
      if (now < own) less.set(key, now);
      if (now > before) this.#spare.set(key, (this.#spare.get(key) ?? 0) + now - before);
    }
    // Where this fails, rows count as taken that nobody got.
    if (less.size > 0) await this.#journal.write(less).catch((error: unknown) => fail(plans, error));
    return failed;
  }

  #answer({ key, holder, request, limit }: Wish, reason: string | undefined): LeaseAnswer {
    const { need } = request;
    if (need === 0) return { kind: 'granted', tokens: 0 };
    const spare = this.#spare.get(key) ?? 0;
    if (spare < need) return reason === undefined ? NEVER : { kind: 'unavailable', reason };
    const tokens = Math.min(spare, leaseRows(request, limit));
    if (spare > tokens) this.#spare.set(key, spare - tokens);
    else this.#spare.delete(key);
    const held = this.#held.get(holder) ?? new Map<string, number>();
    this.#held.set(holder, held);
    if (tokens > need) held.set(key, tokens - need);
    if (held.size === 0) this.#held.delete(holder);
    return { kind: 'granted', tokens };
  }
}

function leaseRows({ need, want }: LeaseRequest, limit: number): number {
  return Math.max(need, want, Math.min(Math.floor(limit * SHARE), MOST_ROWS));
}

/** Callers choose neither part freely, and no principal and model can be read as another pair. */
export function lifetimeKey(principal: string, model: string): string {
  return JSON.stringify([principal, model]);
}
