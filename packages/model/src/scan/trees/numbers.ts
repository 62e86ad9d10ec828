// Lists of numbers in a model, whichever format they came from: JSON keeps every number, UBJSON keeps integers only.
import type { UbjsonValue } from '@vallum/formats';
import { NumberRun } from '@vallum/formats';

export type Value = UbjsonValue | undefined;
export type Fields = Readonly<Record<string, UbjsonValue>>;

export function isFields(value: Value): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberRun);
}

export function fieldsOf(value: Value): Fields {
  return isFields(value) ? value : {};
}

/** Own members only: a file may name a member as every object has one. */
export function member(value: Value, key: string): Value {
  return isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

export function lengthOf(value: Value): number | undefined {
  return Array.isArray(value) || value instanceof NumberRun ? value.length : undefined;
}

/** The integer at an index; NaN for anything else. */
export function integerAt(value: Value, index: number): number {
  const found =
    value instanceof NumberRun
      ? value.at(index)
      : Array.isArray(value)
        ? (value as readonly UbjsonValue[])[index]
        : undefined;
  return typeof found === 'number' && Number.isInteger(found) ? found : NaN;
}

/** A count that stands there as a number or as decimal text. */
export function countOf(value: Value): number {
  const count =
    typeof value === 'number' ? value : typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : NaN;
  return Number.isSafeInteger(count) && count >= 0 ? count : NaN;
}

export function listOf(value: Value): readonly UbjsonValue[] {
  return Array.isArray(value) ? (value as readonly UbjsonValue[]) : [];
}
