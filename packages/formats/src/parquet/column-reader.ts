// One column of one group of rows, page by page: never more than a page and the dictionary in memory. What the footer and the
// headers say - sizes, counts, places, checksums - is held against the bytes.
import { crc32 } from 'node:zlib';
import type { Source } from '../bytes/parser.js';
import { Account } from '../columnar/budget.js';
import type { Budget } from '../columnar/budget.js';
import { brokenTable, largeTable, unsupportedTable } from '../columnar/fault.js';
import type { NumberColumn } from '../columnar/number-column.js';
import type { TextColumn } from '../columnar/text-column.js';
import { quoted } from '../table/errors.js';
import { BATCH_ROWS } from '../table/limits.js';
import { ChunkStream } from './chunk-stream.js';
import type { Codec } from './codecs.js';
import { CODECS } from './codecs.js';
import { MAX_PAGE } from './delta.js';
import type { Dictionary } from './decoders.js';
import { decoderOf, prefixed } from './decoders.js';
import { readDictionary } from './dictionary.js';
import type { Levels } from './hybrid.js';
import { Hybrid, PackedLevels } from './hybrid.js';
import type { ColumnChunk } from './metadata.js';
import type { Decoder } from './decoder.js';
import type { Page } from './page.js';
import { PAGE_PAD, PageError } from './page.js';
import type { PageHeader } from './page-header.js';
import { readPageHeader } from './page-header.js';
import { ThriftError } from './thrift.js';
import type { Reading } from './types.js';

const USUAL_HEADER = 64 * 1024;
/** Statistics stand in it, with the smallest and the largest text. */
const MAX_HEADER = 16 * 1024 * 1024;
const MIN_SPARE = 1024 * 1024;
const RLE = 3;
const BIT_PACKED = 4;

export interface ColumnTask {
  readonly name: string;
  readonly reading: Reading;
  /** Definition level of a value that is there. */
  readonly maxLevel: number;
  readonly chunk: ColumnChunk;
  readonly column: NumberColumn | TextColumn;
  /** Index of its first row in the table. */
  readonly firstRow: number;
}

export interface ReadOptions {
  readonly source: Source;
  readonly budget: Budget;
  /** Bytes read ahead. */
  readonly piece: number;
}

export class ColumnReader {
  /** Values that are missing, so far. */
  nulls = 0;
  readonly #task: ColumnTask;
  readonly #stream: ChunkStream;
  readonly #codec: Codec | undefined;
  readonly #pageAccount: Account;
  readonly #dictionaryAccount: Account;
  #spare: Uint8Array = new Uint8Array(0);
  #dictionary: Dictionary | undefined;
  #levels: Levels | undefined;
  #decoder: Decoder | undefined;
  /** Values of the page that are not read yet, and of the chunk behind the page. */
  #left = 0;
  #behind: number;
  #rows = 0;
  #dataPages = 0;
  /** Missing values of the page by its header; -1 where it does not say. */
  #claimedNulls = -1;
  #pageNulls = 0;

  constructor(task: ColumnTask, { source, budget, piece }: ReadOptions) {
    const { chunk, name } = task;
    this.#task = task;
    this.#behind = chunk.values;
    this.#pageAccount = new Account(budget);
    this.#dictionaryAccount = new Account(budget);
    this.#codec = CODECS.get(chunk.codec);
    if (this.#codec === undefined && chunk.codec !== 0)
      throw unsupportedTable(
        `column ${quoted(name)} is packed with a codec that is not read: ${chunk.codec}`,
        'write it with zstd or snappy',
      );
    this.#stream = new ChunkStream(source, chunk.start, chunk.start + chunk.packed, piece);
  }

  /** Reads the next `count` values to the start of the column. @throws VallumError `TABLE_*` */
  async read(count: number): Promise<void> {
    try {
      for (let at = 0; at < count;) {
        while (this.#left === 0) await this.#nextPage();
        const part = Math.min(count - at, this.#left);
        this.#readPart(at, part);
        this.#left -= part;
        this.#rows += part;
        at += part;
        if (this.#left === 0 && this.#claimedNulls >= 0 && this.#claimedNulls !== this.#pageNulls)
          throw new PageError('it has another number of missing values than it says');
      }
    } catch (error) {
      if (!(error instanceof PageError || error instanceof ThriftError)) throw error;
      const row = this.#task.firstRow + this.#rows;
      throw brokenTable(`column ${quoted(this.#task.name)} cannot be read from row ${row} on: ${error.message}`, error);
    }
  }

  /** Behind the last row. @returns bytes of the chunk that hold nothing that was asked for */
  finish(): number {
    this.#pageAccount.release();
    this.#dictionaryAccount.release();
    return this.#stream.left;
  }

  #readPart(at: number, count: number): void {
    const { column, maxLevel } = this.#task;
    const decoder = this.#decoder!;
    const levels = this.#levels;
    if (levels === undefined || levels.skipIf(maxLevel, count)) {
      decoder.read(at, count);
      return;
    }
    const defined = shared;
    levels.read(defined, 0, count);
    let there = 0;
    for (let i = 0; i < count; i++) {
      const level = defined[i]!;
      if (level > maxLevel) throw new PageError('a definition level is larger than its column allows');
      if (level === maxLevel) there += 1;
    }
    decoder.read(at, there);
    if (there === count) return;
    this.nulls += count - there;
    this.#pageNulls += count - there;
    // From the end, so that a value is moved before its place is taken.
    const { lane } = column;
    for (let row = at + count - 1, from = at + there; row >= at; row--)
      if (defined[row - at] === maxLevel) lane[row] = lane[--from]!;
      else column.miss(row);
  }

  async #nextPage(): Promise<void> {
    const offset = this.#stream.offset;
    const header = await this.#header();
    if (header.packed > this.#stream.left) throw new PageError('a page is longer than its column chunk');
    const data = header.kind === 'data' || header.kind === 'data-v2';
    if (header.kind === 'other') {
      for (let left = header.packed; left > 0;) {
        const part = (await this.#stream.peek(Math.min(left, USUAL_HEADER))).length;
        this.#stream.skip(part);
        left -= part;
      }
      return;
    }
    if (data && this.#dataPages === 0) {
      // Other readers go straight to where the footer says that the data begins.
      const { chunk } = this.#task;
      if (offset !== chunk.firstDataPage && chunk.firstDataPage !== chunk.start)
        throw new PageError('its first page is not where the footer says');
    }
    this.#pageAccount.release();
    this.#pageAccount.take(header.packed);
    const packed = await this.#stream.peek(header.packed);
    if (header.crc !== undefined && crc32(packed) !== header.crc)
      throw new PageError('a page does not match its checksum');
    if (data) this.#data(header, packed);
    else this.#readDictionary(header, packed);
    this.#stream.skip(header.packed);
  }

  async #header(): Promise<PageHeader> {
    let bytes = await this.#stream.peek(USUAL_HEADER);
    if (bytes.length === 0) throw new PageError('it ends before its last value');
    try {
      return this.#take(bytes);
    } catch (error) {
      if (!(error instanceof ThriftError) || bytes.length === this.#stream.left) throw error;
      bytes = await this.#stream.peek(MAX_HEADER);
      return this.#take(bytes);
    }
  }

  #take(bytes: Uint8Array): PageHeader {
    const { header, length } = readPageHeader(bytes);
    this.#stream.skip(length);
    return header;
  }

  /** Unpacks the last `size` bytes of a page, of which the first stand as they are. */
  #unpack(packed: Uint8Array, plain: number, size: number, compressed: boolean): Page {
    const codec = compressed ? this.#codec : undefined;
    const from = packed.subarray(plain);
    if (size > MAX_PAGE) throw largeTable(`a page of column ${quoted(this.#task.name)} has more than 256 MiB`);
    if (codec === undefined ? from.length !== size - plain : size - plain > from.length * codec.ratio + 64)
      throw new PageError('a page cannot have the size that it says');
    this.#pageAccount.take(size);
    const wanted = size + PAGE_PAD;
    // The room of the page before is used again, unless that was much larger: it is not charged any more.
    if (this.#spare.length < wanted || this.#spare.length > 4 * wanted + MIN_SPARE)
      this.#spare = new Uint8Array(wanted);
    const bytes = this.#spare;
    bytes.set(packed.subarray(0, plain));
    const out = bytes.subarray(plain, size);
    if (codec === undefined) out.set(from);
    else if (out.length > 0 && !codec.into(from, out)) throw new PageError(`its ${codec.name} data is broken`);
    bytes.fill(0, size, size + PAGE_PAD);
    return { bytes, view: new DataView(bytes.buffer), end: size, account: this.#pageAccount };
  }

  #data(header: PageHeader, packed: Uint8Array): void {
    const { maxLevel, reading, column } = this.#task;
    const { values } = header;
    if (values > this.#behind) throw new PageError('its pages have more values than the footer says');
    this.#dataPages += 1;
    const width = 32 - Math.clz32(maxLevel);
    const v2 = header.kind === 'data-v2';
    let page: Page;
    let start = 0;
    this.#levels = undefined;
    if (v2) {
      const { levelBytes, repetitionBytes, rows, nulls } = header;
      const plain = levelBytes + repetitionBytes;
      if (plain > packed.length || plain > header.unpacked) throw new PageError('its levels are longer than the page');
      if (repetitionBytes > 0 || rows !== values || nulls > values)
        throw new PageError('its counts of rows and values differ');
      page = this.#unpack(packed, plain, header.unpacked, header.compressed);
      if (maxLevel > 0) this.#levels = new Hybrid(page, 0, plain, width);
      start = plain;
    } else {
      page = this.#unpack(packed, 0, header.unpacked, true);
      if (maxLevel > 0) {
        if (header.levels === BIT_PACKED) {
          this.#levels = new PackedLevels(page, 0, width);
          start = (values * width + 7) >> 3;
          if (start > page.end) throw new PageError('its levels are cut off');
        } else if (header.levels === RLE) ({ levels: this.#levels, end: start } = prefixed(page, 0, page.end, width));
        else throw new PageError('its levels have no valid encoding');
      }
    }
    const section = { page, start, end: page.end, encoding: header.encoding, count: values };
    this.#decoder = decoderOf(reading, section, column, this.#dictionary);
    this.#left = values;
    this.#behind -= values;
    this.#claimedNulls = v2 ? header.nulls : -1;
    this.#pageNulls = 0;
  }

  #readDictionary(header: PageHeader, packed: Uint8Array): void {
    if (this.#dictionary !== undefined || this.#dataPages > 0) throw new PageError('it has a second dictionary');
    const page = this.#unpack(packed, 0, header.unpacked, true);
    const { reading, column } = this.#task;
    this.#dictionary = readDictionary(reading, page, header, column, this.#dictionaryAccount);
    this.#pageAccount.release();
  }
}

/** Definition levels of a part of a batch: shared, because nothing pauses between writing and reading them. */
const shared = new Uint8Array(BATCH_ROWS);
