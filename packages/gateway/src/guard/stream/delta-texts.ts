// Texts of one stream of chat or completion chunks. Each place in a choice (`delta.content`, the arguments of the second tool
// call) is a text of its own that goes on from event to event, with a filter of its own.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import { StreamFilter } from './stream-filter.js';
import type { TextFault, TextGuard } from '../text/text-guard.js';

/** A name, or the `index` of an element of a list. */
type Step = string | number;

interface Place {
  readonly choice: number;
  readonly steps: readonly Step[];
  readonly filter: StreamFilter;
}

/** Texts in one stream: choices times tool calls. The upstream could otherwise open them without end. */
const MOST_PLACES = 1024;
const MOST_CLEAN = 64;
/** UTF-16 units. */
const LONGEST_CLEAN = 128;
/** Names that stand whole in one event; joining them with those of other events would make no text. */
const WHOLE: ReadonlySet<string> = new Set(['role', 'finish_reason', 'id', 'type', 'name', 'object']);

/** Thrown inside this file's callers only, so that a walk over values need not pass a fault through each step. */
export class StreamFault extends Error {}

export class DeltaTexts {
  readonly #guard: TextGuard;
  readonly #counts: Map<string, number>;
  readonly #places = new Map<string, Place>();
  /** Short texts that every event repeats, known to hold nothing. */
  readonly #clean = new Set<string>();

  constructor(guard: TextGuard, counts: Map<string, number>) {
    this.#guard = guard;
    this.#counts = counts;
  }

  /** A choice with its texts as far as they may go on. @throws StreamFault */
  choice(value: JsonObject, choice: number): JsonObject {
    const isLast = typeof value['finish_reason'] === 'string';
    return this.#object(value, { choice, isLast }, []);
  }

  /** Choices that hold what was held back: of one choice, or of all. @throws StreamFault */
  rest(choice?: number): readonly JsonObject[] {
    const rests: JsonObject[] = [];
    for (const place of this.#places.values()) {
      if (choice !== undefined && place.choice !== choice) continue;
      const text = must(place.filter.finish());
      if (text !== '') rests.push({ index: place.choice, ...nest(place.steps, text), finish_reason: null });
    }
    return rests;
  }

  /** A text outside of choices, or one that is whole. @throws StreamFault */
  whole(value: JsonValue): JsonValue {
    if (typeof value === 'string') {
      if (this.#clean.has(value)) return value;
      const { texts, masked } = mustMask(this.#guard.mask([value]));
      for (const [rule, count] of Object.entries(masked)) this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + count);
      if (texts[0] === value && value.length <= LONGEST_CLEAN && this.#clean.size < MOST_CLEAN) this.#clean.add(value);
      return texts[0] ?? '';
    }
    if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => this.whole(item));
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.whole(member)]));
  }

  #object(value: JsonObject, of: Of, steps: readonly Step[]): JsonObject {
    const entries = Object.entries(value).map(([key, member]): [string, JsonValue] => [
      key,
      WHOLE.has(key) ? this.whole(member) : this.#value(member, of, [...steps, key]),
    ]);
    return Object.fromEntries(entries);
  }

  #value(value: JsonValue, of: Of, steps: readonly Step[]): JsonValue {
    if (typeof value === 'string') return this.#text(value, of, steps);
    if (Array.isArray(value))
      return (value as readonly JsonValue[]).map((item, at) => this.#value(item, of, [...steps, indexOf(item, at)]));
    return isJsonObject(value) ? this.#object(value, of, steps) : value;
  }

  #text(text: string, { choice, isLast }: Of, steps: readonly Step[]): string {
    const key = JSON.stringify([choice, ...steps]);
    let place = this.#places.get(key);
    if (place === undefined) {
      if (this.#places.size >= MOST_PLACES) throw new StreamFault(`it has more than ${MOST_PLACES} texts`);
      place = { choice, steps, filter: new StreamFilter(this.#guard, this.#counts) };
      this.#places.set(key, place);
    }
    const shown = must(place.filter.push(text));
    return isLast ? shown + must(place.filter.finish()) : shown;
  }
}

interface Of {
  readonly choice: number;
  /** The choice says that it ends with this event. */
  readonly isLast: boolean;
}

function indexOf(item: JsonValue, at: number): number {
  if (!isJsonObject(item)) return at;
  const { index } = item;
  return typeof index === 'number' ? index : at;
}

function nest(steps: readonly Step[], text: string): JsonObject {
  const [last = '', ...outer] = [...steps].reverse();
  let value: JsonValue = typeof last === 'string' ? { [last]: text } : [text];
  outer.forEach((step) => {
    if (typeof step === 'string') value = { [step]: value };
    else value = [isJsonObject(value) ? { index: step, ...value } : value];
  });
  return value as JsonObject;
}

function must(shown: string | TextFault): string {
  if (typeof shown === 'string') return shown;
  throw new StreamFault(shown.fault);
}

function mustMask<T extends object>(masked: T | TextFault): T {
  if ('fault' in masked) throw new StreamFault(masked.fault);
  return masked;
}
