// The second pass over a column: from bytes to the values of a batch. What the first pass promised is checked again, because
// the file may have changed in between.
import { NumberBuilder, TextBuilder } from '../table/builders.js';
import { masked, quoted, tableError } from '../table/errors.js';
import type { ColumnType, Values } from '../table/table.js';
import { classify, KIND, parseBoolean } from './classify.js';
import type { WordSet } from './missing-words.js';
import { isPlain, parseNumber, parsePlain } from './numbers.js';
import { parseTime } from './times.js';
import type { CsvTokens } from './tokens.js';
import { isAscii, MARK } from './tokens.js';

export interface FieldColumn {
  /** Puts the rows of a run behind the `filled` ones; the first of them is row `start` of the table. */
  add(bytes: Buffer, tokens: CsvTokens, filled: number, start: number): void;
  take(rows: number): Values;
  reset(rows: number): void;
}

interface ColumnPlan {
  readonly index: number;
  readonly name: string;
  readonly type: ColumnType;
  readonly rows: number;
  readonly missing: WordSet;
}

export function fieldColumn(plan: ColumnPlan): FieldColumn {
  return plan.type === 'text' ? new TextFields(plan) : new NumberFields(plan, plan.type);
}

const PARSERS = { number: parseNumber, time: parseTime, boolean: parseBoolean } as const;

class NumberFields implements FieldColumn {
  readonly #plan: ColumnPlan;
  readonly #builder: NumberBuilder;
  readonly #parse: (bytes: Buffer, start: number, end: number) => number;

  constructor(plan: ColumnPlan, type: 'number' | 'time' | 'boolean') {
    this.#plan = plan;
    this.#builder = new NumberBuilder(type, plan.rows);
    this.#parse = PARSERS[type];
  }

  add(bytes: Buffer, tokens: CsvTokens, filled: number, start: number): void {
    const { bounds, marks, width, rows } = tokens;
    const { values } = this.#builder;
    const numeric = this.#builder.type === 'number';
    for (let row = 0, field = this.#plan.index; row < rows; row++, field += width) {
      const from = bounds[field * 2]!;
      const to = bounds[field * 2 + 1]!;
      const mark = marks[field]!;
      if (numeric && isPlain(bytes, from, to, mark)) {
        values[filled + row] = parsePlain(bytes, from, to, mark);
        continue;
      }
      const value = this.#parse(bytes, from, to);
      if (value === value) values[filled + row] = value;
      else this.#rare(bytes, from, to, filled + row, start + row, mark);
    }
  }

  /** Blank, missing, with spaces around it - or not of the type. */
  #rare(bytes: Buffer, start: number, end: number, row: number, tableRow: number, mark: number): void {
    const kind = classify(bytes, start, end, mark, this.#plan.missing);
    if (kind === KIND.missing || kind === KIND.blank) {
      this.#builder.miss(row);
      return;
    }
    let from = start;
    let to = end;
    while (bytes[from] === 0x20) from += 1;
    while (bytes[to - 1] === 0x20) to -= 1;
    const value = this.#parse(bytes, from, to);
    if (Number.isNaN(value)) throw this.#wrong(bytes.toString('utf8', from, Math.min(to, from + 64)), tableRow);
    this.#builder.values[row] = value;
  }

  #wrong(text: string, row: number): Error {
    const { name, type } = this.#plan;
    return tableError(
      'TABLE_VALUE',
      `row ${row + 1} of column ${quoted(name)} is ${masked(text)}, which is no ${type}`,
      'let the column be text, or read the file while nobody writes to it',
    );
  }

  take(rows: number): Values {
    return this.#builder.take(rows);
  }

  reset(): void {
    this.#builder.reset();
  }
}

class TextFields implements FieldColumn {
  readonly #plan: ColumnPlan;
  readonly #builder: TextBuilder;

  constructor(plan: ColumnPlan) {
    this.#plan = plan;
    this.#builder = new TextBuilder(plan.rows);
  }

  add(bytes: Buffer, tokens: CsvTokens, filled: number): void {
    const { bounds, marks, width, rows } = tokens;
    const builder = this.#builder;
    const { missing } = this.#plan;
    for (let row = 0, field = this.#plan.index; row < rows; row++, field += width) {
      const from = bounds[field * 2]!;
      const to = bounds[field * 2 + 1]!;
      const mark = marks[field]!;
      if ((mark & MARK.doubled) !== 0)
        builder.setText(filled + row, bytes.toString('utf8', from, to).replaceAll('""', '"'));
      else if ((mark & MARK.quoted) === 0 && (from === to || missing.has(bytes, from, to))) builder.miss(filled + row);
      else builder.setBytes(filled + row, bytes, from, to, isAscii(mark));
    }
  }

  take(rows: number): Values {
    return this.#builder.take(rows);
  }

  reset(rows: number): void {
    this.#builder.reset(rows);
  }
}
