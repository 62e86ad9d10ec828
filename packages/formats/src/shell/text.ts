// Small parts of reading a script: lines, here-documents, words joined to one.
import type { ShellWord } from './script.js';
import type { Value } from './variables.js';

export function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** From 1. */
export function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

export interface HereDocument {
  readonly delimiter: string;
  /** `<<-` takes tabs away from the beginning of lines. */
  readonly strip: boolean;
}

export function readHereDocument(
  text: string,
  from: number,
  limit: number,
  { delimiter, strip }: HereDocument,
): { readonly body: string; readonly end: number; readonly closed: boolean } {
  const lines: string[] = [];
  let at = from;
  while (at < limit) {
    const newline = text.indexOf('\n', at);
    const stop = newline < 0 || newline > limit ? limit : newline;
    const line = text.slice(at, stop).replace(/\r$/, '');
    at = Math.min(limit, stop + 1);
    const plain = strip ? line.replace(/^\t+/, '') : line;
    if (plain === delimiter) return { body: `${lines.join('\n')}\n`, end: at, closed: true };
    lines.push(plain);
  }
  return { body: `${lines.join('\n')}\n`, end: at, closed: false };
}

export function join(words: readonly ShellWord[], between = ''): ShellWord & Value {
  return {
    text: words.map((word) => word.text).join(between),
    raw: words.map((word) => word.raw).join(' '),
    known: words.every((word) => word.known),
    runs: words.flatMap((word) => word.runs),
    tricks: words.flatMap((word) => word.tricks),
  };
}
