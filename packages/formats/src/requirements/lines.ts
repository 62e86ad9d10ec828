// Lines of a requirements file as pip joins them (req_file.py, `preprocess`): ends as `str.splitlines`, a backslash at the end
// joins without a space, comments go last. Whoever joins otherwise sees other options than pip does.
import { isPythonSpace, pythonLines, pythonStrip } from '../python/text-lines.js';

export interface LogicalLine {
  /** Of its first physical line, from 1. */
  readonly line: number;
  readonly text: string;
  /** Why it is not read to its end; `text` is its start. */
  readonly problem?: string;
}

/** Characters of one logical line: room for the hashes of 2,000 files. */
export const MAX_LINE = 256 * 1024;

/** Physical lines, empty ones too. */
const MAX_PHYSICAL = 1_000_000;

/** Every line that has something besides a comment. */
export function* logicalLines(text: string): Generator<LogicalLine> {
  let held: string[] = [];
  let length = 0;
  let first = 0;
  let at = 0;
  for (const raw of pythonLines(text.replace(/^\uFEFF/, ''), 'splitlines')) {
    at += 1;
    if (at > MAX_PHYSICAL) {
      yield { line: at, text: raw.slice(0, MAX_LINE), problem: `lines beyond ${MAX_PHYSICAL}` };
      return;
    }
    if (held.length === 0) {
      if (raw === '') continue;
      first = at;
    }
    const comment = beginsComment(raw);
    const goesOn = raw.endsWith('\\') && !comment;
    const part = goesOn ? withoutBackslashes(raw) : comment ? ` ${raw}` : raw;
    // At least one part is held, however long, so that a line of backslashes does not count as none.
    if (length <= MAX_LINE) held.push(part);
    length += part.length;
    if (goesOn) continue;
    yield* finished(held, length, first);
    held = [];
    length = 0;
  }
  if (held.length > 0) yield* finished(held, length, first);
}

function* finished(parts: readonly string[], length: number, line: number): Generator<LogicalLine> {
  const long = length > MAX_LINE;
  const text = pythonStrip(withoutComment(parts.join('')));
  if (long) yield { line, text: text.slice(0, MAX_LINE), problem: `a line longer than ${MAX_LINE} characters` };
  else if (text !== '') yield { line, text };
}

function beginsComment(line: string): boolean {
  let at = 0;
  while (at < line.length && isPythonSpace(line.charAt(at))) at += 1;
  return line.charAt(at) === '#';
}

/** pip strips backslashes on both sides. */
function withoutBackslashes(line: string): string {
  let start = 0;
  let end = line.length;
  while (start < end && line[start] === '\\') start += 1;
  while (end > start && line[end - 1] === '\\') end -= 1;
  return line.slice(start, end);
}

/** From a `#` at the start or behind white space. */
function withoutComment(line: string): string {
  for (let at = line.indexOf('#'); at !== -1; at = line.indexOf('#', at + 1))
    if (at === 0 || isPythonSpace(line.charAt(at - 1))) return line.slice(0, at);
  return line;
}

const UTF8 = /^(?:utf[-_]?8|u8|(?:us[-_])?ascii)$/i;

/** The encoding that one of the first two lines declares (PEP 263), where it is another than UTF-8. */
export function foreignEncoding(text: string): { readonly line: number; readonly encoding: string } | undefined {
  let start = 0;
  for (const line of [1, 2]) {
    const end = text.indexOf('\n', start);
    const one = text.slice(start, end === -1 ? text.length : end).slice(0, MAX_LINE);
    const encoding = /^\uFEFF?#/.test(one) ? /coding[:=]\s*([-\w.]+)/.exec(one)?.[1] : undefined;
    if (encoding !== undefined) return UTF8.test(encoding) ? undefined : { line, encoding };
    if (end === -1) return undefined;
    start = end + 1;
  }
  return undefined;
}
