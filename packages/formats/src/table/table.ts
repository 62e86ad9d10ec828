// A table of rows, whatever file it came from: columns with one type each, delivered batch by batch, so that memory does not
// grow with the rows. Names, types and counts are claims of the file until a reader has checked them against the bytes.

/**
 * `number`: float64 (wider integers are noted, never rounded in silence); `boolean`: 0 or 1; `time`: milliseconds since
 * 1970-01-01T00:00Z, negative before it; `text`: categories and free text alike.
 */
export type ColumnType = 'number' | 'boolean' | 'time' | 'text';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** The type as the file says it: `INT64`, `float32`, `csv`. */
  readonly stored: string;
}

/** Values of one number, boolean or time column. NaN and infinities are values; only `missing` says that there is none. */
export interface NumberValues {
  readonly type: 'number' | 'boolean' | 'time';
  /** One per row; anything where the row is missing. */
  readonly values: Float64Array;
  /** 1 where the value is missing; undefined when none is. */
  readonly missing: Uint8Array | undefined;
}

/** Values of one text column, coded within this batch. */
export interface TextValues {
  readonly type: 'text';
  /** One per row: the index into `levels`, -1 where the value is missing. An empty text is a value. */
  readonly codes: Int32Array;
  /** Distinct where the reader can afford it; two may be equal. Not overwritten: a later batch may have it with more texts. */
  readonly levels: readonly string[];
}

export type Values = NumberValues | TextValues;

/** Some consecutive rows. Its arrays may be used again for the next batch: copy what is kept. */
export interface Batch {
  /** Index of its first row in the table, from 0. */
  readonly start: number;
  readonly rows: number;
  /** In the order that was asked for. */
  readonly columns: readonly Values[];
}

/** Something that is not wrong enough to refuse the table, but changes what a figure about it means. */
export interface TableNote {
  /** Stable: `integers-rounded`, `mixed-types`, ... */
  readonly code: string;
  readonly column?: string;
  readonly message: string;
  readonly count: number;
}

export interface BatchOptions {
  /** Names, each once; all columns by default. @throws VallumError `TABLE_COLUMN` for one that is not there */
  readonly columns?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface Table {
  /** `csv`, `tsv`, `jsonl`, `parquet`, `arrow`, `npy`, `npz`, `images`, `texts`, `mails`. */
  readonly format: string;
  readonly columns: readonly Column[];
  /** Rows, where they are known before all of them are read. */
  readonly rows: number | undefined;
  /** What was noticed so far; complete when `batches` has ended. */
  readonly notes: readonly TableNote[];
  /**
   * All rows from the first, in batches of at most 65,536; may be called again, one after the other.
   * @throws VallumError `TABLE_*` naming row and column, while iterating
   */
  batches(options?: BatchOptions): AsyncIterable<Batch>;
  /** Bytes of the input that were read so far, of `bytes` in all: for progress. */
  readonly read: number;
  readonly bytes: number;
  close(): Promise<void>;
}
