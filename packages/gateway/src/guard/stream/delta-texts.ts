// Texts of one stream of chat or completion chunks. Each place in a choice (`delta.content`, the arguments of the second tool
// call) is a text of its own that goes on from event to event, with a filter of its own. The upstream chooses how a text is cut,
// over events, list elements or names, and callers put the pieces together; so does this.
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
  /** Of the last event of its choice, to be given out with what was held back. */
  pending: string;
}

/** Texts in one stream: choices times tool calls. The upstream could otherwise open them without end. */
const MOST_PLACES = 1024;
const MOST_CLEAN = 64;
/** UTF-16 units. */
const LONGEST_CLEAN = 128;
/** Names that stand whole in one event: clients need them at once, so they are not held back. */
const WHOLE: ReadonlySet<string> = new Set(['role', 'finish_reason', 'stop_reason', 'id', 'type', 'name', 'object']);
/** Lists whose elements go by their `index`; the elements of all others are one text, as clients join them. */
const BY_INDEX = 'tool_calls';
/** Step into a list that is one text. */
const JOINED = '[]';
/** UTF-16 units of the pieces of one name that are looked at together. */
const LONGEST_NAME = 1024;

/** Thrown inside this file's callers only, so that a walk over values need not pass a fault through each step. */
export class StreamFault extends Error {}

export class DeltaTexts {
  readonly #guard: TextGuard;
  readonly #counts: Map<string, number>;
  readonly #places = new Map<string, Place>();
  /** Short texts that every event repeats, known to hold nothing. */
  readonly #clean = new Set<string>();
  /** Pieces of a name so far, by place, and the last of them. */
  readonly #names = new Map<string, { joined: string; last: string }>();
  readonly #ended = new Set<number>();

  constructor(guard: TextGuard, counts: Map<string, number>) {
    this.#guard = guard;
    this.#counts = counts;
  }

  /** A choice with its texts as far as they may go on. @throws StreamFault */
  choice(value: JsonObject, choice: number): JsonObject {
    const isLast = typeof value['finish_reason'] === 'string';
    const shown = this.#object(value, { choice, isLast }, []);
    // What was held back is out: a text that goes on behind its end could bring the other half of what was cut in two.
    if (isLast) this.#ended.add(choice);
    return shown;
  }

  /** Choices that hold what was held back: of one choice, or of all. @throws StreamFault */
  rest(choice?: number): readonly JsonObject[] {
    const rests: JsonObject[] = [];
    for (const place of this.#places.values()) {
      if (choice !== undefined && place.choice !== choice) continue;
      const text = place.pending + must(place.filter.finish());
      place.pending = '';
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
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [this.#key(key), this.whole(member)]));
  }

  #object(value: JsonObject, of: Of, steps: readonly Step[]): JsonObject {
    const entries = Object.entries(value).map(([key, member]): [string, JsonValue] => [
      this.#key(key),
      WHOLE.has(key) ? this.#name(member, of, [...steps, key]) : this.#value(member, of, [...steps, key]),
    ]);
    return Object.fromEntries(entries);
  }

  /** A key cannot be masked, because clients look for it. */
  #key(key: string): string {
    if (this.whole(key) !== key) throw new StreamFault('a key holds what is looked for');
    return key;
  }

  /** A name, which is masked by itself; what its pieces in several events make together has to be clean as well. */
  #name(value: JsonValue, { choice }: Of, steps: readonly Step[]): JsonValue {
    const shown = this.whole(value);
    if (typeof shown !== 'string' || shown === '') return shown;
    const key = JSON.stringify([choice, ...steps]);
    const before = this.#names.get(key);
    if (before === undefined && this.#names.size >= 4 * MOST_PLACES) throw new StreamFault('it has too many names');
    // Many servers repeat the whole of it in every event.
    if (before?.last === shown) return shown;
    const joined = (before?.joined ?? '') + shown;
    if (joined.length > LONGEST_NAME) throw new StreamFault('a name has too many pieces');
    if (before !== undefined && this.whole(joined) !== joined)
      throw new StreamFault('the pieces of a name hold what is looked for');
    this.#names.set(key, { joined, last: shown });
    return shown;
  }

  #value(value: JsonValue, of: Of, steps: readonly Step[]): JsonValue {
    if (typeof value === 'string') return this.#text(value, of, steps);
    if (Array.isArray(value))
      return (value as readonly JsonValue[]).map((item, at) =>
        this.#value(item, of, [...steps, steps.at(-1) === BY_INDEX ? indexOf(item, at) : JOINED]),
      );
    return isJsonObject(value) ? this.#object(value, of, steps) : value;
  }

  #text(text: string, { choice, isLast }: Of, steps: readonly Step[]): string {
    if (this.#ended.has(choice)) {
      if (text === '') return text;
      throw new StreamFault('a choice goes on behind its end');
    }
    const key = JSON.stringify([choice, ...steps]);
    let place = this.#places.get(key);
    if (place === undefined) {
      if (this.#places.size >= MOST_PLACES) throw new StreamFault(`it has more than ${MOST_PLACES} texts`);
      place = { choice, steps, filter: new StreamFilter(this.#guard, this.#counts), pending: '' };
      this.#places.set(key, place);
    }
    const shown = must(place.filter.push(text));
    if (!isLast) return shown;
    if (!steps.includes(JOINED)) return shown + must(place.filter.finish());
    // Which element is the last is not known here: all of them come in an event of their own before this one.
    place.pending += shown;
    return '';
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
  let value: JsonValue = typeof last === 'string' && last !== JOINED ? { [last]: text } : [text];
  outer.forEach((step) => {
    if (step === JOINED) value = [value];
    else if (typeof step === 'string') value = { [step]: value };
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
