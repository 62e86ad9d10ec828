// One line of strict JSON, fast: the engine's own parser reads it, then a scan over the (now valid) text refuses what
// that parser lets through. The attacker controls the line; duplicate keys give two readers two meanings, half surrogates
// and unsafe numbers have no canonical form, depth ends in a stack overflow. Same rules as `parseJsonStrict` of core,
// which a property test holds it to.
import type { JsonValue } from '@vallum/core';

/** The value, or the sentence that says why the line is refused. */
export type LineResult =
  { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly why: string };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NUMBER_START = /[-0-9]/;
const NUMBER = /-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
/** Only an escape can smuggle half a pair past a fatal UTF-8 decoder. */
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;

/** Told of an integer beyond 2^53, where it stands, and whether a double holds it all the same. */
export type Wide = (raw: string, at: number, exact: boolean) => void;

/** @param wide without it, integers beyond 2^53 are refused */
export function parseLine(text: string, maxDepth: number, wide?: Wide): LineResult {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return { ok: false, why: 'it is not JSON' };
  }
  const why = text.isWellFormed() ? refusal(text, maxDepth, wide) : 'it holds half of a surrogate pair';
  return why === undefined ? { ok: true, value } : { ok: false, why };
}

/** Index after the closing quote of the string that starts at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    let slashes = 0;
    while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

/** Walks text that `JSON.parse` accepted, so every token is known to be well formed. */
function refusal(text: string, maxDepth: number, wide?: Wide): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let expectKey = false;
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      const raw = text.slice(at, end);
      if (SURROGATE_ESCAPE.test(raw) && !(JSON.parse(raw) as string).isWellFormed())
        return 'it holds half of a surrogate pair';
      if (expectKey) {
        const key = raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1);
        const keys = open.at(-1);
        if (keys?.has(key) === true) return `the key ${JSON.stringify(key.slice(0, 80))} stands twice in one object`;
        keys?.add(key);
        expectKey = false;
      }
      at = end;
      continue;
    }
    const character = text[at] ?? '';
    if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : undefined);
      expectKey = character === '{';
      // The value inside the innermost container counts too, as in core's reader.
      if (open.length > maxDepth && !closesAt(text, at + 1)) return `it is nested deeper than ${maxDepth}`;
    } else if (character === '}' || character === ']') {
      open.pop();
      expectKey = false;
    } else if (character === ',') {
      expectKey = open.at(-1) !== undefined;
    } else if (NUMBER_START.test(character)) {
      NUMBER.lastIndex = at;
      const raw = NUMBER.exec(text)?.[0] ?? character;
      const number = Number(raw);
      if (!Number.isFinite(number)) return 'a number is too large';
      if (!Number.isSafeInteger(number) && !/[.eE]/.test(raw)) {
        if (wide === undefined) return 'an integer is too large';
        wide(raw, at, BigInt(raw) === BigInt(number));
      }
      at += raw.length;
      continue;
    }
    at += 1;
  }
  return undefined;
}

function closesAt(text: string, start: number): boolean {
  let at = start;
  while (' \t\r\n'.includes(text[at] ?? 'x')) at += 1;
  return text[at] === '}' || text[at] === ']';
}
