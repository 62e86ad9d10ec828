// Keys of a rule, taken out one by one; what is left over was misspelt. Every refusal names the rule and the key.
import type { JsonObject, JsonValue } from '@vallum/core';
import { durationMs, messageOf, parseTime, VallumError } from '@vallum/core';

const MAX_TEXT = 4000;
const MAX_ITEMS = 10_000;

export function refuseRules(why: string): VallumError {
  return new VallumError('DATA_RULES', `the rules are refused: ${why}`, { fix: 'see docs/data-check.md, "Rules"' });
}

export class RuleFields {
  readonly #name: string;
  readonly #value: JsonObject;
  readonly #left: Set<string>;

  constructor(name: string, value: JsonObject) {
    this.#name = name;
    this.#value = value;
    this.#left = new Set(Object.keys(value));
  }

  /** @throws VallumError `DATA_RULES` for a key that nobody asked for */
  end(): void {
    const [key] = this.#left;
    if (key !== undefined) throw this.refuse(`the key ${JSON.stringify(key.slice(0, 60))} is not known here`);
  }

  refuse(why: string): VallumError {
    return refuseRules(`${this.#name}: ${why}`);
  }

  /** Undefined where the key is not there. */
  get(key: string): JsonValue | undefined {
    this.#left.delete(key);
    return this.#value[key];
  }

  text(key: string): string {
    const value = this.get(key);
    if (typeof value !== 'string' || value === '' || value.length > MAX_TEXT)
      throw this.refuse(`the key "${key}" is no text of up to ${MAX_TEXT} characters`);
    return value;
  }

  oneOf<T extends string>(key: string, words: readonly T[], otherwise?: T): T {
    const value = this.get(key) ?? otherwise;
    const word = words.find((each) => each === value);
    if (word === undefined) throw this.refuse(`the key "${key}" is one of ${words.join(', ')}`);
    return word;
  }

  flag(key: string): boolean {
    const value = this.get(key) ?? false;
    if (typeof value !== 'boolean') throw this.refuse(`the key "${key}" is true or false`);
    return value;
  }

  number(key: string, otherwise?: number): number {
    const value = this.get(key) ?? otherwise;
    if (typeof value !== 'number') throw this.refuse(`the key "${key}" is no number`);
    return value;
  }

  share(key: string, otherwise?: number): number {
    const value = this.number(key, otherwise);
    if (!(value >= 0 && value <= 1)) throw this.refuse(`the key "${key}" is a share, 0 to 1`);
    return value;
  }

  count(key: string, otherwise: number): number {
    const value = this.number(key, otherwise);
    if (value !== Infinity && (!Number.isSafeInteger(value) || value < 0))
      throw this.refuse(`the key "${key}" is a whole number`);
    return value;
  }

  /** A number, or a time in milliseconds. */
  bound(key: string, otherwise: number): number {
    const value = this.get(key);
    if (typeof value !== 'string') return value === undefined ? otherwise : this.#finite(key, value);
    return this.#say(key, () => parseTime(value).getTime());
  }

  duration(key: string): number {
    const text = this.text(key);
    return this.#say(key, () => durationMs(text));
  }

  /** Different ones. */
  names(key: string): readonly string[] {
    const value = this.get(key);
    const isList = Array.isArray(value) && value.length > 0 && value.length <= MAX_ITEMS;
    const names = isList ? (value as readonly JsonValue[]) : [];
    const texts = names.filter((name) => typeof name === 'string');
    if (!isList || texts.length < names.length || new Set(texts).size < texts.length)
      throw this.refuse(`the key "${key}" is a list of different names`);
    return texts;
  }

  plainValues(key: string): ReadonlySet<string | number | boolean> {
    const value = this.get(key);
    if (!Array.isArray(value) || value.length === 0 || value.length > MAX_ITEMS)
      throw this.refuse(`the key "${key}" is a list of 1 to ${MAX_ITEMS} values`);
    const plain = (value as readonly JsonValue[]).filter((each) => each !== null && typeof each !== 'object');
    const [first] = plain;
    if (plain.length < value.length || plain.some((each) => typeof each !== typeof first))
      throw this.refuse(`the key "${key}" mixes types: write texts in quotation marks`);
    return new Set(plain as readonly (string | number | boolean)[]);
  }

  #finite(key: string, value: JsonValue): number {
    if (typeof value !== 'number') throw this.refuse(`the key "${key}" is no number and no time`);
    return value;
  }

  #say(key: string, read: () => number): number {
    try {
      return read();
    } catch (error) {
      throw this.refuse(`the key "${key}": ${messageOf(error)}`);
    }
  }
}
