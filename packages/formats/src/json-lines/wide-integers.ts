// Integers that a double does not hold, inside arrays and deep objects that become JSON text: their digits are kept, or two
// different arrays would be one text. `JSON.parse` has no way to say them, so each is put into a string that only it can be.
import { hash } from 'node:crypto';
import type { JsonValue } from '@vallum/core';
import { parseLine } from './strict-line.js';

interface Wide {
  readonly raw: string;
  readonly at: number;
}

/** A record as read: its value, and how what is inside it becomes text. */
export interface ReadRecord {
  readonly value: JsonValue;
  /** Whether it holds an integer that a double does not. */
  readonly wide: boolean;
  readonly textOf: (value: JsonValue) => string;
  /** A plain value of it, back as the number that it was. */
  readonly scalarOf: (value: string | number | boolean | null) => string | number | boolean | null;
}

export type RecordResult =
  { readonly ok: true; readonly record: ReadRecord } | { readonly ok: false; readonly why: string };

export function readRecord(text: string, maxDepth: number): RecordResult {
  const wides: Wide[] = [];
  let wide = false;
  // Those that a double holds too: written anew, they have the digits of another number.
  const result = parseLine(text, maxDepth, (raw, at, exact) => {
    wides.push({ raw, at });
    wide ||= !exact;
  });
  if (!result.ok) return result;
  return { ok: true, record: wides.length === 0 ? plain(result.value) : { ...withDigits(text, wides), wide } };
}

/** For text that was read strictly before. @throws SyntaxError for text that is not JSON any more */
export function readKnownRecord(text: string, maxDepth: number): ReadRecord {
  if (!/[0-9]{16}/.test(text)) return plain(JSON.parse(text) as JsonValue);
  const result = readRecord(text, maxDepth);
  if (!result.ok) throw new SyntaxError(result.why);
  return result.record;
}

function plain(value: JsonValue): ReadRecord {
  return { value, wide: false, textOf: JSON.stringify, scalarOf: (scalar) => scalar };
}

function withDigits(text: string, wides: readonly Wide[]): Omit<ReadRecord, 'wide'> {
  // A text cannot hold its own SHA-256, so no string of the file begins like this.
  const tag = `${hash('sha256', text)}:`;
  const pieces: string[] = [];
  let from = 0;
  for (const { raw, at } of wides) {
    pieces.push(text.slice(from, at), `"${tag}${raw}"`);
    from = at + raw.length;
  }
  const digits = new RegExp(`"${tag}(-?[0-9]+)"`, 'g');
  return {
    value: JSON.parse(pieces.join('') + text.slice(from)) as JsonValue,
    textOf: (value) => JSON.stringify(value).replace(digits, '$1'),
    scalarOf: (value) => (typeof value === 'string' && value.startsWith(tag) ? Number(value.slice(tag.length)) : value),
  };
}
