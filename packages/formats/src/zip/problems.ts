// What can be wrong with an archive, and how much of one is read: shared by the two views.

export interface ZipLimits {
  readonly maxEntries: number;
  /** Bytes of the central directory. */
  readonly maxDirectory: number;
  /** Bytes outside known entries that are searched for hidden headers. */
  readonly maxGap: number;
}

export const ZIP_LIMITS: ZipLimits = { maxEntries: 100_000, maxDirectory: 32 * 1024 * 1024, maxGap: 64 * 1024 * 1024 };

export type ZipProblemCode =
  | 'two-ends'
  | 'two-directories'
  | 'prefix'
  | 'suffix'
  | 'gap'
  | 'hidden'
  | 'no-local'
  | 'overlap'
  | 'name'
  | 'method'
  | 'size'
  | 'crc'
  | 'flags'
  | 'encrypted'
  | 'zip64'
  | 'descriptor'
  | 'unicode-name'
  | 'backslash'
  | 'near-duplicate'
  | 'traversal'
  | 'odd-name'
  | 'link'
  | 'duplicate';

export interface ZipProblem {
  readonly code: ZipProblemCode;
  readonly message: string;
  readonly offset: number;
  readonly entry?: string;
}
