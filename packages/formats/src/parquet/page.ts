// One page of a column, unpacked.
import type { Account } from '../columnar/budget.js';

/** The message says what is wrong with a page; the reader of the column says which. */
export class PageError extends Error {}

/** Bytes behind those of a page, so that a word can be read at any bit of it. */
export const PAGE_PAD = 16;

export interface Page {
  /** With `PAGE_PAD` bytes more than belong to it. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Where its bytes end. */
  readonly end: number;
  /** Charged for the page and for what is made of it. */
  readonly account: Account;
}

export function newPage(size: number, account: Account): Page {
  account.take(size);
  const bytes = new Uint8Array(size + PAGE_PAD);
  return { bytes, view: new DataView(bytes.buffer), end: size, account };
}
