// What the HDF5 reader says about a file, and how far it goes.
import type { CarrierKind, Piece } from './values.js';

export interface Hdf5Limits {
  /** Steps of work: pages, nodes, messages, links, elements. */
  readonly maxWork: number;
  readonly maxObjects: number;
  /** Bytes of the values of all attributes. */
  readonly maxAttributeBytes: number;
  /** Texts and runs of bytes in datasets that are named. */
  readonly maxPieces: number;
  /** Texts in datasets that are looked at; they are data, and no loader acts on them by itself. */
  readonly maxTexts: number;
  /** Chunks of one dataset. */
  readonly maxChunks: number;
  /** Bytes of unpacked chunks. */
  readonly maxUnpacked: number;
  /** Bytes that are searched for heaps where chunks are not read. */
  readonly maxSearch: number;
}

export const HDF5_LIMITS: Hdf5Limits = {
  maxWork: 5_000_000,
  maxObjects: 200_000,
  maxAttributeBytes: 64 * 1024 * 1024,
  maxPieces: 50_000,
  maxTexts: 100_000,
  maxChunks: 100_000,
  maxUnpacked: 32 * 1024 * 1024,
  maxSearch: 256 * 1024 * 1024,
};

export type Hdf5ProblemCode =
  | 'external-link'
  | 'external-data'
  | 'virtual'
  | 'user-link'
  | 'outside'
  | 'overlap'
  | 'shape'
  | 'circle'
  | 'truncated';

export interface Hdf5Problem {
  readonly code: Hdf5ProblemCode;
  readonly message: string;
  readonly path?: string;
  readonly offset?: number;
}

/** A value that can carry something: of an attribute, or of a dataset. */
export interface Hdf5Carrier {
  /** `/group/dataset`, and `/group@attribute` for an attribute. */
  readonly path: string;
  readonly attribute?: string;
  readonly kind: CarrierKind;
  readonly pieces: readonly Piece[];
}

export interface Hdf5Report {
  readonly objects: number;
  readonly datasets: number;
  /** Names of attributes of the root, and of what it links to. */
  readonly root: ReadonlySet<string>;
  readonly carriers: readonly Hdf5Carrier[];
  readonly problems: readonly Hdf5Problem[];
  /** What could not be read. */
  readonly faults: readonly { readonly what: string; readonly why: string }[];
  /** Bytes before the superblock, and behind the end that it states. */
  readonly userBlock: number;
  readonly trailing: { readonly offset: number; readonly length: number } | undefined;
}

export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
