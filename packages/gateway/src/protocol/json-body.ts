// Strict JSON for the hot path: a scan of the bytes, JSON.parse, and one walk that finds duplicate keys. A body that passes
// means the same to every reader: no duplicate or `__proto__` keys, no broken UTF-8, no half surrogates, no integers beyond
// 2^53. So exactly these bytes may go on to the upstream.
import { isAscii, isUtf8 } from 'node:buffer';
import type { JsonObject, JsonValue } from '@vallum/core';
import type { Refusal, RefusalCode } from '../door/refusal.js';
import { refuse } from '../door/refusal.js';
import { scanJson } from './json-scan.js';

export interface JsonBounds {
  readonly maxDepth: number;
  /** Numbers and texts of the inputs. */
  readonly maxElements: number;
}

/** Values of a body beside its numbers and texts: names, shapes, parameters. */
const ENVELOPE = 4_096;

/** @param code of the refusal; a caller's body (`bad-input`) beyond a bound is `too-large` */
export function readJson(body: Buffer, bounds: JsonBounds, code: RefusalCode): JsonValue | Refusal {
  if (!isUtf8(body)) return refuse(code, 'the body is not UTF-8');
  const scan = scanJson(body, { maxDepth: bounds.maxDepth, maxValues: bounds.maxElements + ENVELOPE });
  if ('fault' in scan)
    return refuse(
      scan.isTooMuch && code === 'bad-input' ? 'too-large' : code,
      `the JSON body is refused: ${scan.fault}`,
    );
  let value: JsonValue;
  try {
    value = JSON.parse(isAscii(body) ? body.toString('latin1') : body.toString('utf8')) as JsonValue;
  } catch {
    // The words of V8's error quote the body; a record must not.
    return refuse(code, 'the body is no JSON');
  }
  const walk = { keys: 0, surrogates: scan.surrogates };
  const fault = walkValue(value, walk);
  if (fault !== undefined) return refuse(code, fault);
  // JSON.parse keeps one of two equal keys, however they were escaped, so that fewer are left than were written.
  if (walk.keys !== scan.keys) return refuse(code, 'a key stands twice in one object of the JSON body');
  return value;
}

interface Walk {
  keys: number;
  readonly surrogates: boolean;
}

function walkValue(value: JsonValue, walk: Walk): string | undefined {
  if (typeof value === 'string')
    return walk.surrogates && !value.isWellFormed() ? 'a string holds half of a surrogate pair' : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) {
      if (typeof item === 'number') continue;
      const fault = walkValue(item, walk);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  const object = value as JsonObject;
  for (const key of Object.keys(object)) {
    walk.keys += 1;
    if (key === '__proto__') return 'a key is named __proto__';
    if (walk.surrogates && !key.isWellFormed()) return 'a key holds half of a surrogate pair';
    const fault = walkValue(object[key] as JsonValue, walk);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** @returns the first key that is not among those known */
export function unknownKey(object: JsonObject, known: ReadonlySet<string>): string | undefined {
  return Object.keys(object).find((key) => !known.has(key));
}
