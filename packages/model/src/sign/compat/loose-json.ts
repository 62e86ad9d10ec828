// JSON for the profile `compat`: the last of two keys counts, as in Python. How deep and how much it holds is counted
// before any of it is built: 60 MB of `[` or of `{},` would cost gigabytes, and whoever wrote them needs no key.
import type { JsonValue } from '@vallum/core';

export interface LooseLimits {
  readonly maxDepth: number;
  /** Values in all, those inside others too. */
  readonly maxValues: number;
}

/** @throws Error with a sentence saying what is wrong with it */
export function parseLoose(bytes: Uint8Array, limits: LooseLimits): JsonValue {
  count(bytes, limits);
  return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) as JsonValue;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
/** `[` and `{` are the same but for this bit, and so are `]` and `}`. */
const CURLY = 0x20;

/** Never too few of what is JSON (an empty list counts as two); what is none, the parser refuses. */
function count(bytes: Uint8Array, { maxDepth, maxValues }: LooseLimits): void {
  let depth = 0;
  let values = 1;
  let inText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) inText = !inText;
    else if (inText) {
      if (byte === BACKSLASH) at += 1;
    } else if (byte === COMMA) values += 1;
    else if ((byte | CURLY) === 0x7b) {
      depth += 1;
      values += 1;
      if (depth > maxDepth) throw new Error(`it is nested deeper than ${maxDepth}`);
    } else if ((byte | CURLY) === 0x7d) depth -= 1;
    if (values > maxValues) throw new Error(`it has more than ${maxValues} values`);
  }
}
