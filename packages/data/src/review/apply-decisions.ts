// Decisions make a new feed beside the old one: nothing is deleted, and everything that was left out or changed is listed
// with who decided it and why, so that the old feed can be had back from the new one and the list.
import type { Sha256 } from '@vallum/core';
import { VallumError } from '@vallum/core';
import type { ReviewDecision } from './decision.js';
import { latestOf } from './fold-decisions.js';
import type { LedgerDecision } from './fold-decisions.js';
import { contentDigest, itemId } from './queue.js';
import type { QueueItem, ReviewRow } from './queue.js';

export interface Applied<Row> {
  /** In the order of the old feed. */
  readonly rows: readonly Row[];
  readonly dropped: readonly Change[];
  readonly relabelled: readonly (Change & { readonly from: string; readonly to: string })[];
  readonly kept: readonly Change[];
  /** Decisions about rows of this feed whose content or label is another now: not applied. */
  readonly stale: readonly Change[];
  /** Decisions about rows that the feed does not have or the scan does not name, or whose item id is false: not applied. */
  readonly unknown: readonly Change[];
}

export interface Change {
  readonly row: string;
  readonly content: Sha256;
  readonly who: string;
  readonly why: string;
  /** Index of the decision in the ledger. */
  readonly index: number;
}

/** What a decision may be about, and what it may say. */
export interface ReviewScope {
  /** The queue of the scan: a statement about any other row was signed past the review, and decides nothing. */
  readonly items: readonly QueueItem[];
  /** Those of vallum.yaml. */
  readonly labels: readonly string[];
}

/**
 * @param feed name of the feed; decisions about other feeds are left alone
 * @throws VallumError `REVIEW_EMPTY` when no row would be left, `REVIEW_CHOICE` for a label that the project does not have
 */
export function applyDecisions<Row extends ReviewRow>(
  feed: string,
  rows: readonly Row[],
  decisions: readonly LedgerDecision[],
  { items, labels }: ReviewScope,
): Applied<Row> {
  const queued = new Set(items.map(({ id }) => id));
  const byRow = new Map(rows.map((row) => [row.id, row]));
  const current = new Map<string, LedgerDecision>();
  const stale: Change[] = [];
  const unknown: Change[] = [];
  for (const one of latestOf(decisions)) {
    const { decision } = one;
    if (decision.feed !== feed) continue;
    const row = byRow.get(decision.row);
    if (row === undefined || decision.item !== itemId(feed, decision.row, decision.content))
      unknown.push(changeOf(one));
    else if (contentDigest(row) !== decision.content) stale.push(changeOf(one));
    else if (!queued.has(decision.item)) unknown.push(changeOf(one));
    else current.set(row.id, one);
  }
  const dropped: Change[] = [];
  const kept: Change[] = [];
  const relabelled: (Change & { from: string; to: string })[] = [];
  const result = rows.flatMap((row): readonly Row[] => {
    const one = current.get(row.id);
    if (one === undefined) return [row];
    const { choice } = one.decision;
    if (choice.action === 'drop') {
      dropped.push(changeOf(one));
      return [];
    }
    if (choice.action === 'keep') {
      kept.push(changeOf(one));
      return [row];
    }
    if (!labels.includes(choice.label)) throw noLabel(one, choice.label);
    relabelled.push({ ...changeOf(one), from: row.label, to: choice.label });
    return [{ ...row, label: choice.label }];
  });
  if (result.length === 0)
    throw new VallumError('REVIEW_EMPTY', `the decisions leave no row of ${feed}`, {
      fix: 'leave the feed out of vallum.yaml instead',
    });
  return { rows: result, dropped, relabelled, kept, stale, unknown };
}

function noLabel({ index, decision }: LedgerDecision, label: string): VallumError {
  const [shown, row] = [label, decision.row].map((text) => JSON.stringify(text.slice(0, 80)));
  return new VallumError(
    'REVIEW_CHOICE',
    `entry ${index} gives the row ${row} the label ${shown}, which is no label of this project`,
    { fix: 'decide about the row anew, or revoke that decision' },
  );
}

function changeOf({ index, decision }: { readonly index: number; readonly decision: ReviewDecision }): Change {
  const { row, content, who, why } = decision;
  return { row, content, who, why, index };
}
