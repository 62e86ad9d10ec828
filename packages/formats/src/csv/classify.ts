// What one field could be, told from its bytes alone. A column gets a type only when all its values agree.
import type { WordSet } from './missing-words.js';
import { parseNumber } from './numbers.js';
import { parseTime } from './times.js';
import { MARK } from './tokens.js';

/** `blank`: quoted or made of spaces, so it is a text in a column of texts and no value in any other. */
export const KIND = { missing: 0, blank: 1, number: 2, time: 3, boolean: 4, text: 5 } as const;
export type Kind = (typeof KIND)[keyof typeof KIND];
export const KINDS = 6;

const SPACE = 0x20;
const LOWER = 0x20;

export function classify(bytes: Buffer, start: number, end: number, mark: number, missing: WordSet): Kind {
  if (start === end) return (mark & MARK.quoted) === 0 ? KIND.missing : KIND.blank;
  let from = start;
  let to = end;
  while (from < to && bytes[from] === SPACE) from += 1;
  while (to > from && bytes[to - 1] === SPACE) to -= 1;
  if (from === to) return KIND.blank;
  const kind = classifyPlain(bytes, from, to, missing);
  const bare = (mark & MARK.quoted) === 0 && to - from === end - start;
  return kind === KIND.missing && !bare ? KIND.blank : kind;
}

function classifyPlain(bytes: Buffer, start: number, end: number, missing: WordSet): Kind {
  const first = bytes[start]!;
  const digit = first >= 0x30 && first <= 0x39;
  if (digit || first === 0x2d || first === 0x2b || first === 0x2e) {
    if (!Number.isNaN(parseNumber(bytes, start, end))) return KIND.number;
    if (digit && !Number.isNaN(parseTime(bytes, start, end))) return KIND.time;
  }
  const letter = first | LOWER;
  if ((letter === 0x74 || letter === 0x66) && !Number.isNaN(parseBoolean(bytes, start, end))) return KIND.boolean;
  return missing.has(bytes, start, end) ? KIND.missing : KIND.text;
}

/** 1 for `true`, 0 for `false`, in any case; NaN for anything else. */
export function parseBoolean(bytes: Uint8Array, start: number, end: number): number {
  if (isWord(bytes, start, end, 'true')) return 1;
  return isWord(bytes, start, end, 'false') ? 0 : NaN;
}

/** @param word in lower case */
function isWord(bytes: Uint8Array, start: number, end: number, word: string): boolean {
  if (end - start !== word.length) return false;
  for (let at = 0; at < word.length; at++) if ((bytes[start + at]! | LOWER) !== word.charCodeAt(at)) return false;
  return true;
}
