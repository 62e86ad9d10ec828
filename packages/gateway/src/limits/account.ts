// What one worker holds for one principal on one route: leases, requests in flight, and who waits for the next lease.
import type { Dimension, LeaseAnswer, LeaseRequest } from './lease.js';

/** Tokens wanted, for the dimensions that the route limits. */
export type Costs = ReadonlyMap<Dimension, number>;

export type Names = Pick<LeaseRequest, 'principal' | 'route'>;

/** Why tokens could not be had. */
export type Lack =
  | { readonly kind: 'empty'; readonly dimension: Dimension; readonly retryAfterMs: number }
  | { readonly kind: 'never'; readonly dimension: Dimension }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** A refusal is believed so long without asking again: a flood costs the primary process nothing, and what others give back is found soon. */
const BELIEVED_MS = 1_000;

/** Tokens of one dimension that are at hand. */
class Lease {
  left = 0;
  /** What the lender believes is held. */
  recorded = 0;
  #from = -Infinity;
  #until = -Infinity;
  #lack: Lack | undefined;
  #lackCost = 0;
  #lackFrom = 0;

  has(cost: number, now: number): boolean {
    // A clock that stepped back must not make a lease live longer.
    if (now >= this.#until || now < this.#from) this.left = 0;
    return cost === 0 || cost <= this.left;
  }

  lack(cost: number, now: number): Lack | undefined {
    const age = now - this.#lackFrom;
    if (this.#lack === undefined || cost < this.#lackCost || age < 0) return undefined;
    if (this.#lack.kind !== 'empty') return age < BELIEVED_MS ? this.#lack : undefined;
    const retryAfterMs = this.#lack.retryAfterMs - age;
    return age < BELIEVED_MS && retryAfterMs > 0 ? { ...this.#lack, retryAfterMs } : undefined;
  }

  /** @param asked when the lease was asked for: it may have been lent at any time since */
  grant(tokens: number, need: number, asked: number, lifeMs = Infinity): void {
    this.left = tokens;
    this.recorded = Math.max(0, tokens - need);
    this.#from = asked;
    this.#until = asked + lifeMs;
    this.#lack = undefined;
  }

  deny(lack: Lack, cost: number, now: number): void {
    this.recorded = 0;
    this.#lack = lack;
    this.#lackCost = cost;
    this.#lackFrom = now;
  }

  takeAll(now: number): number {
    this.has(0, now);
    const { left } = this;
    this.left = 0;
    return left;
  }
}

export interface Waiter {
  readonly costs: Costs;
  readonly done: (lack: Lack | undefined) => void;
}

export class Account {
  inFlight = 0;
  lastUsed = 0;
  readonly waiters: Waiter[] = [];
  /** A request for leases is on its way: there is never a second one, so that lender and worker agree on what is held. */
  asking = false;
  readonly #leases = new Map<Dimension, Lease>();

  /** Takes all of it or nothing. @returns undefined when the lender has to be asked */
  takeNow(costs: Costs, now: number): 'taken' | Lack | undefined {
    for (const [dimension, cost] of costs) {
      const lack = this.#lease(dimension).lack(cost, now);
      if (lack !== undefined) return lack;
    }
    for (const [dimension, cost] of costs) if (!this.#lease(dimension).has(cost, now)) return undefined;
    this.#spend(costs);
    return 'taken';
  }

  /** What to ask for the first waiter; what of its tokens is at hand is taken now. */
  requestFor(waiter: Waiter, names: Names, now: number): readonly LeaseRequest[] {
    const requests: LeaseRequest[] = [];
    for (const [dimension, need] of waiter.costs) {
      const lease = this.#lease(dimension);
      if (lease.has(need, now)) {
        lease.left -= need;
        continue;
      }
      const others = this.waiters.reduce((sum, { costs }) => sum + (costs.get(dimension) ?? 0), 0);
      requests.push({ ...names, dimension, need, want: need + others, left: lease.takeAll(now) });
    }
    return requests;
  }

  /** @returns what the waiter lacks; then what was granted of its other dimensions is lost, as they were reckoned as used */
  settle(
    requests: readonly LeaseRequest[],
    answers: readonly LeaseAnswer[],
    asked: number,
    now: number,
  ): Lack | undefined {
    let lack: Lack | undefined;
    requests.forEach(({ dimension, need }, index) => {
      const answer = answers[index] ?? { kind: 'unavailable', reason: 'no answer came to a request for a lease' };
      const lease = this.#lease(dimension);
      if (answer.kind === 'granted' && answer.tokens >= need) {
        lease.grant(answer.tokens, need, asked, answer.lifeMs);
        lease.left -= need;
        return;
      }
      const why = lackOf(answer, dimension);
      lease.deny(why, need, now);
      lack ??= why;
    });
    return lack;
  }

  /** For the lender, when the account is idle: everything goes back. */
  returns(names: Names, now: number): readonly LeaseRequest[] {
    const requests: LeaseRequest[] = [];
    for (const [dimension, lease] of this.#leases)
      if (lease.recorded > 0) {
        requests.push({ ...names, dimension, need: 0, want: 0, left: lease.takeAll(now) });
        lease.recorded = 0;
      }
    return requests;
  }

  get isIdle(): boolean {
    return this.inFlight === 0 && !this.asking && this.waiters.length === 0;
  }

  #spend(costs: Costs): void {
    for (const [dimension, cost] of costs) this.#lease(dimension).left -= cost;
  }

  #lease(dimension: Dimension): Lease {
    let lease = this.#leases.get(dimension);
    if (lease === undefined) this.#leases.set(dimension, (lease = new Lease()));
    return lease;
  }
}

function lackOf(answer: LeaseAnswer, dimension: Dimension): Lack {
  switch (answer.kind) {
    case 'empty':
      return { kind: 'empty', dimension, retryAfterMs: answer.retryAfterMs };
    case 'never':
      return { kind: 'never', dimension };
    case 'unavailable':
      return answer;
    case 'granted':
      return { kind: 'unavailable', reason: `a lease of ${dimension} was smaller than what was asked for` };
  }
}
