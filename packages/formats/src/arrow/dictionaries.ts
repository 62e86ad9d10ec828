// The dictionaries of an Arrow file: the values that a column's indices stand for. They may grow from batch to batch, and in a
// stream be replaced.
import { brokenTable } from '../columnar/fault.js';
import { NumberColumn } from '../columnar/number-column.js';
import { Account } from '../columnar/budget.js';
import type { Budget } from '../columnar/budget.js';
import { integer } from './types.js';
import type { Reading } from './types.js';
import { TextColumn } from '../columnar/text-column.js';
import type { Body } from './body.js';
import { readMissing, readValues, viewOf } from './columns.js';
import type { Span } from './columns.js';
import type { Leaf, Place } from './fields.js';
import { placesOf } from './fields.js';
import type { RecordBatch } from './messages.js';
import type { Field } from './schema.js';

/** Bytes that an entry takes, about. */
const ENTRY = 40;

interface Dictionary {
  /** Of a text dictionary; one that is missing is an empty text here. */
  readonly texts: string[];
  /** Of a dictionary of numbers. */
  readonly values: Float64Array;
  /** 1 where the entry stands for a missing value. */
  readonly missing: Uint8Array;
  /** 1 where the entry is rounded. */
  readonly rounded: Uint8Array;
}

export class Dictionaries {
  readonly #fields = new Map<number, { readonly field: Field; readonly reading: Reading }>();
  readonly #known = new Map<number, Dictionary>();
  readonly #budget: Budget;
  /** What each dictionary takes: given back when it is replaced. */
  readonly #accounts = new Map<number, Account>();
  /** Entries that were no UTF-8, by dictionary. */
  readonly #invalid = new Map<number, number>();

  constructor(leaves: readonly Leaf[], budget: Budget) {
    this.#budget = budget;
    for (const { field, reading } of leaves)
      if (field.dictionary !== undefined && reading !== undefined)
        this.#fields.set(field.dictionary.id, { field: { ...field, dictionary: undefined }, reading });
  }

  invalid(id: number): number {
    return this.#invalid.get(id) ?? 0;
  }

  /** Takes in a dictionary batch; one that no column that is read asks for is left. @throws VallumError `TABLE_*` */
  async add(id: number, batch: RecordBatch, body: Body, delta: boolean): Promise<void> {
    const wanted = this.#fields.get(id);
    if (wanted === undefined) return;
    const { field, reading } = wanted;
    const { rows } = batch;
    const [place] = placesOf([field], batch);
    const before = delta ? this.#known.get(id) : undefined;
    if (delta && before === undefined) throw brokenTable('a dictionary is continued that was not there');
    const account = this.#accounts.get(id) ?? new Account(this.#budget);
    this.#accounts.set(id, account);
    if (!delta) account.release();
    account.take(rows * ENTRY);
    const column = reading.type === 'text' ? new TextColumn(rows) : new NumberColumn(reading.type, rows);
    const span = { from: 0, count: rows };
    await readMissing(body, place!, span, column);
    await readValues(reading, body, place!, span, column);
    const taken = column.take(rows);
    const missing = new Uint8Array(rows);
    let texts: string[] = [];
    let values = new Float64Array(0);
    const rounded = new Uint8Array(rows);
    if (taken.type === 'text') {
      texts = Array.from(taken.codes, (code) => taken.levels[code] ?? '');
      for (let i = 0; i < rows; i++) missing[i] = taken.codes[i]! < 0 ? 1 : 0;
    } else {
      values = taken.values.slice();
      if (taken.missing !== undefined) missing.set(taken.missing);
      if (column instanceof NumberColumn && column.rounded > 0)
        await markRounded(reading, body, place!, column, rounded);
    }
    if (column instanceof TextColumn)
      this.#invalid.set(id, (before === undefined ? 0 : this.invalid(id)) + column.invalid);
    this.#known.set(
      id,
      before === undefined ? { texts, values, missing, rounded } : joined(before, { texts, values, missing, rounded }),
    );
  }

  /** Puts the values of a column whose indices are in `body`. @throws VallumError `TABLE_*` */
  async read(
    { field, reading }: Leaf,
    body: Body,
    { buffer }: Place,
    { from, count }: Span,
    column: NumberColumn | TextColumn,
  ): Promise<void> {
    const { id, width, signed } = field.dictionary!;
    const index = integer(width, signed);
    const dictionary = this.#known.get(id);
    if (index === undefined) throw brokenTable('the indices of a dictionary have no valid type');
    const view = viewOf(await body.slice(buffer, from * index.width, count * index.width));
    const indices = new Float64Array(count);
    index.convert(view, 0, indices, 0, count);
    const size =
      dictionary === undefined ? 0 : reading?.type === 'text' ? dictionary.texts.length : dictionary.values.length;
    const before = column instanceof TextColumn && dictionary !== undefined ? column.use(dictionary.texts) : 0;
    for (let row = 0; row < count; row++) {
      if (column.isMissing(row)) continue;
      const at = indices[row]!;
      if (dictionary === undefined || !(at >= 0 && at < size))
        throw brokenTable('an index leads beyond its dictionary');
      if (dictionary.missing[at] === 1) column.miss(row);
      else if (column instanceof TextColumn) column.lane[row] = before + at;
      else {
        column.lane[row] = dictionary.values[at]!;
        column.rounded += dictionary.rounded[at]!;
      }
    }
  }
}

/** Reads the entries one by one, to say which of them are rounded. */
async function markRounded(
  reading: Reading,
  body: Body,
  place: Place,
  column: NumberColumn,
  rounded: Uint8Array,
): Promise<void> {
  if (reading.form !== 'fixed') return;
  const { width, convert } = reading.fixed;
  const view = viewOf(await body.slice(place.buffer, 0, rounded.length * width));
  const one = new Float64Array(1);
  for (let i = 0; i < rounded.length; i++) rounded[i] = column.isMissing(i) ? 0 : convert(view, i * width, one, 0, 1);
}

function joined(one: Dictionary, other: Dictionary): Dictionary {
  const both = <T extends Uint8Array | Float64Array>(room: T, [first, second]: readonly [T, T]): T => {
    room.set(first);
    room.set(second, first.length);
    return room;
  };
  const bytes = (first: Uint8Array, second: Uint8Array): Uint8Array =>
    both(new Uint8Array(first.length + second.length), [first, second]);
  return {
    texts: one.texts.concat(other.texts),
    values: both(new Float64Array(one.values.length + other.values.length), [one.values, other.values]),
    missing: bytes(one.missing, other.missing),
    rounded: bytes(one.rounded, other.rounded),
  };
}
