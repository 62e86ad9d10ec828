// JSON Lines: one strict JSON value a line, read from bytes that somebody else wrote. Whole size, line length, number of
// lines and depth are bounded; every refusal names the line. Lines come one by one, so the caller may pause between them.
import type { JsonValue } from '@vallum/core';
import { VallumError } from '@vallum/core';
import { parseLine } from './strict-line.js';

export interface JsonLinesLimits {
  /** Bytes of the whole input; default 256 MiB. */
  readonly maxBytes?: number;
  /** Bytes of one line; default 4 MiB. */
  readonly maxLineBytes?: number;
  /** Default 1,000,000. */
  readonly maxLines?: number;
  /** Depth of nesting in one line; default 32. */
  readonly maxDepth?: number;
}

export interface JsonLine {
  /** Counted from 1. */
  readonly line: number;
  readonly value: JsonValue;
}

const NEWLINE = 0x0a;

/**
 * @throws VallumError while iterating: `JSONL_TOO_LARGE` (whole input, one line, or too many lines), `JSONL_LINE` (empty
 * line, not UTF-8, byte-order mark, not strict JSON)
 */
export function* readJsonLines(bytes: Uint8Array, limits: JsonLinesLimits = {}): Generator<JsonLine, void, undefined> {
  const maxBytes = limits.maxBytes ?? 256 * 1024 * 1024;
  const maxLineBytes = limits.maxLineBytes ?? 4 * 1024 * 1024;
  const maxLines = limits.maxLines ?? 1_000_000;
  const maxDepth = limits.maxDepth ?? 32;
  if (bytes.length > maxBytes) throw tooLarge(`it has ${bytes.length} bytes, more than the ${maxBytes} that are read`);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let line = 0;
  for (let start = 0; start < bytes.length;) {
    line += 1;
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    if (line > maxLines) throw tooLarge(`it has more than ${maxLines} lines`);
    if (end - start > maxLineBytes)
      throw tooLarge(`line ${line} has ${end - start} bytes, more than the ${maxLineBytes} that are read`);
    const result = parseLine(decode(decoder, bytes.subarray(start, end), line), maxDepth);
    if (!result.ok) throw refused(line, result.why);
    yield { line, value: result.value };
    start = end + 1;
  }
}

function decode(decoder: { decode(bytes: Uint8Array): string }, bytes: Uint8Array, line: number): string {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw refused(line, 'it is not UTF-8');
  }
  if (text.trim() === '') throw refused(line, 'it is empty');
  return text;
}

function tooLarge(why: string): VallumError {
  return new VallumError('JSONL_TOO_LARGE', `these JSON lines are too large: ${why}`, { fix: 'split the file' });
}

function refused(line: number, why: string): VallumError {
  return new VallumError('JSONL_LINE', `line ${line} is refused: ${why}`, {
    fix: 'write one JSON object a line, UTF-8, each key once',
  });
}
