// What texts look like, without keeping them: how long they are and of which characters they consist. Counts only, so that
// two summaries add. Work is per distinct text of a batch, not per row.
import { classOf, CONTROL, DIGIT, INVISIBLE, LETTER, SPACE } from './characters.js';

/** Upper edges of the length bins, in code points; the last bin is open. Two per doubling, exact up to 4. */
export const LENGTH_EDGES: readonly number[] = [
  0,
  1,
  2,
  3,
  ...Array.from({ length: 22 }, (_, i) => [4 * 2 ** i, 6 * 2 ** i]).flat(),
];

/** As JSON. Characters are Unicode code points. */
export interface TextSummary {
  readonly empty: number;
  readonly characters: number;
  readonly letters: number;
  readonly digits: number;
  readonly space: number;
  readonly control: number;
  readonly invisible: number;
  /** Beyond U+007F; these are in one of the other counts too, or in none. */
  readonly nonAscii: number;
  /** Texts with at least one invisible character. */
  readonly withInvisible: number;
  readonly shortest: number | null;
  readonly longest: number | null;
  /** Texts with a length up to each of `LENGTH_EDGES` and above the one before; one more for longer ones. */
  readonly lengths: readonly number[];
}

export class TextCounter {
  /** By class, as in `characters.ts`. */
  readonly #classes = new Float64Array(6);
  readonly #lengths = new Float64Array(LENGTH_EDGES.length + 1);
  #characters = 0;
  #nonAscii = 0;
  #withInvisible = 0;
  #shortest = Infinity;
  #longest = -Infinity;

  /** A text that occurs in `count` rows. */
  add(text: string, count: number): void {
    const classes = this.#classes;
    const invisible = classes[INVISIBLE] as number;
    let length = 0;
    let nonAscii = 0;
    for (let i = 0; i < text.length; i += 1) {
      let point = text.charCodeAt(i);
      if (point > 0x7f) {
        nonAscii += 1;
        if (point >= 0xd800 && point < 0xdc00) {
          point = text.codePointAt(i) as number;
          if (point > 0xffff) i += 1;
        }
      }
      const kind = classOf(point);
      classes[kind] = (classes[kind] as number) + count;
      length += 1;
    }
    this.#characters += length * count;
    this.#nonAscii += nonAscii * count;
    if ((classes[INVISIBLE] as number) > invisible) this.#withInvisible += count;
    if (length < this.#shortest) this.#shortest = length;
    if (length > this.#longest) this.#longest = length;
    const bin = binOf(length);
    this.#lengths[bin] = (this.#lengths[bin] as number) + count;
  }

  toJson(): TextSummary {
    const some = this.#longest >= 0;
    return {
      empty: this.#lengths[0] as number,
      characters: this.#characters,
      letters: this.#classes[LETTER] as number,
      digits: this.#classes[DIGIT] as number,
      space: this.#classes[SPACE] as number,
      control: this.#classes[CONTROL] as number,
      invisible: this.#classes[INVISIBLE] as number,
      nonAscii: this.#nonAscii,
      withInvisible: this.#withInvisible,
      shortest: some ? this.#shortest : null,
      longest: some ? this.#longest : null,
      lengths: Array.from(this.#lengths),
    };
  }
}

function binOf(length: number): number {
  const bin = LENGTH_EDGES.findIndex((edge) => length <= edge);
  return bin < 0 ? LENGTH_EDGES.length : bin;
}

export function mergeTexts(a: TextSummary, b: TextSummary): TextSummary {
  return {
    empty: a.empty + b.empty,
    characters: a.characters + b.characters,
    letters: a.letters + b.letters,
    digits: a.digits + b.digits,
    space: a.space + b.space,
    control: a.control + b.control,
    invisible: a.invisible + b.invisible,
    nonAscii: a.nonAscii + b.nonAscii,
    withInvisible: a.withInvisible + b.withInvisible,
    shortest: extreme(Math.min, a.shortest, b.shortest),
    longest: extreme(Math.max, a.longest, b.longest),
    lengths: a.lengths.map((count, i) => count + (b.lengths[i] as number)),
  };
}

/** The smaller or larger of two, where null says that there was nothing. */
export function extreme(choose: (a: number, b: number) => number, a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : choose(a, b);
}
