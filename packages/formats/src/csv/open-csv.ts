// CSV and its relatives as a table, in two passes: the first decides names and types from all values, the second delivers
// batches. Neither keeps more than a piece of the file. Types follow from the text alone: fields that are quoted are texts
// where the column has texts, and only bare empty fields and the words of a list are missing.
import type { Source } from '../bytes/parser.js';
import { distinctNames } from '../table/distinct-names.js';
import { chooseColumns } from '../table/choose.js';
import { quoted, tableError } from '../table/errors.js';
import { TextFeed } from '../table/feed.js';
import type { InputOptions } from '../table/input.js';
import { TextInput } from '../table/input.js';
import type { TableLimits } from '../table/limits.js';
import { BATCH_BYTES, batchRows, TABLE_DEFAULTS } from '../table/limits.js';
import { Notes } from '../table/notes.js';
import type { Batch, BatchOptions, Column, ColumnType, Table, TableNote } from '../table/table.js';
import { fieldColumn } from './columns.js';
import { WordSet } from './missing-words.js';
import { parseNumber } from './numbers.js';
import { saidDelimiter, sniffDelimiter } from './sniff-delimiter.js';
import { ColumnSurvey } from './survey.js';
import { CsvTokens } from './tokens.js';

export interface CsvOptions extends Omit<InputOptions, 'maxUnpackedBytes'> {
  /** One ASCII character; sniffed among `,` tab `;` `|` by default. */
  readonly delimiter?: string;
  /** Whether the first line holds names; default true. Without names columns are `column 1`, ... */
  readonly header?: boolean;
  /** Types of some columns, by name. A value that is none of its type is an error. */
  readonly types?: Readonly<Record<string, ColumnType>>;
  /** Words that stand for no value, instead of those in missing-words.json. */
  readonly missing?: readonly string[];
  readonly limits?: TableLimits;
  readonly signal?: AbortSignal;
  /** Bytes read in the pass that decides the types, of all; called about once per MiB. */
  readonly progress?: (read: number, bytes: number) => void;
}

interface Shape {
  /** Bytes of a first line `sep=;`, by which Excel is told the delimiter. */
  readonly skip: number;
  readonly delimiter: number;
  readonly header: boolean;
  readonly names: readonly string[];
}

/**
 * @throws VallumError `TABLE_EMPTY`, `TABLE_ENCODING`, `TABLE_RAGGED`, `TABLE_QUOTE`, `TABLE_NUL`, `TABLE_LIMIT`,
 * `TABLE_COMPRESSED`, `TABLE_OPTION`, `TABLE_CHANGED`, each naming the line where there is one
 */
export async function openCsv(source: Source, options: CsvOptions = {}): Promise<Table> {
  const limits = { ...TABLE_DEFAULTS, ...options.limits };
  const input = new TextInput(source, { ...options, maxUnpackedBytes: limits.maxUnpackedBytes });
  const missing = new WordSet(options.missing);
  const notes = new Notes();
  const feed = new TextFeed(input, limits.maxRowBytes, options.signal);
  let rows = 0;
  try {
    await feed.more();
    const shape = await readShape(feed, options, limits, notes, input.mostBytes + 1);
    const surveys = shape.names.map(() => new ColumnSurvey());
    const tokens = new CsvTokens(shape.delimiter, shape.names.length, input.mostBytes + 1);
    tokens.width = shape.names.length;
    if (shape.header) await skipHeader(feed, tokens);
    for (;;) {
      feed.at = tokens.run(feed.bytes, feed.at, feed.end, feed.final, tokens.most);
      for (let column = 0; column < surveys.length; column++)
        surveys[column]!.add(feed.bytes, tokens, column, rows, missing);
      rows += tokens.rows;
      if (tokens.rows > 0) continue;
      if (feed.final) break;
      options.signal?.throwIfAborted();
      options.progress?.(input.read, input.bytes);
      await feed.more();
    }
    noteTokens(tokens, notes);
    return new CsvTable({
      input,
      shape,
      limits,
      missing,
      notes,
      rows,
      columns: columnsOf(shape, surveys, options, notes),
    });
  } finally {
    await feed.close();
  }
}

/** Delimiter and names, from the first row, which stays unread. */
async function readShape(
  feed: TextFeed,
  options: CsvOptions,
  limits: Required<TableLimits>,
  notes: Notes,
  mostFields: number,
): Promise<Shape> {
  const said = saidDelimiter(feed.bytes.subarray(0, feed.end));
  const delimiter =
    options.delimiter === undefined
      ? (said?.delimiter ?? sniffDelimiter(feed.bytes.subarray(0, feed.end)))
      : byteOf(options.delimiter);
  const skip = said?.delimiter === delimiter ? said.length : 0;
  feed.at += skip;
  if (skip > 0) notes.set('separator-line', 1, 'the first line names the delimiter, and is no row');
  const tokens = new CsvTokens(delimiter, limits.maxColumns, mostFields);
  for (;;) {
    tokens.run(feed.bytes, feed.at, feed.end, feed.final, 1);
    if (tokens.rows > 0) break;
    if (feed.final)
      throw tableError('TABLE_EMPTY', 'it has no row, not even one of names', 'check that the file is complete');
    await feed.more();
  }
  const fields = Array.from({ length: tokens.width }, (_, field) => {
    const text = feed.bytes.toString('utf8', tokens.bounds[field * 2], tokens.bounds[field * 2 + 1]);
    return text.replaceAll('""', '"');
  });
  const header = options.header ?? true;
  if (header && fields.every((text) => !Number.isNaN(parseNumber(Buffer.from(text), 0, Buffer.byteLength(text)))))
    notes.set('header-numbers', 1, 'the first line is taken as names, but all of them are numbers');
  return {
    skip,
    delimiter,
    header,
    names: distinctNames(header ? fields : fields.map((_, at) => `column ${at + 1}`), notes, 'the first line'),
  };
}

function byteOf(delimiter: string): number {
  if (!/^[\x01-\x09\x0b\x0c\x0e-\x21\x23-\x2c\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]$/.test(delimiter))
    throw tableError(
      'TABLE_OPTION',
      `${quoted(delimiter)} cannot delimit fields`,
      'name one ASCII character, such as a comma',
    );
  return delimiter.charCodeAt(0);
}

async function skipHeader(feed: TextFeed, tokens: CsvTokens): Promise<void> {
  while (tokens.rows === 0) {
    feed.at = tokens.run(feed.bytes, feed.at, feed.end, feed.final, 1);
    if (tokens.rows > 0) break;
    if (feed.final) throw changed();
    await feed.more();
  }
  tokens.rows = 0;
}

function noteTokens(tokens: CsvTokens, notes: Notes): void {
  if (tokens.blankLines > 0) notes.set('blank-lines', tokens.blankLines, 'blank lines are left out');
  if (tokens.strayQuotes > 0)
    notes.set('stray-quotes', tokens.strayQuotes, 'quotes inside fields that are not quoted are taken as they are');
  if (tokens.loneReturns > 0)
    notes.set('lone-returns', tokens.loneReturns, 'carriage returns without a line feed are taken as ends of lines');
}

function columnsOf(
  shape: Shape,
  surveys: readonly ColumnSurvey[],
  options: CsvOptions,
  notes: Notes,
): readonly Column[] {
  const types = new Map(Object.entries(options.types ?? {}));
  for (const name of types.keys())
    if (!shape.names.includes(name))
      throw tableError(
        'TABLE_COLUMN',
        `there is no column ${quoted(name)} to give a type`,
        'look at the names in the first line',
      );
  return shape.names.map((name, index) => {
    const survey = surveys[index]!;
    const type = types.get(name) ?? survey.type();
    survey.note(notes, name, type);
    return { name, type, stored: survey.empty ? 'empty' : 'text' };
  });
}

function changed(): Error {
  return tableError('TABLE_CHANGED', 'the file changed between two readings', 'read it while nobody writes to it');
}

interface CsvPlan {
  readonly input: TextInput;
  readonly shape: Shape;
  readonly limits: Required<TableLimits>;
  readonly missing: WordSet;
  readonly notes: Notes;
  readonly rows: number;
  readonly columns: readonly Column[];
}

class CsvTable implements Table {
  readonly format: string;
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly notes: readonly TableNote[];
  readonly #plan: CsvPlan;

  constructor(plan: CsvPlan) {
    this.format = plan.shape.delimiter === 0x09 ? 'tsv' : 'csv';
    this.columns = plan.columns;
    this.rows = plan.rows;
    this.notes = plan.notes.list();
    this.#plan = plan;
  }

  get read(): number {
    return this.#plan.input.read;
  }

  get bytes(): number {
    return this.#plan.input.bytes;
  }

  async *batches(options: BatchOptions = {}): AsyncGenerator<Batch, void, undefined> {
    const { input, shape, limits, missing, rows } = this.#plan;
    const capacity = Math.min(batchRows(shape.names.length), Math.max(1, rows));
    const columns = chooseColumns(shape.names, options.columns).map((index) =>
      fieldColumn({ ...this.columns[index]!, index, rows: capacity, missing }),
    );
    const feed = new TextFeed(input, limits.maxRowBytes, options.signal);
    try {
      const tokens = new CsvTokens(shape.delimiter, shape.names.length, input.mostBytes + 1);
      tokens.width = shape.names.length;
      if (shape.skip > 0) await feed.more();
      feed.at += shape.skip;
      if (shape.header) await skipHeader(feed, tokens);
      let start = 0;
      let filled = 0;
      let bytes = 0;
      for (let done = false; !done;) {
        const from = feed.at;
        feed.at = tokens.run(feed.bytes, from, feed.end, feed.final, Math.min(tokens.most, capacity - filled));
        for (const column of columns) column.add(feed.bytes, tokens, filled, start + filled);
        filled += tokens.rows;
        bytes += feed.at - from;
        if (tokens.rows === 0) {
          done = feed.final;
          if (!done) {
            options.signal?.throwIfAborted();
            await feed.more();
          }
        }
        if (filled === 0 || !(done || filled === capacity || bytes > BATCH_BYTES)) continue;
        if (start + filled > rows) throw changed();
        yield { start, rows: filled, columns: columns.map((column) => column.take(filled)) };
        options.signal?.throwIfAborted();
        for (const column of columns) column.reset(filled);
        start += filled;
        filled = 0;
        bytes = 0;
      }
      if (start !== rows) throw changed();
    } finally {
      await feed.close();
    }
  }

  async close(): Promise<void> {
    // Nothing is open here: the source belongs to whoever made it.
  }
}
