// The stream of a chat or a completion on its way to the caller: each event is parsed, its texts go through the filters, and it
// is written again with its known fields. Bytes of the upstream are never passed on as they came.
// Form: the streaming answers of the OpenAI API, `data: {chunk}` and `data: [DONE]` at the end.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject, messageOf, parseJsonStrict, VallumError } from '@vallum/core';
import type { Refusal } from '../../door/refusal.js';
import { refuse } from '../../door/refusal.js';
import type { MaskCounts, TextGuard } from '../text/text-guard.js';
import { isErrorObject, keptField } from '../../protocol/openai-envelope.js';
import { withFields } from '../../protocol/texts-in.js';
import { DeltaTexts, StreamFault } from './delta-texts.js';
import type { SseEvent } from './sse-reader.js';
import { SseReader } from './sse-reader.js';

const MAX_CHOICES = 128;
const MAX_DEPTH = 24;
const MAX_VALUES = 100_000;
const CHOICE_KEYS = new Set(['index', 'delta', 'text', 'finish_reason', 'stop_reason', 'logprobs']);

export interface SseOptions {
  /** Of the route's output; undefined where texts pass as they are. */
  readonly texts: TextGuard | undefined;
  /** Leave out the probabilities of tokens, as a poorer answer does. Masked texts never come with them: they spell the text. */
  readonly withoutLogprobs: boolean;
  /** By which callers know the model; the upstream's own name stays behind. */
  readonly model?: string;
}

/**
 * Give it all chunks in order, then call `finish` once. A `Refusal` ends the stream: nothing more may be sent to the caller,
 * and the reason is for operators.
 */
export class SseFilter {
  readonly #reader = new SseReader();
  readonly #counts = new Map<string, number>();
  readonly #texts: DeltaTexts | undefined;
  readonly #withoutLogprobs: boolean;
  readonly #model: string | undefined;
  /** What all chunks of a stream have in common, for those that are made here. */
  #common: JsonObject = {};
  #done = false;
  #ended: Refusal | undefined;

  constructor({ texts, withoutLogprobs, model }: SseOptions) {
    this.#model = model;
    this.#texts = texts === undefined ? undefined : new DeltaTexts(texts, this.#counts);
    this.#withoutLogprobs = withoutLogprobs || texts !== undefined;
  }

  /** What was masked so far. */
  get masked(): MaskCounts {
    return Object.fromEntries(this.#counts);
  }

  /** Bytes for the caller, possibly none yet. */
  push(chunk: Uint8Array): Buffer | Refusal {
    return this.#go(() => this.#events(this.#reader.push(chunk)));
  }

  /** The rest, when the upstream has ended its answer. */
  finish(): Buffer | Refusal {
    return this.#go(() => this.#events(this.#reader.finish()) + (this.#done ? '' : this.#rests()));
  }

  #go(work: () => string): Buffer | Refusal {
    if (this.#ended !== undefined) return this.#ended;
    try {
      return Buffer.from(work());
    } catch (error) {
      if (!(error instanceof StreamFault || error instanceof VallumError)) throw error;
      this.#ended = refuse('bad-upstream', `the stream of the upstream is ended: ${messageOf(error)}`);
      return this.#ended;
    }
  }

  #events(events: readonly SseEvent[] | undefined): string {
    if (events === undefined) throw new StreamFault('it is no event stream, or an event of it is too long');
    let written = '';
    for (const event of events) {
      // What follows the end is nobody's.
      if (this.#done) break;
      if (event.kind === 'comment') written += ':\n\n';
      else if (event.data === '[DONE]') {
        written += `${this.#rests()}data: [DONE]\n\n`;
        this.#done = true;
      } else written += this.#chunk(parseJsonStrict(event.data, { maxDepth: MAX_DEPTH, maxValues: MAX_VALUES }));
    }
    return written;
  }

  #chunk(chunk: JsonValue): string {
    if (!isJsonObject(chunk)) throw new StreamFault('an event is no object');
    const { choices } = chunk;
    // What goes wrong at the upstream is told by the upstream: names of hosts and files may stand in it.
    if (isErrorObject(chunk)) throw new StreamFault('the upstream reports an error');
    if (!Array.isArray(choices) || choices.length > MAX_CHOICES) throw new StreamFault('an event has no choices');
    const read = (choices as readonly JsonValue[]).map((choice) => this.#choice(choice));
    const outer = Object.entries(chunk).flatMap(([key, value]): [string, JsonValue][] => {
      if (key === 'choices') return [[key, read.map(({ shown }) => shown)]];
      const kept = keptField(key, value, this.#model);
      return kept === undefined ? [] : [[key, this.#texts?.whole(kept) ?? kept]];
    });
    const event = Object.fromEntries(outer);
    this.#common = { id: event['id'] ?? null, object: event['object'] ?? null, created: event['created'] ?? null };
    if (event['model'] !== undefined) this.#common = { ...this.#common, model: event['model'] };
    const ended = read.filter(({ isLast }) => isLast);
    return ended.map(({ index }) => this.#rests(index)).join('') + eventOf(event);
  }

  #choice(value: JsonValue): { readonly index: number; readonly isLast: boolean; readonly shown: JsonObject } {
    if (!isJsonObject(value)) throw new StreamFault('a choice is no object');
    const { index } = value;
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= MAX_CHOICES)
      throw new StreamFault('a choice has no index');
    const { finish_reason: reason = null } = value;
    if (reason !== null && typeof reason !== 'string')
      throw new StreamFault('the end of a choice has no reason in words');
    const kept = withFields(value, (key, member) => {
      if (!CHOICE_KEYS.has(key)) return undefined;
      return key === 'logprobs' && this.#withoutLogprobs ? null : member;
    });
    const shown = this.#texts?.choice(kept, index) ?? kept;
    return { index, isLast: reason !== null, shown };
  }

  #rests(choice?: number): string {
    const rests = this.#texts?.rest(choice) ?? [];
    return rests.map((rest) => eventOf({ ...this.#common, choices: [rest] })).join('');
  }
}

function eventOf(event: JsonObject): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}
