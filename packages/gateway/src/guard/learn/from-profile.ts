// What a profile of the training data says about inputs. A text column is checked only where the profile holds all its
// categories and a new one would be rare; a free text has no list.
import type { Sha256 } from '@vallum/core';
import { defaultRules, scanMany } from '@vallum/detect';
import type { ColumnProfile, NumberProfile, Profile, TextProfile } from '@vallum/stats';
import { isHashedLabel } from '@vallum/stats';
import type { GatewayRanges, RangeColumn } from './ranges.js';
import { DEFAULT_MARGIN, RANGES_SCHEMA } from './ranges.js';

export interface LearnSource {
  readonly sha256: Sha256;
  /** Default `profile`. */
  readonly kind?: 'table' | 'profile';
  /** Default `DEFAULT_MARGIN`. */
  readonly margin?: number;
}

/**
 * Most share of rows with a category that was not seen, as estimated by the share of categories seen once (Good 1953, "The
 * population frequencies of species and the estimation of population parameters"). Above it honest rows would be refused.
 */
const MOST_UNSEEN = 0.01;

/** Of each column in its order. */
export function learnFromProfile(profile: Profile, source: LearnSource): GatewayRanges {
  const { sha256, kind = 'profile', margin = DEFAULT_MARGIN } = source;
  return {
    schema: RANGES_SCHEMA,
    source: { kind, sha256 },
    rows: profile.rows,
    margin,
    columns: profile.columns.map(columnOf),
  };
}

function columnOf(column: ColumnProfile): RangeColumn {
  switch (column.type) {
    case 'boolean':
      return { name: column.name, check: 'boolean' };
    case 'time':
      return none(column, 'times go on');
    case 'number':
      return ofNumbers(column);
    case 'text':
      return ofTexts(column);
  }
}

function ofNumbers(column: NumberProfile): RangeColumn {
  const { name, min, max } = column;
  if (min === null || max === null) return none(column, 'it has no finite number');
  return { name, check: 'number', minimum: min, maximum: max };
}

function ofTexts(column: TextProfile): RangeColumn {
  const { labels } = column;
  const categories = labels.counts.map(([label]) => label);
  if (labels.n === 0) return none(column, 'it has no values');
  if (labels.error > 0) return none(column, 'it has more different texts than the profile holds');
  if (categories.some(isHashedLabel)) return none(column, 'it has long texts');
  const once = labels.counts.filter(([, count]) => count === 1).length;
  if (once > MOST_UNSEEN * labels.n)
    return none(
      column,
      `about ${((100 * once) / labels.n).toFixed(1)} % of its rows would have a text that was not seen`,
    );
  // The file goes where the gateway is; what stands in it is nobody's name or number.
  if (scanMany(categories, defaultRules()).some(({ matches }) => matches.length > 0))
    return none(column, 'its texts look like personal data or secrets');
  return { name: column.name, check: 'categories', categories: categories.toSorted((a, b) => (a < b ? -1 : 1)) };
}

function none({ name }: ColumnProfile, why: string): RangeColumn {
  return { name, check: 'none', why };
}
