// Where the objects of a JSON text begin and end: one a line, or the elements of one array. Found by brackets and quotes
// alone, so that no more than one object is held; whether it is JSON says its parser.
import { tableError } from '../table/errors.js';
import type { TextFeed } from '../table/feed.js';

export type JsonLayout = 'lines' | 'array';

export interface JsonRecord {
  readonly start: number;
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LF = 0x0a;

export class JsonRecords {
  readonly layout: JsonLayout;
  blankLines = 0;
  /** Lines, or objects of the array, that were begun so far. */
  count = 0;
  #state: 'start' | 'first' | 'value' | 'comma' | 'end' = 'start';

  constructor(layout: JsonLayout) {
    this.layout = layout;
  }

  /** Where the record is that was handed out last, for an error. */
  get place(): string {
    return `${this.layout === 'lines' ? 'line' : 'row'} ${this.count}`;
  }

  /** The next record at hand; undefined when there is none without more bytes, or none at all. @throws VallumError `TABLE_JSON` */
  next(feed: TextFeed): JsonRecord | undefined {
    return this.layout === 'lines' ? this.#line(feed) : this.#element(feed);
  }

  #line(feed: TextFeed): JsonRecord | undefined {
    for (;;) {
      const start = feed.at;
      if (start >= feed.end) return undefined;
      let end = feed.bytes.indexOf(LF, start);
      if (end < 0 || end >= feed.end) {
        if (!feed.final) return undefined;
        end = feed.end;
      }
      feed.at = Math.min(feed.end, end + 1);
      this.count += 1;
      let from = start;
      while (from < end && isSpace(feed.bytes[from])) from += 1;
      if (from < end) return { start, end };
      this.blankLines += 1;
    }
  }

  #element(feed: TextFeed): JsonRecord | undefined {
    const { bytes } = feed;
    for (;;) {
      while (feed.at < feed.end && isSpace(bytes[feed.at])) feed.at += 1;
      if (feed.at >= feed.end) {
        if (feed.final && this.#state !== 'end') throw broken('the array does not end: the file may be cut off');
        return undefined;
      }
      const byte = bytes[feed.at];
      const state = this.#state;
      if (byte === 0x7b && (state === 'first' || state === 'value')) {
        const end = objectEnd(bytes, feed.at, feed.end);
        if (end < 0) {
          if (feed.final) throw broken(`row ${this.count + 1} does not end: the file may be cut off`);
          return undefined;
        }
        const record = { start: feed.at, end };
        feed.at = end;
        this.count += 1;
        this.#state = 'comma';
        return record;
      }
      if (byte === 0x5b && state === 'start') this.#state = 'first';
      else if (byte === 0x2c && state === 'comma') this.#state = 'value';
      else if (byte === 0x5d && (state === 'comma' || state === 'first')) this.#state = 'end';
      else if (state === 'end') throw broken('something stands behind the array');
      else
        throw broken(
          state === 'comma' ? `a comma is missing behind row ${this.count}` : `row ${this.count + 1} is no object`,
        );
      feed.at += 1;
    }
  }
}

/** Behind the brace that closes the one at `start`, or -1. */
function objectEnd(bytes: Uint8Array, start: number, end: number): number {
  let depth = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at += 1;
      while (at < end && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
    } else if (byte === 0x7b || byte === 0x5b) depth += 1;
    else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) return at + 1;
  }
  return -1;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

function broken(why: string): Error {
  return tableError(
    'TABLE_JSON',
    `it is no array of objects: ${why}`,
    'write one JSON object a line, or one array of objects',
  );
}
