// The review queue: findings that name a row become items that a person decides. An item's id is the digest of feed, row
// id and content, so a decision about a row never speaks about other content that later takes its id.
import type { Finding, Severity, Sha256 } from '@vallum/core';
import { digestJson, SEVERITIES, sha256 } from '@vallum/core';

/** A row as the queue needs it; `content` is all of it except id and label, as bytes of text. */
export interface ReviewRow {
  readonly id: string;
  readonly label: string;
  readonly content: string;
}

export interface ReviewReason {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
}

export interface QueueItem {
  readonly id: Sha256;
  readonly feed: string;
  readonly row: string;
  readonly label: string;
  readonly content: Sha256;
  /** The worst first. */
  readonly reasons: readonly ReviewReason[];
}

export interface ReviewQueue {
  /** The worst first, then by feed and row. */
  readonly items: readonly QueueItem[];
  /** Findings about rows that are not there; said, never passed over. */
  readonly unknown: readonly { readonly feed: string; readonly row: string }[];
}

/** Label and content: changing either makes earlier decisions stale. */
export function contentDigest({ label, content }: Pick<ReviewRow, 'label' | 'content'>): Sha256 {
  return sha256(Buffer.from(JSON.stringify([label, content])));
}

export function itemId(feed: string, row: string, content: Sha256): Sha256 {
  return digestJson({ feed, row, content });
}

/** @param feeds rows by the name of their feed */
export function reviewQueue(
  findings: readonly Finding[],
  feeds: ReadonlyMap<string, readonly ReviewRow[]>,
): ReviewQueue {
  const rows = new Map(
    [...feeds].flatMap(([feed, list]) => list.map((row) => [keyOf(feed, row.id), { feed, row }] as const)),
  );
  const reasons = new Map<string, ReviewReason[]>();
  const unknown = new Map<string, { feed: string; row: string }>();
  for (const { rule, severity, message, location } of findings) {
    const { feed, row } = location;
    if (feed === undefined || row === undefined) continue;
    const key = keyOf(feed, row);
    if (!rows.has(key)) unknown.set(key, { feed, row });
    else reasons.set(key, [...(reasons.get(key) ?? []), { rule, severity, message }]);
  }
  const items = [...reasons].flatMap(([key, list]): readonly QueueItem[] => {
    const found = rows.get(key);
    if (found === undefined) return [];
    const content = contentDigest(found.row);
    const { feed, row } = found;
    const sorted = [...list].sort(
      (a, b) => rank(a) - rank(b) || compare(a.rule, b.rule) || compare(a.message, b.message),
    );
    return [{ id: itemId(feed, row.id, content), feed, row: row.id, label: row.label, content, reasons: sorted }];
  });
  items.sort((a, b) => worst(a) - worst(b) || compare(a.feed, b.feed) || compare(a.row, b.row));
  return { items, unknown: [...unknown.values()] };
}

function keyOf(feed: string, row: string): string {
  return JSON.stringify([feed, row]);
}

function rank({ severity }: ReviewReason): number {
  return SEVERITIES.indexOf(severity);
}

function worst({ reasons }: QueueItem): number {
  return Math.min(...reasons.map(rank));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
