// Parameters of the Open Inference Protocol that may pass (oip-parameters.json); all others are refused. Left out on purpose:
// `shared_memory_*`, which let a caller name memory of the server (CVE-2025-23319, CVE-2025-23320, CVE-2025-23334),
// `classification`, which turns probabilities into texts and so past an output guard, and `priority`, which jumps the queue.
import type { JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import table from './oip-parameters.json' with { type: 'json' };

export type ParameterPlace = keyof typeof table;

const KNOWN = new Map<string, ReadonlyMap<string, string>>(
  Object.entries(table).map(([place, known]) => [
    place,
    new Map(Object.entries(known).map(([name, { type }]) => [name, type])),
  ]),
);
const WORD = /^[A-Za-z0-9_.\/-]{1,64}$/;

/** @returns why a parameter is refused */
export function parameterFault(place: ParameterPlace, name: string, value: unknown): string | undefined {
  const type = KNOWN.get(place)?.get(name);
  if (type === undefined) return `the parameter ${quoted(name)} of the ${place} is not allowed`;
  return isOfType(type, value) ? undefined : `the parameter ${quoted(name)} of the ${place} is no ${type}`;
}

/** All parameters of one object; absent is none. */
export function parametersFault(place: ParameterPlace, parameters: JsonValue | undefined): string | undefined {
  if (parameters === undefined) return undefined;
  if (!isJsonObject(parameters)) return `the parameters of the ${place} are no object`;
  for (const name of Object.keys(parameters)) {
    const fault = parameterFault(place, name, parameters[name]);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function isOfType(type: string, value: unknown): boolean {
  const isCount = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  const isWord = typeof value === 'string' && WORD.test(value);
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'count':
      return isCount;
    case 'id':
      return isCount || isWord;
    default:
      return isWord;
  }
}

/** What a caller wrote, short enough and plain enough for a record. */
export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
