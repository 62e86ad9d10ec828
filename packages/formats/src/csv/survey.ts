// The first pass over a column: how many values are of which kind. All values count, not a sample of them, so that no value
// in the last row changes what the others mean.
import { masked } from '../table/errors.js';
import type { Notes } from '../table/notes.js';
import type { ColumnType } from '../table/table.js';
import { classify, KIND, KINDS } from './classify.js';
import type { WordSet } from './missing-words.js';
import { hasLeadingZero, isPlain, isRounded } from './numbers.js';
import { hasZone, isFiner } from './times.js';
import type { CsvTokens } from './tokens.js';

const NAMES = ['missing', 'blank', 'number', 'time', 'boolean', 'text'] as const;

const INFINITE = /^[+-]?inf(?:inity)?$/i;

interface Example {
  readonly row: number;
  readonly text: string;
}

export class ColumnSurvey {
  readonly #counts = new Float64Array(KINDS);
  readonly #first: (Example | undefined)[] = [];
  #words = 0;
  #rounded = 0;
  #leadingZeros = 0;
  #zoned = 0;
  #finer = 0;
  #infinite = 0;

  /** Takes the column `column` of all rows of a run, the first of which is row `start` of the table. */
  add(bytes: Buffer, tokens: CsvTokens, column: number, start: number, missing: WordSet): void {
    const { bounds, marks, width, rows } = tokens;
    const counts = this.#counts;
    for (let row = 0, field = column; row < rows; row++, field += width) {
      const from = bounds[field * 2]!;
      const to = bounds[field * 2 + 1]!;
      const mark = marks[field]!;
      // Most of what there is; `0.5` begins with a zero too, and is looked at again for `007`.
      if (isPlain(bytes, from, to, mark)) {
        if (counts[KIND.number]!++ === 0) this.#remember(KIND.number, bytes, from, to, start + row);
        if (bytes[from] === 0x30 && hasLeadingZero(bytes, from, to)) this.#leadingZeros += 1;
        continue;
      }
      const kind = classify(bytes, from, to, mark, missing);
      if (counts[kind]!++ === 0) this.#remember(kind, bytes, from, to, start + row);
      if (kind === KIND.number) {
        if (isRounded(bytes, from, to)) this.#rounded += 1;
        if (hasLeadingZero(bytes, from, to)) this.#leadingZeros += 1;
      } else if (kind === KIND.time) {
        if (hasZone(bytes, from, to)) this.#zoned += 1;
        if (isFiner(bytes, from, to)) this.#finer += 1;
      } else if (kind === KIND.missing && to > from) this.#words += 1;
      else if (kind === KIND.text && to - from <= 9 && INFINITE.test(bytes.toString('latin1', from, to)))
        this.#infinite += 1;
    }
  }

  #remember(kind: number, bytes: Buffer, from: number, to: number, row: number): void {
    this.#first[kind] = { row, text: bytes.toString('utf8', from, Math.min(to, from + 64)) };
  }

  /** The kind that all values have; text where they differ. A column without any value is text. */
  type(): ColumnType {
    const typed = [KIND.number, KIND.time, KIND.boolean].filter((kind) => this.#counts[kind]! > 0);
    if (typed.length !== 1 || this.#counts[KIND.text]! > 0) return 'text';
    return NAMES[typed[0] as number] as ColumnType;
  }

  /** No value at all: the type is not known. */
  get empty(): boolean {
    return this.#counts.every((count, kind) => kind === KIND.missing || count === 0);
  }

  /** @param type what the column became, by itself or because somebody said so */
  note(notes: Notes, column: string, type: ColumnType): void {
    const counts = this.#counts;
    if (this.empty && counts[KIND.missing]! > 0)
      notes.set('all-missing', counts[KIND.missing]!, 'no row has a value', column);
    if (type === 'text') {
      this.#noteMixed(notes, column);
      // Nothing else keeps the column from being one of numbers.
      if (
        this.#infinite > 0 &&
        this.#infinite === counts[KIND.text] &&
        counts[KIND.time]! + counts[KIND.boolean]! === 0
      )
        notes.set(
          'infinite-words',
          this.#infinite,
          'words for infinity are no numbers, and make the column one of texts',
          column,
        );
      if (this.#words > 0)
        notes.set(
          'missing-words',
          this.#words,
          `words such as ${this.#shown(KIND.missing)} are taken as missing`,
          column,
        );
      return;
    }
    if (counts[KIND.blank]! > 0)
      notes.set('blank-missing', counts[KIND.blank]!, 'quoted or blank fields are taken as missing', column);
    if (type === 'number' && this.#rounded > 0)
      notes.set('integers-rounded', this.#rounded, 'integers have more digits than a double holds', column);
    if (type === 'number' && this.#leadingZeros > 0)
      notes.set('leading-zeros', this.#leadingZeros, 'numbers are written with zeros in front, as codes are', column);
    if (type !== 'time') return;
    if (this.#finer > 0) notes.set('times-rounded', this.#finer, 'times are finer than a millisecond', column);
    if (this.#zoned > 0 && this.#zoned < counts[KIND.time]!) {
      const without = counts[KIND.time]! - this.#zoned;
      notes.set(
        'times-without-zone',
        without,
        'some times name no zone, while others do; they are taken as UTC',
        column,
      );
    }
  }

  /** Tells a column that is mostly of one type from free text in which a number turns up. */
  #noteMixed(notes: Notes, column: string): void {
    const values = [KIND.number, KIND.time, KIND.boolean, KIND.text].map((kind) => ({
      kind,
      count: this.#counts[kind]!,
    }));
    const all = values.reduce((sum, { count }) => sum + count, 0);
    const main = values.slice(0, -1).reduce((most, one) => (one.count > most.count ? one : most));
    if (main.count * 2 < all || main.count === all) return;
    const others = values.filter(({ kind, count }) => kind !== main.kind && count > 0);
    const said = others.map(({ kind, count }) => `${count} ${NAMES[kind]} (first ${this.#shown(kind)})`).join(', ');
    notes.set('mixed-types', all - main.count, `${main.count} values are ${NAMES[main.kind]}, but ${said}`, column);
  }

  #shown(kind: number): string {
    const example = this.#first[kind];
    return example === undefined ? 'none' : `${masked(example.text)} in row ${example.row + 1}`;
  }
}
