// The first pass over a column of JSON: how many of its values are of which type, so that one type can hold them all.
import { parseTime } from '../csv/times.js';
import { masked } from '../table/errors.js';
import type { Notes } from '../table/notes.js';
import type { ColumnType } from '../table/table.js';
import type { Scalar } from './flatten.js';

const NAMES = ['number', 'boolean', 'time', 'text', 'array or object'] as const;

export class JsonSurvey {
  readonly name: string;
  /** The row that set it last: a second value in one row is an error. */
  lastRow = -1;
  #nulls = 0;
  #rounded = 0;
  readonly #counts = [0, 0, 0, 0, 0];
  readonly #first: (string | undefined)[] = [];

  constructor(name: string) {
    this.name = name;
  }

  add(value: Scalar, json: boolean, row: number, wide: boolean): void {
    if (value === null) {
      this.#nulls += 1;
      return;
    }
    const kind = kindOf(value, json);
    if (this.#counts[kind]!++ === 0) this.#first[kind] = `${masked(String(value).slice(0, 64))} in row ${row + 1}`;
    if (wide && Number.isInteger(value) && !Number.isSafeInteger(value)) this.#rounded += 1;
  }

  get #values(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  get empty(): boolean {
    return this.#values === 0;
  }

  type(): ColumnType {
    const kinds = NAMES.filter((_, kind) => this.#counts[kind]! > 0);
    const only = kinds.length === 1 ? kinds[0] : undefined;
    return only === undefined || only === 'array or object' ? 'text' : only;
  }

  note(notes: Notes, rows: number, type: ColumnType): void {
    const values = this.#values;
    if (values === 0) notes.set('all-missing', rows, 'no row has a value', this.name);
    const absent = rows - values - this.#nulls;
    if (absent > 0) notes.set('absent-keys', absent, 'rows lack this key; it is taken as missing', this.name);
    if (this.#rounded > 0)
      notes.set('integers-rounded', this.#rounded, 'integers have more digits than a double holds', this.name);
    const most = Math.max(...this.#counts);
    if (type !== 'text' || most === values) return;
    const main = this.#counts.indexOf(most);
    // A text that looks like a time is a text like others.
    if (this.#counts[0]! + this.#counts[1]! + this.#counts[4]! === 0 && main === 3) return;
    const others = NAMES.map((name, kind) => ({ name, kind })).filter(
      ({ kind }) => kind !== main && this.#counts[kind]! > 0,
    );
    const said = others
      .map(({ name, kind }) => `${this.#counts[kind]} ${name} (first ${this.#first[kind]})`)
      .join(', ');
    notes.set('mixed-types', values - most, `${most} values are ${NAMES[main]}, but ${said}`, this.name);
  }
}

function kindOf(value: string | number | boolean, json: boolean): number {
  if (typeof value === 'number') return 0;
  if (typeof value === 'boolean') return 1;
  if (json) return 4;
  return Number.isNaN(timeOf(value)) ? 3 : 2;
}

/** Milliseconds since 1970, or NaN. */
export function timeOf(text: string): number {
  if (text.length < 10 || text.length > 40 || text[4] !== '-') return NaN;
  const bytes = Buffer.from(text);
  return parseTime(bytes, 0, bytes.length);
}
