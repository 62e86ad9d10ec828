// Decisions over a queue: the latest in the ledger's order wins, never the one with the latest date. A decision about
// content that is no longer there is stale and decides nothing.
import type { ReviewDecision } from './decision.js';
import { itemId } from './queue.js';
import type { QueueItem } from './queue.js';

/** A decision as the ledger holds it; the caller has checked signature and role. */
export interface LedgerDecision {
  readonly index: number;
  readonly decision: ReviewDecision;
}

export interface FoldedReview {
  readonly decided: readonly { readonly item: QueueItem; readonly by: LedgerDecision }[];
  readonly open: readonly QueueItem[];
  /** Decisions that speak about other content of a row that is in the queue. */
  readonly stale: readonly LedgerDecision[];
  /** Decisions about rows that no finding names; they decide nothing. */
  readonly beyondQueue: readonly LedgerDecision[];
  /** Decisions whose item id is not that of their feed, row and content: made up by hand, they decide nothing. */
  readonly mismatched: readonly LedgerDecision[];
}

export function foldDecisions(items: readonly QueueItem[], decisions: readonly LedgerDecision[]): FoldedReview {
  const byId = new Map(items.map((item) => [item.id, item]));
  const inQueue = new Set(items.map(({ feed, row }) => JSON.stringify([feed, row])));
  const latest = new Map<string, LedgerDecision>();
  const stale: LedgerDecision[] = [];
  const beyondQueue: LedgerDecision[] = [];
  const mismatched: LedgerDecision[] = [];
  for (const one of latestOf(decisions)) {
    const { item, feed, row, content } = one.decision;
    if (item !== itemId(feed, row, content)) mismatched.push(one);
    else if (byId.has(item)) latest.set(item, one);
    else if (inQueue.has(JSON.stringify([feed, row]))) stale.push(one);
    else beyondQueue.push(one);
  }
  return {
    decided: items.flatMap((item) => {
      const by = latest.get(item.id);
      return by === undefined ? [] : [{ item, by }];
    }),
    open: items.filter(({ id }) => !latest.has(id)),
    stale,
    beyondQueue,
    mismatched,
  };
}

/** The last decision about each item, by ledger index; of two with one index the later in the list. */
export function latestOf(decisions: readonly LedgerDecision[]): readonly LedgerDecision[] {
  const latest = new Map<string, LedgerDecision>();
  for (const one of decisions) {
    const before = latest.get(one.decision.item);
    if (before === undefined || one.index >= before.index) latest.set(one.decision.item, one);
  }
  return [...latest.values()].sort((a, b) => a.index - b.index);
}
