// Two profiles of the same columns become the profile of all their rows, as if one pass had seen both: counts and bounds
// add exactly, certificates at most add. So shards can be profiled anywhere and put together in any order.
import { mergeCdfs } from './certified-cdf.js';
import { HeavyHitters } from './heavy-hitters.js';
import type { LabelCounts } from './heavy-hitters.js';
import { HyperLogLog } from './hyper-log-log.js';
import type { DistinctSketch } from './hyper-log-log.js';
import { mix } from './hash.js';
import { Kll } from './kll.js';
import type { QuantileSketch } from './kll.js';
import { mergeSums } from './moments.js';
import { finiteSums } from './number-column.js';
import { PROFILE_SCHEMA } from './profile.js';
import type { BooleanProfile, ColumnProfile, NumberProfile, Profile, TextProfile } from './profile.js';
import { requireColumns } from './profile-builder.js';
import { mismatch } from './refuse.js';
import { extreme, mergeTexts } from './text-summary.js';

/**
 * The coin flips of the merged sketches come from the counts of both, so the same two profiles always give the same bytes.
 * @throws VallumError `PROFILE_MISMATCH` if the columns or the sizes of the sketches differ
 */
export function mergeProfiles(a: Profile, b: Profile): Profile {
  requireColumns(a, b.columns);
  const bins = Math.min(a.bins, b.bins);
  const columns = a.columns.map((column, i): ColumnProfile => {
    const other = b.columns[i] as ColumnProfile;
    if (column.type === 'text') return mergeTextColumns(column, other as TextProfile);
    if (column.type === 'boolean') return mergeBooleans(column, other as BooleanProfile);
    return mergeNumbers(column, other as NumberProfile, bins);
  });
  return { schema: PROFILE_SCHEMA, rows: a.rows + b.rows, bins, columns };
}

function mergeBooleans(a: BooleanProfile, b: BooleanProfile): BooleanProfile {
  return { ...a, missing: a.missing + b.missing, false: a.false + b.false, true: a.true + b.true };
}

function mergeTextColumns(a: TextProfile, b: TextProfile): TextProfile {
  return {
    ...a,
    missing: a.missing + b.missing,
    labels: mergeLabels(a.labels, b.labels),
    distinct: mergeDistinct(a.distinct, b.distinct),
    text: mergeTexts(a.text, b.text),
  };
}

function mergeNumbers(a: NumberProfile, b: NumberProfile, bins: number): NumberProfile {
  return {
    ...a,
    missing: a.missing + b.missing,
    nan: a.nan + b.nan,
    positiveInfinity: a.positiveInfinity + b.positiveInfinity,
    negativeInfinity: a.negativeInfinity + b.negativeInfinity,
    zeros: a.zeros + b.zeros,
    negative: a.negative + b.negative,
    min: extreme(Math.min, a.min, b.min),
    max: extreme(Math.max, a.max, b.max),
    moments: a.moments === null || b.moments === null ? null : finiteSums(mergeSums(a.moments, b.moments)),
    cdf: mergeCdfs(a.cdf, b.cdf, bins),
    quantiles: mergeQuantiles(a.quantiles, b.quantiles),
    distinct: mergeDistinct(a.distinct, b.distinct),
  };
}

function mergeLabels(a: LabelCounts, b: LabelCounts): LabelCounts {
  const labels = new HeavyHitters();
  labels.merge(a);
  labels.merge(b);
  return labels.toJson();
}

function mergeDistinct(a: DistinctSketch, b: DistinctSketch): DistinctSketch {
  const sketch = HyperLogLog.fromJson(a);
  const other = HyperLogLog.fromJson(b);
  if (sketch === undefined || other === undefined) throw mismatch('a sketch of distinct values is broken');
  sketch.merge(other);
  return sketch.toJson();
}

function mergeQuantiles(a: QuantileSketch, b: QuantileSketch): QuantileSketch {
  if (a.k !== b.k) throw mismatch(`the quantile sketches have the sizes ${a.k} and ${b.k}`);
  const seed = mix(mix(a.n) ^ b.n);
  const sketch = Kll.fromJson(a, seed);
  sketch.merge(Kll.fromJson(b, seed));
  return sketch.toJson();
}
