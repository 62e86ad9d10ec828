// The worker's side of leases: a bounded table of accounts, filled by as few questions to the lender as will do. All that
// is asked in one turn of the event loop goes in one batch.
import { messageOf } from '@vallum/core';
import { Account } from './account.js';
import type { Costs, Lack, Names, Waiter } from './account.js';
import type { LeaseAnswer, LeaseRequest, LeaseSource } from './lease.js';
import type { Soon } from '../door/refusal.js';

/** Accounts that a newcomer looks at for an idle one when the table is full. */
const LOOK = 64;
/** An account unused for so long gives its leases back. */
const IDLE_MS = 5_000;
/** Requests in one batch. */
const BATCH = 500;

interface Ask {
  readonly requests: readonly LeaseRequest[];
  readonly resolve: (answers: readonly LeaseAnswer[]) => void;
}

export interface LeasedLimiterOptions {
  readonly source: LeaseSource;
  /** Milliseconds of a monotonic clock: when answers come. The same as the `now` of calls. */
  readonly now: () => number;
  /** Accounts at once: principals times routes. */
  readonly most?: number;
}

export class LeasedLimiter {
  readonly #source: LeaseSource;
  readonly #now: () => number;
  readonly #most: number;
  readonly #accounts = new Map<string, Account>();
  #asks: Ask[] = [];

  constructor({ source, now, most = 200_000 }: LeasedLimiterOptions) {
    this.#source = source;
    this.#now = now;
    this.#most = most;
  }

  get size(): number {
    return this.#accounts.size;
  }

  /** Undefined when the table is full of principals with requests in flight. */
  account(principal: string, route: string, now: number): Account | undefined {
    const key = keyOf(principal, route);
    let account = this.#accounts.get(key);
    if (account === undefined) {
      if (this.#accounts.size >= this.#most && !this.#forgetIdle()) return undefined;
      this.#accounts.set(key, (account = new Account()));
    }
    account.lastUsed = now;
    return account;
  }

  /** Takes the costs of all dimensions, or says what is lacking. At once when leases are at hand. */
  take(account: Account, names: Names, costs: Costs, now: number): Soon<Lack | undefined> {
    if (account.waiters.length === 0) {
      const found = account.takeNow(costs, now);
      if (found === 'taken') return undefined;
      if (found !== undefined) return found;
    }
    return new Promise((done) => {
      account.waiters.push({ costs, done });
      if (!account.asking) void this.#serve(account, names);
    });
  }

  /** Gives idle leases back; to be called about once a second. */
  async sweep(now: number): Promise<void> {
    await this.#giveBack(now, IDLE_MS);
  }

  /** Gives everything back that is not in use, when the worker ends in order. */
  async close(now: number): Promise<void> {
    while ((await this.#giveBack(now, -Infinity)) > 0);
  }

  /** @returns accounts that were given up, at most a batch of them */
  async #giveBack(now: number, idleMs: number): Promise<number> {
    const requests: LeaseRequest[] = [];
    const before = this.#accounts.size;
    for (const [key, account] of this.#accounts) {
      if (requests.length >= BATCH) break;
      if (!account.isIdle || now - account.lastUsed < idleMs) continue;
      requests.push(...account.returns(namesOf(key), now));
      this.#accounts.delete(key);
    }
    const given = before - this.#accounts.size;
    // Should it fail, the tokens are lost, and nobody got them.
    if (requests.length > 0) await this.#source.lease(requests).catch(() => undefined);
    return given;
  }

  /** Serves those who wait, in their order. Each round settles the first one, so it ends. */
  async #serve(account: Account, names: Names): Promise<void> {
    account.asking = true;
    for (let first = account.waiters.shift(); first !== undefined; first = account.waiters.shift())
      first.done(await this.#settle(account, names, first));
    account.asking = false;
  }

  async #settle(account: Account, names: Names, waiter: Waiter): Promise<Lack | undefined> {
    const asked = this.#now();
    const found = account.takeNow(waiter.costs, asked);
    if (found !== undefined) return found === 'taken' ? undefined : found;
    const requests = account.requestFor(waiter, names, asked);
    const answers = await this.#ask(requests);
    return account.settle(requests, answers, asked, this.#now());
  }

  #ask(requests: readonly LeaseRequest[]): Promise<readonly LeaseAnswer[]> {
    return new Promise((resolve) => {
      if (this.#asks.length === 0) queueMicrotask(() => void this.#flush());
      this.#asks.push({ requests, resolve });
    });
  }

  async #flush(): Promise<void> {
    const asks = this.#asks;
    this.#asks = [];
    let answers: readonly LeaseAnswer[];
    const requests = asks.flatMap((ask) => ask.requests);
    try {
      answers = await this.#source.lease(requests);
    } catch (error) {
      const reason = `budgets cannot be asked for: ${messageOf(error)}`;
      answers = requests.map(() => ({ kind: 'unavailable', reason }));
    }
    let from = 0;
    for (const { requests: own, resolve } of asks) resolve(answers.slice(from, (from += own.length)));
  }

  #forgetIdle(): boolean {
    let looked = 0;
    for (const [key, account] of this.#accounts) {
      if (account.isIdle) return this.#accounts.delete(key);
      if ((looked += 1) >= LOOK) return false;
    }
    return false;
  }
}

/** Ids of routes hold no space. */
const keyOf = (principal: string, route: string): string => `${route} ${principal}`;

function namesOf(key: string): Names {
  const cut = key.indexOf(' ');
  return { route: key.slice(0, cut), principal: key.slice(cut + 1) };
}
