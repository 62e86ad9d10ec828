// What hashes files, in this thread or on several. An attacker may change a file, replace it or put a link in its place
// while it is read: the digest of bytes that never were one file is an error, not a digest.

export type HashAlgorithm = 'sha256' | 'blake2b-512';

export interface HashRequest {
  /** As the disk takes it. */
  readonly path: string;
  /** First byte of a range, default 0. */
  readonly from?: number;
  /** End of the range, itself not in it. What lies past the end of the file is not there: see `HashedFile.bytes`. */
  readonly to?: number;
  /** Default sha256. */
  readonly algorithm?: HashAlgorithm;
}

export interface HashedFile {
  /** Lower-case hexadecimal. */
  readonly digest: string;
  /** That were hashed; fewer than a range asks for when the file ends within it. */
  readonly bytes: number;
}

export interface HashOptions {
  readonly signal?: AbortSignal;
  /** Bytes hashed and bytes in all; ten times a second at most, and once at the end. */
  readonly progress?: (bytes: number, total: number) => void;
}

export interface FileHasher {
  /**
   * Digests in the order of the requests.
   * @throws VallumError `TREE_CHANGED` naming a file that changed meanwhile, also between two ranges of it;
   *   `DISK_READ` naming one that cannot be read or is a link; `HASH_RANGE` for a range that is none
   */
  hash(requests: readonly HashRequest[], options?: HashOptions): Promise<readonly HashedFile[]>;
  /** Ends what was started for it; safe to call twice. */
  close(): Promise<void>;
}
