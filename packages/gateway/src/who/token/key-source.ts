// The keys of one issuer over time. Fresh ones count; stale ones count on while they are asked for again in the background
// (stale-while-revalidate, RFC 5861); after that none counts until the issuer answers. A token with an unknown kid may mean
// that the issuer changed its keys, or that somebody invents kids to make the gateway ask: it asks at most once in ten seconds.
import type { Clock } from '@vallum/core';
import { messageOf, sha256 } from '@vallum/core';
import type { IssuerSettings } from '../../config/schema.js';
import type { Refusal, Soon } from '../../door/refusal.js';
import { refuse } from '../../door/refusal.js';
import type { IssuerKey } from './key-set.js';
import { readKeySet } from './key-set.js';

/** Gets the bytes of a key set from where `jwks` of the settings says. Rejects, or answers, in bounded time. */
export type LoadKeySet = (place: string) => Promise<Uint8Array>;

export interface KeySetTrouble {
  readonly issuer: string;
  /**
   * `unreachable`: asked in vain, older keys may still count; `gone`: none counts any more; `back`: it answers again;
   * `left-out`: some of the published keys do not count.
   */
  readonly state: 'unreachable' | 'gone' | 'back' | 'left-out';
  readonly reason: string;
}

export interface KeySourceOptions {
  readonly settings: Pick<IssuerSettings, 'issuer' | 'jwks' | 'freshSeconds' | 'staleSeconds'>;
  readonly load: LoadKeySet;
  readonly clock: Clock;
  readonly onTrouble: (trouble: KeySetTrouble) => void;
}

/** Milliseconds between two questions, when the first was in vain or a kid is unknown. */
export const ASK_AGAIN_MS = 10_000;
/** Requests that wait for one answer; each holds a connection. */
const MAX_WAITING = 1_000;

type Standing = 'fresh' | 'stale' | 'gone';

export class KeySource {
  readonly #options: KeySourceOptions;
  #keys: ReadonlyMap<string, IssuerKey> = new Map();
  #fingerprint = '';
  #epoch = 0;
  /** Milliseconds since the epoch; undefined before the first answer. */
  #loadedAt: number | undefined;
  #askedAt = -Infinity;
  #isFailing = false;
  #isToldGone = false;
  #asking: Promise<void> | undefined;
  #waiting = 0;

  constructor(options: KeySourceOptions) {
    this.#options = options;
  }

  /** Changes with the keys: what was verified under another epoch has to be verified again. */
  get epoch(): number {
    return this.#epoch;
  }

  /** @param now milliseconds since the epoch */
  find(kid: string, now: number): Soon<IssuerKey | Refusal> {
    const standing = this.#standingAt(now);
    const key = standing === 'gone' ? undefined : this.#keys.get(kid);
    if (key !== undefined) return key;
    if (this.#mayAskAgain(now)) void this.#ask(now);
    if (this.#asking === undefined) return this.#miss(kid, now);
    if (this.#waiting >= MAX_WAITING)
      return refuse('unavailable', `too many requests wait for the keys of ${this.#options.settings.issuer}`, SOON);
    return this.#findLater(kid, this.#asking);
  }

  /** Whether what was verified under this epoch still stands; asks again in the background when it is time. */
  stands(epoch: number, now: number): boolean {
    return this.#standingAt(now) !== 'gone' && epoch === this.#epoch;
  }

  /** Asks when the keys are not fresh. Resolves when there is an answer or none is to be had. */
  async refresh(now: number): Promise<void> {
    this.#standingAt(now);
    await this.#asking;
  }

  /** How old the keys are; whatever is not fresh is asked for, and nobody waits here. */
  #standingAt(now: number): Standing {
    const standing = this.#ageAt(now);
    if (standing !== 'fresh' && (!this.#isFailing || this.#mayAskAgain(now))) void this.#ask(now);
    if (standing === 'gone' && this.#loadedAt !== undefined && !this.#isToldGone) {
      this.#isToldGone = true;
      this.#tell('gone', 'its keys are too old to count, and it does not answer');
    }
    return standing;
  }

  #ageAt(now: number): Standing {
    if (this.#loadedAt === undefined) return 'gone';
    const { freshSeconds, staleSeconds } = this.#options.settings;
    const age = (now - this.#loadedAt) / 1000;
    if (age > freshSeconds + staleSeconds) return 'gone';
    // A clock that was set back must not make keys fresh for ever.
    return age < 0 || age > freshSeconds ? 'stale' : 'fresh';
  }

  #mayAskAgain(now: number): boolean {
    return this.#asking === undefined && Math.abs(now - this.#askedAt) >= ASK_AGAIN_MS;
  }

  #ask(now: number): Promise<void> {
    this.#asking ??= this.#load(now).finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  async #load(now: number): Promise<void> {
    this.#askedAt = now;
    try {
      const { keys, skipped } = readKeySet(await this.#options.load(this.#options.settings.jwks));
      this.#loadedAt = now;
      const fingerprint = fingerprintOf(keys);
      if (fingerprint !== this.#fingerprint) this.#replace(keys, fingerprint, skipped);
      if (this.#isFailing) this.#tell('back', 'it answers again');
      this.#isFailing = false;
      this.#isToldGone = false;
    } catch (error) {
      this.#isFailing = true;
      this.#tell('unreachable', messageOf(error));
    }
  }

  #replace(keys: ReadonlyMap<string, IssuerKey>, fingerprint: string, skipped: readonly string[]): void {
    this.#keys = keys;
    this.#fingerprint = fingerprint;
    this.#epoch += 1;
    const without = keys.size === 0 ? ['no key counts', ...skipped] : skipped;
    if (without.length > 0) this.#tell('left-out', without.join('; '));
  }

  async #findLater(kid: string, asking: Promise<void>): Promise<IssuerKey | Refusal> {
    this.#waiting += 1;
    try {
      await asking;
    } finally {
      this.#waiting -= 1;
    }
    const now = this.#options.clock().getTime();
    const key = this.#ageAt(now) === 'gone' ? undefined : this.#keys.get(kid);
    return key ?? this.#miss(kid, now);
  }

  #miss(kid: string, now: number): Refusal {
    const { issuer } = this.#options.settings;
    if (this.#ageAt(now) === 'gone')
      return refuse('unavailable', `the keys of ${issuer} are not to be had: it does not answer`, SOON);
    return refuse('unauthenticated', `${issuer} publishes no key ${JSON.stringify(kid.slice(0, 80))}`);
  }

  #tell(state: KeySetTrouble['state'], reason: string): void {
    this.#options.onTrouble({ issuer: this.#options.settings.issuer, state, reason });
  }
}

const SOON = { retryAfter: ASK_AGAIN_MS / 1000 };

function fingerprintOf(keys: ReadonlyMap<string, IssuerKey>): string {
  const lines = [...keys.values()].map(({ kid, alg, key }) =>
    JSON.stringify([kid, alg ?? null, key.export({ type: 'spki', format: 'der' }).toString('base64')]),
  );
  return sha256(lines.sort().join('\n'));
}
