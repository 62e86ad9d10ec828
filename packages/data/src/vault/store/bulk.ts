// Who takes much out of the vault is seen before it is out: more objects or bytes than a project calls normal, counted over
// this run and the day before it, give an event to whoever listens. Counting a run alone, one object at a time would pass.
import type { VaultAct } from '@vallum/trust';
import { parseTime } from '@vallum/core';

export interface BulkLimits {
  /** Objects and bytes that one principal opens in 24 hours without a word. */
  readonly objects: number;
  readonly bytes: number;
}

export interface BulkEvent {
  readonly type: 'vallum.vault.bulk-open';
  readonly who: string;
  readonly why: string;
  readonly at: string;
  /** In this run and the 24 hours before it. */
  readonly objects: number;
  readonly bytes: number;
  readonly limit: BulkLimits;
}

const DAY_MS = 24 * 3600 * 1000;

export interface BulkQuestion {
  readonly who: string;
  readonly why: string;
  /** Sizes of the objects that are about to be opened. */
  readonly opening: readonly number[];
  /** Acts in the ledger and in its inbox. */
  readonly before: readonly VaultAct[];
  readonly limit: BulkLimits;
  readonly now: Date;
}

/** The event to hand out before anything is opened; undefined below the limits. */
export function bulkEvent({ who, why, opening, before, limit, now }: BulkQuestion): BulkEvent | undefined {
  const since = now.getTime() - DAY_MS;
  const earlier = before.filter(
    (act) =>
      (act.act === 'open' || act.act === 'export') && act.who === who && parseTime(act.createdAt).getTime() > since,
  );
  const objects = opening.length + earlier.length;
  const bytes = [...opening, ...earlier.map((act) => act.bytes)].reduce((sum, size) => sum + size, 0);
  if (objects <= limit.objects && bytes <= limit.bytes) return undefined;
  return { type: 'vallum.vault.bulk-open', who, why, at: now.toISOString(), objects, bytes, limit };
}
