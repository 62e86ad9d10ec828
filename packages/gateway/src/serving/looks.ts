// What is seen when a route is looked at: what the ledger says about the model, and what the model itself shows.
import type { Sha256 } from '@vallum/core';

/** A signed `deploy` verdict that counts, whatever its end. */
export interface VerdictPass {
  readonly kind: 'pass';
  /** Id of the signed statement. */
  readonly statement: Sha256;
  /** Digest of the model folder that it approves. */
  readonly subject: Sha256;
  /** UTC. */
  readonly decidedAt: string;
  /** UTC; null for a verdict without an end. */
  readonly validUntil: string | null;
  /** Entries of the ledger when it was decided. */
  readonly size: number;
}

export type VerdictLook =
  | VerdictPass
  /** A later verdict about the version says no. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The verdict, its key, its subject or what it stands on was revoked. */
  | { readonly kind: 'revoked'; readonly reason: string }
  /** The ledger can be read and proves nothing, or it contradicts what was seen of it before. */
  | { readonly kind: 'not-proven'; readonly reason: string }
  /** The project or its ledger is not there or cannot be read. */
  | { readonly kind: 'unreachable'; readonly reason: string };

export type IntegrityLook =
  /** The store has, or the canary speaks for, the model with this digest. */
  | { readonly kind: 'match'; readonly subject: Sha256; readonly files?: number; readonly bytes?: number }
  /** Other bytes, or other answers. `files` are named at most twenty, relative to the store. */
  | { readonly kind: 'mismatch'; readonly reason: string; readonly files?: readonly string[] }
  /** The store cannot be read, or the canary does not count. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** The upstream gave no answer to a canary: it is down or busy. */
  | { readonly kind: 'unanswered'; readonly reason: string }
  /** Nobody looked: all there is for `declared`. */
  | { readonly kind: 'not-asked' };

export interface Looks {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly verdict: VerdictLook;
  readonly integrity: IntegrityLook;
  /** Why an open incident closes the route. */
  readonly incident?: string;
}

/** Milliseconds since the epoch; undefined for a verdict without an end. */
export function endOf({ validUntil }: VerdictPass): number | undefined {
  return validUntil === null ? undefined : Date.parse(validUntil);
}
