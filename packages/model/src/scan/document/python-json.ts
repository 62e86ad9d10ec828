// JSON as Python reads it: the loaders of models take NaN and Infinity, keys that stand twice (the last one counts) and
// numbers of any length. A document that is refused here for being lax is still one that they load.
import type { JsonValue } from '@vallum/core';
import { parseJsonStrict } from '@vallum/core';

const WORDS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\bInfinity\b|\bNaN\b/gs;

export interface PythonJson {
  readonly value: JsonValue;
  /** It is strict JSON but for NaN and Infinity. */
  readonly strict: boolean;
}

/** Undefined for what Python does not read either. */
export function readAsPython(text: string, limits: { maxBytes: number; maxDepth: number }): PythonJson | undefined {
  const plain = text.replace(WORDS, (word) => (word.startsWith('"') ? word : '0'));
  try {
    return { value: parseJsonStrict(plain, limits), strict: true };
  } catch {
    // Read below, and told.
  }
  try {
    return { value: JSON.parse(plain) as JsonValue, strict: false };
  } catch {
    return undefined;
  }
}
