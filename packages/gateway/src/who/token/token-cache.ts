// Tokens that were verified, so that the signature of each is checked once and not with every request. Only tokens that an
// issuer signed get in, the oldest use goes out first, and the key is a digest: a dump of the memory holds no token.
import { hash } from 'node:crypto';
import type { Caller } from '../../door/caller.js';
import type { KeySource } from './key-source.js';

export interface VerifiedToken {
  readonly caller: Caller;
  /** Milliseconds since the epoch: counts from the first on, until before the second. */
  readonly from: number;
  readonly until: number;
  readonly source: KeySource;
  /** Of the source, when the signature was checked. */
  readonly epoch: number;
}

/** 32 bytes as a string, cheaper to look up than hexadecimal. */
export function tokenDigest(token: string): string {
  return hash('sha256', token, 'latin1' as 'hex');
}

export class TokenCache {
  readonly #entries = new Map<string, VerifiedToken>();
  readonly #limit: number;

  /** @param limit number of tokens, about 500 bytes each */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The caller, while token and keys still count. @param now milliseconds since the epoch */
  find(digest: string, now: number): Caller | undefined {
    const entry = this.#entries.get(digest);
    if (entry === undefined) return undefined;
    this.#entries.delete(digest);
    const counts = now >= entry.from && now < entry.until && entry.source.stands(entry.epoch, now);
    if (!counts) return undefined;
    this.#entries.set(digest, entry);
    return entry.caller;
  }

  keep(digest: string, entry: VerifiedToken): void {
    this.#entries.delete(digest);
    this.#entries.set(digest, entry);
    if (this.#entries.size <= this.#limit) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
