// Bounds of the table readers. Files are somebody else's: sizes, counts and names in them are claims.

export interface TableLimits {
  /** Default 100,000. */
  readonly maxColumns?: number;
  /** Bytes of one row of text; default 64 MiB. */
  readonly maxRowBytes?: number;
  /** Bytes that a compressed file may unpack to; default 64 GiB. */
  readonly maxUnpackedBytes?: number;
  /** Files of a folder; default 1,000,000. */
  readonly maxFiles?: number;
  /** Bytes of one file of a folder, and of one mail; default 16 MiB. */
  readonly maxFileBytes?: number;
}

export const TABLE_DEFAULTS: Required<TableLimits> = {
  maxColumns: 100_000,
  maxRowBytes: 64 * 1024 * 1024,
  maxUnpackedBytes: 64 * 1024 ** 3,
  maxFiles: 1_000_000,
  maxFileBytes: 16 * 1024 * 1024,
};

/** Rows of a batch, as the contract has it. */
export const BATCH_ROWS = 65_536;
const BATCH_CELLS = 2 * 1024 * 1024;
/** Bytes of input after which a batch is handed out, full or not: texts may be long. */
export const BATCH_BYTES = 32 * 1024 * 1024;

/** Rows of a batch that has so many columns, so that wide tables do not need more memory than long ones. */
export function batchRows(columns: number): number {
  return Math.max(1, Math.min(BATCH_ROWS, Math.floor(BATCH_CELLS / Math.max(1, columns))));
}
