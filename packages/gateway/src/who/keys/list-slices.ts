// Finds the entries of the one long list in a JSON document without reading them, so that a list of 100,000 keys is parsed
// entry by entry and never lies in memory as one tree. Nothing is believed here: each slice, and what is left of the document
// without them, goes through the strict reader afterwards, which finds whatever this scan took for granted.
import { VallumError } from '@vallum/core';

export interface ListSlices {
  /** The document with an empty list. */
  readonly frame: Uint8Array;
  /** Bytes of each entry, in order; whitespace around it included. */
  readonly entries: Iterable<Uint8Array>;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const MAX_FRAME = 4096;

/**
 * Slices the first list of the document.
 * @throws VallumError `JSON_INVALID` where there is none, where it does not end, and where more than 4 KiB stand around it
 */
export function sliceList(bytes: Uint8Array): ListSlices {
  const open = findOpening(bytes);
  const cuts = cutsOf(bytes, open + 1);
  const close = cuts.at(-1) ?? open;
  if (open + bytes.length - close > MAX_FRAME) throw broken('more stands around its list than belongs there');
  const frame = Buffer.concat([bytes.subarray(0, open + 1), bytes.subarray(close)]);
  const isEmpty = cuts.length === 1 && isBlank(bytes.subarray(open + 1, close));
  return { frame, entries: isEmpty ? [] : slices(bytes, open + 1, cuts) };
}

function findOpening(bytes: Uint8Array): number {
  for (let at = 0; at < Math.min(bytes.length, MAX_FRAME); at += 1) {
    if (bytes[at] === QUOTE) at = endOfText(bytes, at);
    else if (bytes[at] === OPEN_LIST) return at;
  }
  throw broken('it holds no list');
}

/** Where each entry ends; the last one is where the list does. */
function cutsOf(bytes: Uint8Array, from: number): readonly number[] {
  const cuts: number[] = [];
  let depth = 0;
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfText(bytes, at);
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth += 1;
    else if (byte === COMMA && depth === 0) cuts.push(at);
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      if (depth === 0) return [...cuts, at];
      depth -= 1;
    }
  }
  throw broken('its list does not end');
}

/** Of the closing quote. */
function endOfText(bytes: Uint8Array, quote: number): number {
  for (let at = quote + 1; at < bytes.length; at += 1) {
    if (bytes[at] === QUOTE) return at;
    if (bytes[at] === BACKSLASH) at += 1;
  }
  throw broken('a text in it does not end');
}

function* slices(bytes: Uint8Array, from: number, cuts: readonly number[]): Iterable<Uint8Array> {
  let start = from;
  for (const cut of cuts) {
    yield bytes.subarray(start, cut);
    start = cut + 1;
  }
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09);
}

function broken(why: string): VallumError {
  return new VallumError('JSON_INVALID', `this is not strict JSON: ${why}`);
}
