// From the values of a page to texts: each encoding says where the next one stands, and the column makes a code of it.
import type { TextColumn } from '../columnar/text-column.js';
import type { Spans } from './delta.js';
import type { Levels } from './hybrid.js';
import type { Decoder } from './decoder.js';
import type { Page } from './page.js';
import { PageError } from './page.js';

const CUT = 'it has fewer values than it says';

/** Where the value is that `next` went to. */
export interface TextSpans {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** @throws PageError when there is none */
  next(): void;
}

const bufferOf = ({ bytes }: Page): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A length of four bytes in front of each. */
export class PlainSpans implements TextSpans {
  readonly bytes: Buffer;
  start = 0;
  end: number;
  readonly #view: DataView;
  readonly #stop: number;

  constructor(page: Page, start: number, end: number) {
    this.bytes = bufferOf(page);
    this.#view = page.view;
    this.#stop = end;
    this.end = start;
  }

  next(): void {
    const start = this.end + 4;
    if (start > this.#stop) throw new PageError(CUT);
    const end = start + this.#view.getUint32(this.end, true);
    if (end > this.#stop) throw new PageError('a text is longer than its page');
    this.start = start;
    this.end = end;
  }
}

/** All of the same width. */
export class FixedSpans implements TextSpans {
  readonly bytes: Buffer;
  start = 0;
  end: number;
  readonly #width: number;
  readonly #stop: number;

  constructor(page: Page, start: number, end: number, width: number) {
    this.bytes = bufferOf(page);
    this.end = start;
    this.#stop = end;
    this.#width = width;
  }

  next(): void {
    this.start = this.end;
    this.end += this.#width;
    if (this.end > this.#stop) throw new PageError(CUT);
  }
}

/** Ends that are known. */
export class KnownSpans implements TextSpans {
  readonly bytes: Buffer;
  start = 0;
  end: number;
  readonly #ends: Int32Array;
  #index = 0;

  constructor({ page, ends, start }: Spans) {
    this.bytes = bufferOf(page);
    this.#ends = ends;
    this.end = start;
  }

  next(): void {
    const end = this.#ends[this.#index++];
    if (end === undefined) throw new PageError(CUT);
    this.start = this.end;
    this.end = end;
  }
}

/** The text of a value; undefined where its bytes are no UTF-8. */
export type Write = (bytes: Buffer, start: number, end: number) => string | undefined;

/** RFC 9562: 8-4-4-4-12. */
export function uuidText(bytes: Buffer, start: number, end: number): string {
  const hex = bytes.toString('hex', start, end);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function spanTexts(column: TextColumn, spans: TextSpans, write: Write): Decoder {
  return {
    read(from, count) {
      for (let at = from; at < from + count; at++) {
        spans.next();
        column.lane[at] = column.add(spans.bytes, spans.start, spans.end, write);
      }
    },
  };
}

export function dictionaryTexts(column: TextColumn, indices: Levels, dictionary: string[]): Decoder {
  const size = dictionary.length;
  return {
    read(from, count) {
      const before = column.use(dictionary);
      const { lane } = column;
      indices.read(lane, from, count);
      for (let at = from; at < from + count; at++) {
        const index = lane[at]!;
        if (index >>> 0 >= size) throw new PageError('an index leads beyond its dictionary');
        lane[at] = before + index;
      }
    },
  };
}
