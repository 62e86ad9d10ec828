// The budgets of this gateway as the primary keeps them: its own, and with a cluster those that are shared, where this gateway's
// own are the way to go on without the shared store.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Disk } from '@vallum/core';
import type { GatewayConfig } from '../../config/config.js';
import { RedisLink } from '../../limits/edge/redis-link.js';
import { redisLeaseSource, redisLifetimeShare, retellLifetimes } from '../../limits/edge/redis-lease-source.js';
import { RedisRevocations } from '../../limits/edge/redis-revocations.js';
import type { LeaseSource, LimitsOf } from '../../limits/lease.js';
import { Journal } from '../../limits/lifetime/journal.js';
import { LifetimeBook } from '../../limits/lifetime/lifetime-book.js';
import { LocalLeaseSource } from '../../limits/local-lease-source.js';
import type { Revocation } from '../../limits/revocations.js';
import { Revocations } from '../../limits/revocations.js';
import { sharedLeaseSource } from '../../limits/shared-lease-source.js';

export interface BudgetOptions {
  readonly disk: Disk;
  readonly config: GatewayConfig;
  readonly state: string;
  /** Finds a file that gateway.yaml names. */
  readonly path: (file: string) => string;
  readonly onRevoked: (fresh: readonly Revocation[]) => void;
  readonly onState: (isUp: boolean, reason: string) => void;
}

export class Budgets {
  readonly revocations = new Revocations();
  readonly #book: LifetimeBook;
  readonly #local: LocalLeaseSource;
  readonly #gateway: string;
  readonly #limitsOf: LimitsOf;
  readonly #shared:
    { readonly link: RedisLink; readonly prefix: string; readonly revoked: RedisRevocations } | undefined;

  private constructor(journal: Journal, { config, path, onRevoked, onState }: BudgetOptions) {
    const byId = new Map(config.routes.map(({ id, settings }) => [id, settings] as const));
    this.#limitsOf = (route) => byId.get(route);
    this.#gateway = journal.gateway;
    const { cluster } = config.settings;
    if (cluster !== undefined) {
      const { redis: url, prefix, password } = cluster;
      const secret = password === undefined ? {} : { password: readFileSync(path(password), 'utf8').trim() };
      const link = new RedisLink({ url, ...secret, onState });
      const revoked = new RedisRevocations({ link, prefix, revocations: this.revocations, onRevoked });
      this.#shared = { link, prefix, revoked };
    }
    const share = this.#shared === undefined ? undefined : redisLifetimeShare(this.#shared, this.#gateway);
    this.#book = new LifetimeBook(journal, share);
    this.#local = new LocalLeaseSource({
      limitsOf: this.#limitsOf,
      now: () => performance.now(),
      lifetime: this.#book,
    });
    if (share !== undefined)
      this.#shared?.link.whenReady(() => void retellLifetimes(share, this.#book.taken()).catch(() => undefined));
  }

  /** @throws VallumError `LIFETIME_CORRUPT`, `DISK_*` */
  static async open(options: BudgetOptions): Promise<Budgets> {
    const random = (): string => randomBytes(8).toString('hex');
    const journal = await Journal.open(options.disk, `${options.state}/lifetimes`, random);
    const budgets = new Budgets(journal, options);
    await budgets.#shared?.link.start();
    await budgets.#shared?.revoked.start();
    return budgets;
  }

  /** @param worker names one life of one worker */
  sourceFor(worker: string): LeaseSource {
    const local = (holder: string): LeaseSource => this.#local.forHolder(holder);
    const shared = this.#shared;
    if (shared === undefined) return local(worker);
    const { link, prefix } = shared;
    const limitsOf = this.#limitsOf;
    return sharedLeaseSource(
      {
        shared: (holder) => redisLeaseSource({ link, prefix, limitsOf }, `${this.#gateway}/${holder}`),
        local,
        limitsOf,
      },
      worker,
    );
  }

  /** What a worker held that has ended. */
  left(worker: string): void {
    this.#local.forget(worker);
  }

  /**
   * Keys that the list of this gateway calls revoked: here the list itself refuses them, and the other gateways of a cluster,
   * each with a list of its own, hear of it.
   * @throws VallumError `REVOCATION_NOT_SHARED`: all of them hold here, and are told when the store is back
   */
  async shareRevoked(ids: readonly string[]): Promise<void> {
    const revoked = this.#shared?.revoked;
    if (revoked === undefined) return;
    const fresh = ids.filter((id) => !this.revocations.isRevoked({ principal: '', credential: id }));
    const told = await Promise.allSettled(fresh.map((id) => revoked.revoke({ kind: 'credential', id })));
    const failed = told.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason as Error;
  }

  async close(): Promise<void> {
    this.#shared?.revoked.close();
    this.#shared?.link.close();
    await this.#book.close();
  }
}
