// How much work one file may cost. Everything here shapes the result, so it is part of the evidence's parameters.

export interface ScanBudgets {
  /** Pickle opcodes in one input. */
  readonly maxSteps: number;
  /** Archives inside archives. */
  readonly maxDepth: number;
  /** Entries of one archive. */
  readonly maxEntries: number;
  /** Bytes of one constant or part that is decoded in memory. */
  readonly maxEntryBytes: number;
  /** Unpacked bytes of one stream that stay in memory; more go to a temporary file. */
  readonly maxMemoryBytes: number;
  /** Seconds of work on one file. */
  readonly maxSeconds: number;
  /** Bytes that come out of all compressed entries of one file. */
  readonly maxUnpackedBytes: number;
  /** Bytes out for one byte in, looked at above 1 MiB. */
  readonly maxRatio: number;
  /** Bytes that come out of one stream at a higher ratio before it is given up. */
  readonly maxDenseBytes: number;
  /** Bytes of a JSON, YAML or requirements file. */
  readonly maxTextBytes: number;
  /** Files below a directory. */
  readonly maxFiles: number;
}

export const SCAN_BUDGETS: ScanBudgets = {
  maxSteps: 50_000_000,
  maxDepth: 5,
  maxEntries: 100_000,
  maxEntryBytes: 64 * 1024 * 1024,
  maxMemoryBytes: 8 * 1024 * 1024,
  maxSeconds: 300,
  maxUnpackedBytes: 4 * 1024 * 1024 * 1024,
  maxRatio: 200,
  maxDenseBytes: 256 * 1024 * 1024,
  maxTextBytes: 48 * 1024 * 1024,
  maxFiles: 100_000,
};
