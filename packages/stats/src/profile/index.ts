// The door of profiles.
export { BinCounter } from './bin-counter.js';
export { mergeCdfs } from './certified-cdf.js';
export type { CertifiedCdf } from './certified-cdf.js';
export { binnedShares, heavyValues, ksBounds, psiOf, quantileBounds } from './compare.js';
export type { BinnedShares, HeavyValue, PsiOptions } from './compare.js';
export { HeavyHitters } from './heavy-hitters.js';
export type { LabelCounts } from './heavy-hitters.js';
export { DISTINCT_ERROR, HyperLogLog } from './hyper-log-log.js';
export type { DistinctSketch } from './hyper-log-log.js';
export { Kll, sketchQuantile, sketchRank } from './kll.js';
export type { QuantileSketch } from './kll.js';
export { mergeProfiles } from './merge-profiles.js';
export { momentsOf } from './moments.js';
export type { CentralSums, Moments } from './moments.js';
export { PROFILE_SCHEMA } from './profile.js';
export type {
  BooleanProfile,
  ColumnProfile,
  NumberProfile,
  Profile,
  ProfileBatch,
  ProfileColumn,
  ProfileNumbers,
  ProfileTexts,
  TextProfile,
} from './profile.js';
export { profileBytes, readProfile } from './profile-bytes.js';
export { ProfileBuilder } from './profile-builder.js';
export type { ProfileOptions } from './profile-builder.js';
export { isHashedLabel, labelOf } from './text-column.js';
export { LENGTH_EDGES } from './text-summary.js';
export type { TextSummary } from './text-summary.js';
