// JSON lines, or one array of objects, as a table. The first pass finds all keys and their types, for any row may have its
// own; the second delivers. JSON says itself what is a number: a text of digits stays a text. Texts that are all ISO 8601
// become times, as in a CSV.
import { isJsonObject } from '@vallum/core';
import type { Source } from '../bytes/parser.js';
import { NumberBuilder, TextBuilder } from '../table/builders.js';
import { chooseColumns } from '../table/choose.js';
import { masked, quoted, tableError } from '../table/errors.js';
import { TextFeed } from '../table/feed.js';
import type { InputOptions } from '../table/input.js';
import { TextInput } from '../table/input.js';
import type { TableLimits } from '../table/limits.js';
import { BATCH_BYTES, batchRows, TABLE_DEFAULTS } from '../table/limits.js';
import { Notes } from '../table/notes.js';
import type { Batch, BatchOptions, Column, ColumnType, Table, TableNote, Values } from '../table/table.js';
import { JsonSurvey, timeOf } from './column-survey.js';
import type { Scalar } from './flatten.js';
import { flatten } from './flatten.js';
import type { JsonLayout } from './records.js';
import { JsonRecords } from './records.js';
import type { ReadRecord } from './wide-integers.js';
import { readKnownRecord, readRecord } from './wide-integers.js';

export interface JsonTableOptions extends Omit<InputOptions, 'maxUnpackedBytes'> {
  /** `lines` by default. */
  readonly layout?: JsonLayout;
  readonly types?: Readonly<Record<string, ColumnType>>;
  readonly limits?: TableLimits;
  readonly signal?: AbortSignal;
  readonly progress?: (read: number, bytes: number) => void;
}

const MAX_DEPTH = 32;
/** Other formats pay for a column in their header; here a row of some bytes can bring new ones. */
const MAX_KEYS = 10_000;
/** Cells that no row gave; each is filled in at every reading. */
const MAX_ABSENT = 1e9;

/**
 * @throws VallumError `TABLE_JSON` naming the line (not JSON, no object, a key twice), `TABLE_ENCODING`, `TABLE_LIMIT`,
 * `TABLE_COMPRESSED`, `TABLE_CHANGED`
 */
export async function openJsonLines(source: Source, options: JsonTableOptions = {}): Promise<Table> {
  const limits = { ...TABLE_DEFAULTS, ...options.limits };
  const input = new TextInput(source, { ...options, maxUnpackedBytes: limits.maxUnpackedBytes });
  const layout = options.layout ?? 'lines';
  const maxKeys = Math.min(limits.maxColumns, MAX_KEYS);
  const notes = new Notes();
  const surveys = new Map<string, JsonSurvey>();
  let rows = 0;
  let wide = false;
  let given = 0;
  const put = (name: string, value: Scalar, json: boolean): boolean => {
    let survey = surveys.get(name);
    if (survey === undefined) {
      if (surveys.size >= maxKeys)
        throw tableError(
          'TABLE_LIMIT',
          `it has more than ${maxKeys} different keys`,
          'keep what varies in values, not in keys',
        );
      survey = new JsonSurvey(name);
      surveys.set(name, survey);
    }
    if (survey.lastRow === rows) return false;
    survey.lastRow = rows;
    given += 1;
    survey.add(value, json, rows, wide);
    return true;
  };
  const feed = new TextFeed(input, limits.maxRowBytes, options.signal);
  const records = new JsonRecords(layout);
  try {
    while (!feed.final) {
      await feed.more();
      for (let record = records.next(feed); record !== undefined; record = records.next(feed)) {
        const text = feed.bytes.toString('utf8', record.start, record.end);
        const result = readRecord(text, MAX_DEPTH);
        if (!result.ok) throw refused(records, result.why);
        wide = result.record.wide;
        addRow(result.record, records, put);
        rows += 1;
      }
      options.signal?.throwIfAborted();
      options.progress?.(input.read, input.bytes);
    }
  } finally {
    await feed.close();
  }
  if (rows * surveys.size - given > MAX_ABSENT)
    throw tableError(
      'TABLE_LIMIT',
      `its ${rows} rows lack more than ${MAX_ABSENT} of the values that its ${surveys.size} different keys ask for`,
      'keep what varies in values, not in keys, or read it as Parquet',
    );
  if (records.blankLines > 0) notes.set('blank-lines', records.blankLines, 'blank lines are left out');
  // A key of the file may be `constructor`.
  const types = new Map(Object.entries(options.types ?? {}));
  const columns = [...surveys.values()].map((survey): Column => {
    const type = types.get(survey.name) ?? survey.type();
    survey.note(notes, rows, type);
    return { name: survey.name, type, stored: survey.empty ? 'empty' : 'JSON' };
  });
  return new JsonTable({ input, layout, limits, notes: notes.list(), rows, columns });
}

function addRow(
  record: ReadRecord,
  records: JsonRecords,
  put: (name: string, value: Scalar, json: boolean) => boolean,
): void {
  const { value } = record;
  if (!isJsonObject(value)) throw refused(records, 'it is no object');
  const twice = flatten(value, record, put);
  if (twice !== undefined) throw refused(records, `two of its values are the column ${quoted(twice)}`);
}

function refused(records: JsonRecords, why: string): Error {
  return tableError('TABLE_JSON', `${records.place} is refused: ${why}`, 'write one JSON object a line, each key once');
}

interface JsonPlan {
  readonly input: TextInput;
  readonly layout: JsonLayout;
  readonly limits: Required<TableLimits>;
  readonly notes: readonly TableNote[];
  readonly rows: number;
  readonly columns: readonly Column[];
}

class JsonTable implements Table {
  readonly format = 'jsonl';
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly notes: readonly TableNote[];
  readonly #plan: JsonPlan;

  constructor(plan: JsonPlan) {
    this.columns = plan.columns;
    this.rows = plan.rows;
    this.notes = plan.notes;
    this.#plan = plan;
  }

  get read(): number {
    return this.#plan.input.read;
  }

  get bytes(): number {
    return this.#plan.input.bytes;
  }

  async *batches(options: BatchOptions = {}): AsyncGenerator<Batch, void, undefined> {
    const { input, layout, limits, rows } = this.#plan;
    const names = this.columns.map(({ name }) => name);
    const capacity = Math.min(batchRows(names.length), Math.max(1, rows));
    const columns = chooseColumns(names, options.columns).map(
      (index) => new JsonColumn(this.columns[index]!, capacity),
    );
    const byName = new Map(columns.map((column) => [column.name, column]));
    const feed = new TextFeed(input, limits.maxRowBytes, options.signal);
    const records = new JsonRecords(layout);
    let start = 0;
    let filled = 0;
    let bytes = 0;
    const put = (name: string, value: Scalar): boolean => {
      byName.get(name)?.put(filled, start + filled, value);
      return true;
    };
    const take = (): Batch => ({ start, rows: filled, columns: columns.map((column) => column.take(filled)) });
    try {
      while (!feed.final) {
        options.signal?.throwIfAborted();
        await feed.more();
        for (let record = records.next(feed); record !== undefined; record = records.next(feed)) {
          if (start + filled >= rows) throw changed();
          addRow(parsed(feed, record.start, record.end), records, put);
          filled += 1;
          bytes += record.end - record.start;
          if (filled < capacity && bytes < BATCH_BYTES) continue;
          yield take();
          options.signal?.throwIfAborted();
          for (const column of columns) column.reset(filled);
          start += filled;
          filled = 0;
          bytes = 0;
        }
      }
      if (start + filled !== rows) throw changed();
      if (filled > 0) yield take();
    } finally {
      await feed.close();
    }
  }

  async close(): Promise<void> {
    // Nothing is open here: the source belongs to whoever made it.
  }
}

function parsed(feed: TextFeed, start: number, end: number): ReadRecord {
  try {
    return readKnownRecord(feed.bytes.toString('utf8', start, end), MAX_DEPTH);
  } catch {
    throw changed();
  }
}

function changed(): Error {
  return tableError('TABLE_CHANGED', 'the file changed between two readings', 'read it while nobody writes to it');
}

/** A column while it is filled: rows that do not set it stay missing. */
class JsonColumn {
  readonly name: string;
  readonly #type: ColumnType;
  readonly #numbers: NumberBuilder | undefined;
  readonly #texts: TextBuilder | undefined;
  /** Rows of this batch that are set or known to be missing. */
  #done = 0;

  constructor({ name, type }: Column, rows: number) {
    this.name = name;
    this.#type = type;
    if (type === 'text') this.#texts = new TextBuilder(rows);
    else this.#numbers = new NumberBuilder(type, rows);
  }

  put(row: number, tableRow: number, value: Scalar): void {
    if (value === null) return;
    this.#missUntil(row);
    this.#done = row + 1;
    if (this.#texts !== undefined) {
      this.#texts.setText(row, String(value));
      return;
    }
    const number = this.#number(value);
    if (Number.isNaN(number))
      throw tableError(
        'TABLE_VALUE',
        `row ${tableRow + 1} of column ${quoted(this.name)} is ${masked(String(value))}, which is no ${this.#type}`,
        'let the column be text, or read the file while nobody writes to it',
      );
    this.#numbers!.values[row] = number;
  }

  #number(value: string | number | boolean): number {
    if (this.#type === 'number') return typeof value === 'number' ? value : NaN;
    if (this.#type === 'boolean') return typeof value === 'boolean' ? Number(value) : NaN;
    return typeof value === 'string' ? timeOf(value) : NaN;
  }

  #missUntil(row: number): void {
    for (let at = this.#done; at < row; at++) (this.#texts ?? this.#numbers)?.miss(at);
  }

  take(rows: number): Values {
    this.#missUntil(rows);
    return (this.#texts ?? this.#numbers)!.take(rows);
  }

  reset(rows: number): void {
    this.#done = 0;
    (this.#texts ?? this.#numbers)?.reset(rows);
  }
}
