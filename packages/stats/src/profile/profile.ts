// `vallum/profile/v1`: what is kept of a table instead of its rows. A plain JSON value, so that it has canonical bytes, a
// digest and a signature; two of them merge; a window is compared with one without the rows it was made of.
// It is not anonymous: minimum, maximum, frequent values and short labels stand in it as they are.
import type { CertifiedCdf } from './certified-cdf.js';
import type { LabelCounts } from './heavy-hitters.js';
import type { DistinctSketch } from './hyper-log-log.js';
import type { QuantileSketch } from './kll.js';
import type { CentralSums } from './moments.js';
import type { TextSummary } from './text-summary.js';

export const PROFILE_SCHEMA = 'vallum/profile/v1';

export interface Profile {
  readonly schema: typeof PROFILE_SCHEMA;
  readonly rows: number;
  /** Edges of each certified distribution function, at most. */
  readonly bins: number;
  readonly columns: readonly ColumnProfile[];
}

export type ColumnProfile = NumberProfile | BooleanProfile | TextProfile;

/** Numbers, and times in milliseconds since 1970-01-01T00:00Z. Rows = missing + nan + both infinities + cdf.n. */
export interface NumberProfile {
  readonly name: string;
  readonly type: 'number' | 'time';
  readonly missing: number;
  readonly nan: number;
  readonly positiveInfinity: number;
  readonly negativeInfinity: number;
  /** Everything from here on is about the finite values. */
  readonly zeros: number;
  readonly negative: number;
  readonly min: number | null;
  readonly max: number | null;
  /** Null where a double cannot hold them. */
  readonly moments: CentralSums | null;
  readonly cdf: CertifiedCdf;
  readonly quantiles: QuantileSketch;
  readonly distinct: DistinctSketch;
}

export interface BooleanProfile {
  readonly name: string;
  readonly type: 'boolean';
  readonly missing: number;
  readonly false: number;
  readonly true: number;
}

/** Categories and free text. Rows = missing + labels.n. */
export interface TextProfile {
  readonly name: string;
  readonly type: 'text';
  readonly missing: number;
  readonly labels: LabelCounts;
  readonly distinct: DistinctSketch;
  readonly text: TextSummary;
}

/** One number, boolean or time column of a batch: see `NumberValues` of `formats`, which fits. */
export interface ProfileNumbers {
  readonly type: 'number' | 'boolean' | 'time';
  readonly values: Float64Array;
  /** 1 where the value is missing. */
  readonly missing: Uint8Array | undefined;
}

/** One text column of a batch: see `TextValues` of `formats`, which fits. */
export interface ProfileTexts {
  readonly type: 'text';
  /** Index into `levels`, -1 where the value is missing. */
  readonly codes: Int32Array;
  /** Not overwritten: a later batch may have it with more texts. */
  readonly levels: readonly string[];
}

/** A `Batch` of `formats` fits. */
export interface ProfileBatch {
  readonly rows: number;
  readonly columns: readonly (ProfileNumbers | ProfileTexts)[];
}

export interface ProfileColumn {
  readonly name: string;
  readonly type: 'number' | 'boolean' | 'time' | 'text';
}
