// What the checks of this control hand on: rows of a feed, each with a sentence of its own.
import type { Feed } from '../rows/row-source.js';
import type { MailRow } from '../rows/mail-rows.js';

/** A row and the feed it is in. */
export interface PlacedRow {
  readonly feed: Feed;
  readonly row: MailRow;
}

export interface Flagged extends PlacedRow {
  readonly why: string;
}

/** All rows of all feeds, in order. */
export function placed(feeds: readonly Feed[]): readonly PlacedRow[] {
  return feeds.flatMap((feed) => feed.rows.map((row) => ({ feed, row })));
}

/** What a person reads of the mail. */
export function textOf(row: MailRow): string {
  return `${row.subject}\n${row.body}`;
}
