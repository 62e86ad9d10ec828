// Arrow files (Feather version 2) and streams as tables: the IPC format of the Arrow project, metadata version 4 and 5. The rows
// of a batch are read in parts where it is not compressed; a compressed buffer is unpacked whole.
import { pause } from '@vallum/core';
import type { Source } from '../bytes/parser.js';
import { Budget } from '../columnar/budget.js';
import { brokenTable, largeTable, unsupportedTable } from '../columnar/fault.js';
import { noteColumn } from '../columnar/notes.js';
import { NumberColumn } from '../columnar/number-column.js';
import { TextColumn } from '../columnar/text-column.js';
import { distinctNames } from '../table/distinct-names.js';
import { chooseColumns } from '../table/choose.js';
import { BATCH_BYTES, batchRows } from '../table/limits.js';
import { Notes } from '../table/notes.js';
import type { Batch, BatchOptions, Column, Table, TableNote } from '../table/table.js';
import { Body } from './body.js';
import { readMissing, readValues } from './columns.js';
import { Dictionaries } from './dictionaries.js';
import type { Leaf, Place } from './fields.js';
import { leavesOf, placesOf } from './fields.js';
import type { Framed } from './frames.js';
import { readFileFooter, readFrame } from './frames.js';
import type { Extent, RecordBatch } from './messages.js';
import type { Field, Schema } from './schema.js';
import type { Reading } from './types.js';

/** Rows that a file of any size may have, and rows of a larger one per byte: a column of nothing takes no room. */
const MAX_FREE_ROWS = 2 ** 27;
const MAX_ROWS_PER_BYTE = 100_000;

type Readable = Leaf & { readonly reading: Reading; readonly column: Column; readonly index: number };

/** Where the messages are: listed by a file, or one behind the other from `start` on. */
type Layout =
  | { readonly kind: 'file'; readonly blocks: readonly Extent[]; readonly end: number; readonly rows: number }
  | { readonly kind: 'stream'; readonly start: number };

/** @throws VallumError `TABLE_BROKEN`, `TABLE_UNSUPPORTED` (big-endian, Feather 1), `TABLE_LIMIT`, `TABLE_CHANGED` */
export async function openArrow(source: Source, options: { readonly signal?: AbortSignal } = {}): Promise<Table> {
  options.signal?.throwIfAborted();
  const file = await readFileFooter(source);
  if (file === undefined) {
    const first = await readFrame(source, 0, source.size);
    if (first === undefined || first === 'end' || first.message.kind !== 'schema')
      throw brokenTable('it does not begin as an Arrow file or stream');
    return new ArrowTable(source, first.message.schema, {
      kind: 'stream',
      start: first.body.offset + first.body.length,
    });
  }
  const { footer, end } = file;
  let rows = 0;
  for (const block of footer.batches) {
    const { message } = await readBlock(source, block, end);
    if (message.kind !== 'rows') throw brokenTable('its footer names a batch of rows that is none');
    rows += message.batch.rows;
    options.signal?.throwIfAborted();
  }
  checkRows(rows, source.size);
  const blocks = [...footer.dictionaries, ...footer.batches];
  return new ArrowTable(source, footer.schema, { kind: 'file', blocks, end, rows });
}

async function readBlock(source: Source, { offset, length }: Extent, end: number): Promise<Framed> {
  const framed = await readFrame(source, offset, Math.min(end, offset + length));
  if (framed === undefined || framed === 'end') throw brokenTable('its footer names a message that is not there');
  return framed;
}

function checkRows(rows: number, size: number): void {
  if (rows > MAX_FREE_ROWS && rows / size > MAX_ROWS_PER_BYTE)
    throw largeTable(`it says that it has ${rows} rows in ${size} bytes`);
}

class ArrowTable implements Table {
  readonly format = 'arrow';
  readonly columns: readonly Column[];
  readonly rows: number | undefined;
  readonly bytes: number;
  read = 0;
  readonly #source: Source;
  readonly #fields: readonly Field[];
  readonly #layout: Layout;
  readonly #unread: { readonly name: string; readonly why: string }[] = [];
  readonly #readable: readonly Readable[];
  readonly #notes = new Notes();

  constructor(source: Source, { bigEndian, fields }: Schema, layout: Layout) {
    if (bigEndian) throw unsupportedTable('its numbers are big-endian', 'write it on a little-endian machine');
    this.#source = source;
    this.#fields = fields;
    this.#layout = layout;
    this.rows = layout.kind === 'file' ? layout.rows : undefined;
    this.bytes = source.size;
    const leaves = leavesOf(fields);
    const names = distinctNames(
      leaves.map(({ name }) => name),
      this.#notes,
      'the schema',
    );
    this.#readable = leaves.flatMap((leaf, index) => {
      const { reading, stored } = leaf;
      const name = names[index]!;
      if (reading !== undefined) return [{ ...leaf, reading, index, column: { name, type: reading.type, stored } }];
      this.#unread.push({ name, why: `its type ${stored} is not read` });
      return [];
    });
    this.columns = this.#readable.map(({ column }) => column);
    this.#noteUnread(this.rows ?? 0);
  }

  /** A stream knows its rows when it was read. */
  #noteUnread(rows: number): void {
    for (const { name, why } of this.#unread) this.#notes.set('column-not-read', rows, why, name);
  }

  get notes(): readonly TableNote[] {
    return this.#notes.list();
  }

  async *batches({ columns, signal }: BatchOptions = {}): AsyncGenerator<Batch, void, undefined> {
    const names = this.columns.map(({ name }) => name);
    const chosen = chooseColumns(names, columns).map((index) => this.#readable[index]!);
    const most = Math.min(batchRows(chosen.length), Math.max(1, this.rows ?? Infinity));
    const sinks = chosen.map(({ reading }) =>
      reading.type === 'text' ? new TextColumn(most) : new NumberColumn(reading.type, most),
    );
    const budget = new Budget();
    const dictionaries = new Dictionaries(chosen, budget);
    let start = 0;
    this.read = 0;
    for await (const { message, body: extent } of this.#messages()) {
      signal?.throwIfAborted();
      this.read = extent.offset;
      if (message.kind === 'schema' || message.kind === 'other') continue;
      const { batch } = message;
      const body = new Body(this.#source, extent, batch, budget);
      if (message.kind === 'dictionary') await dictionaries.add(message.id, batch, body, message.delta);
      else {
        checkRows(start + batch.rows, this.bytes);
        yield* this.#parts({ chosen, sinks, dictionaries, batch, body, start, most, extent }, signal);
        start += batch.rows;
      }
      body.release();
    }
    this.read = this.bytes;
    this.#noteUnread(start);
    for (const [at, { column, reading, field }] of chosen.entries()) {
      const sink = sinks[at]!;
      if (sink instanceof TextColumn && field.dictionary !== undefined)
        sink.invalid += dictionaries.invalid(field.dictionary.id);
      noteColumn(this.#notes, column.name, sink, reading.form === 'fixed' ? reading.rounds : 'integers-rounded');
    }
  }

  async *#messages(): AsyncGenerator<Framed, void, undefined> {
    if (this.#layout.kind === 'file') {
      for (const block of this.#layout.blocks) yield await readBlock(this.#source, block, this.#layout.end);
      return;
    }
    for (let offset = this.#layout.start; ;) {
      const framed = await readFrame(this.#source, offset, this.bytes);
      if (framed === undefined)
        this.#notes.set('no-end-mark', 1, 'the stream has no end mark: it may have been cut off between two batches');
      if (framed === undefined || framed === 'end') return;
      yield framed;
      offset = framed.body.offset + framed.body.length;
    }
  }

  async *#parts(work: Work, signal: AbortSignal | undefined): AsyncGenerator<Batch, void, undefined> {
    const { chosen, sinks, dictionaries, batch, body, start, extent } = work;
    const places = placesOf(this.#fields, batch);
    const missing = new Map<number, { found: number; claimed: number; name: string }>();
    const step = Math.min(work.most, rowsByText(chosen, places, body, batch.rows));
    for (let from = 0; from < batch.rows;) {
      const span = { from, count: Math.min(step, batch.rows - from) };
      for (const [at, leaf] of chosen.entries()) {
        const sink = sinks[at]!;
        const place = places[leaf.index]!;
        const counts = await readMissing(body, place, span, sink);
        for (const [level, { buffer, nulls }] of place.validity.entries()) {
          const known = missing.get(buffer * chosen.length + at) ?? {
            found: 0,
            claimed: nulls,
            name: leaf.column.name,
          };
          known.found += counts[level]!;
          missing.set(buffer * chosen.length + at, known);
        }
        if (leaf.field.dictionary === undefined) await readValues(leaf.reading, body, place, span, sink);
        else await dictionaries.read(leaf, body, place, span, sink);
      }
      await pause(signal);
      this.read = Math.round(extent.offset + (extent.length * (from + span.count)) / batch.rows);
      yield { start: start + from, rows: span.count, columns: sinks.map((sink) => sink.take(span.count)) };
      for (const sink of sinks) sink.reset();
      from += span.count;
    }
    for (const { found, claimed, name } of missing.values())
      if (found !== claimed)
        this.#notes.set(
          'footer-differs',
          Math.abs(found - claimed),
          `a batch says ${claimed} missing values, and there are ${found}`,
          name,
        );
  }

  async close(): Promise<void> {}
}

interface Work {
  readonly chosen: readonly Readable[];
  readonly sinks: readonly (NumberColumn | TextColumn)[];
  readonly dictionaries: Dictionaries;
  readonly batch: RecordBatch;
  readonly body: Body;
  readonly start: number;
  readonly most: number;
  readonly extent: Extent;
}

/** Rows whose texts take a bounded room, by the size of their buffers. */
function rowsByText(chosen: readonly Readable[], places: readonly Place[], body: Body, rows: number): number {
  let bytes = 0;
  for (const { reading, index, field } of chosen) {
    if (field.dictionary !== undefined) continue;
    if (reading.form === 'texts') bytes += body.packed(places[index]!.buffer + 1);
    else if (reading.form === 'bytes') bytes += reading.width * rows;
  }
  return bytes > 0 ? Math.max(1, Math.floor((BATCH_BYTES * rows) / bytes)) : Infinity;
}
