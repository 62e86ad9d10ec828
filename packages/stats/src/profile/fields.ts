// Fields of a JSON object that somebody else wrote, each read as what it has to be or refused with its place.
import { isJsonObject } from '@vallum/core';
import type { JsonObject, JsonValue, VallumError } from '@vallum/core';

/** Makes the error for a sentence about what is wrong. */
type Refuse = (why: string) => VallumError;

/**
 * A double as it is written: whole numbers beyond 2^53 are texts, since a strict reader of JSON refuses them as numbers
 * (it cannot know whether an exact integer was meant).
 */
function writtenDouble(value: number): number | string {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? String(value) : value;
}

/** A value with all its doubles written so. */
export function written(value: JsonValue): JsonValue {
  if (typeof value === 'number') return writtenDouble(value);
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(written);
  if (!isJsonObject(value)) return value;
  return writtenObject(value);
}

export function writtenObject(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, member]) => [key, written(member)]));
}

/** The other way: undefined for what `writtenDouble` does not write. One sign of zero. */
export function doubleOf(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return value + 0;
  if (typeof value !== 'string') return undefined;
  const double = Number(value);
  return Number.isFinite(double) && writtenDouble(double) === value ? double : undefined;
}

export class Fields {
  readonly #object: JsonObject;
  readonly #where: string;
  readonly #refuse: Refuse;

  /** @param where what stands in errors before the name of a field */
  constructor(object: JsonObject, where: string, refuse: Refuse) {
    this.#object = object;
    this.#where = where;
    this.#refuse = refuse;
  }

  static of(value: JsonValue | undefined, where: string, refuse: Refuse): Fields {
    if (value === undefined || !isJsonObject(value)) throw refuse(`${where} is no object`);
    return new Fields(value, where, refuse);
  }

  raw(name: string): JsonValue | undefined {
    return Object.hasOwn(this.#object, name) ? this.#object[name] : undefined;
  }

  text(name: string): string {
    const value = this.raw(name);
    if (typeof value !== 'string') throw this.wrong(name, 'a text');
    return value;
  }

  /** A whole number from 0 to 2^53 - 1. */
  count(name: string): number {
    const value = this.raw(name);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw this.wrong(name, 'a count');
    return value + 0;
  }

  /** Finite, with one sign of zero. */
  number(name: string): number {
    const value = doubleOf(this.raw(name));
    if (value === undefined) throw this.wrong(name, 'a number');
    return value;
  }

  numberOrNull(name: string): number | null {
    return this.raw(name) === null ? null : this.number(name);
  }

  list(name: string, most: number): readonly JsonValue[] {
    const value = this.raw(name);
    if (!Array.isArray(value) || value.length > most) throw this.wrong(name, `a list of at most ${most}`);
    return value as readonly JsonValue[];
  }

  /** Finite numbers, each at least as large as the one before it; strictly larger if told so. */
  rising(name: string, most: number, strictly = false): number[] {
    return this.risingItems(name, this.list(name, most), strictly);
  }

  /** The same for a list inside the field. */
  risingItems(name: string, items: readonly JsonValue[], strictly = false): number[] {
    let previous = -Infinity;
    return items.map((item) => {
      const value = doubleOf(item);
      if (value === undefined || value < previous || (strictly && value === previous))
        throw this.wrong(name, 'a rising list of numbers');
      previous = value;
      return value;
    });
  }

  object(name: string): Fields {
    return Fields.of(this.raw(name), this.#place(name), this.#refuse);
  }

  #place(name: string): string {
    return this.#where === '' ? name : `${this.#where}, ${name}`;
  }

  wrong(name: string, should: string): VallumError {
    return this.#refuse(`${this.#place(name)} is not ${should}`);
  }
}
