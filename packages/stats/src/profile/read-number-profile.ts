// A numeric column of a profile that somebody else wrote: everything that can be checked against itself is.
import type { JsonValue } from '@vallum/core';
import { thin } from './certified-cdf.js';
import type { CertifiedCdf } from './certified-cdf.js';
import { doubleOf } from './fields.js';
import type { Fields } from './fields.js';
import { HyperLogLog } from './hyper-log-log.js';
import type { QuantileSketch } from './kll.js';
import type { CentralSums } from './moments.js';
import type { NumberProfile } from './profile.js';

const MOST_EDGES = 65_536;
const MOST_LEVELS = 64;

export function readNumberProfile(fields: Fields, type: 'number' | 'time', rows: number): NumberProfile {
  const cdf = readCdf(fields.object('cdf'));
  const min = fields.numberOrNull('min');
  const max = fields.numberOrNull('max');
  const sketch = HyperLogLog.fromJson(fields.raw('distinct'));
  if (sketch === undefined) throw fields.wrong('distinct', 'a HyperLogLog sketch');
  if ((cdf.n === 0) !== (min === null) || (cdf.n === 0) !== (max === null))
    throw fields.wrong('min', 'null exactly where there are no finite values');
  if (max !== (cdf.edges.at(-1) ?? null)) throw fields.wrong('max', 'the last edge');
  if (min !== null && cdf.edges.some((edge, i) => edge < min !== (cdf.high[i] === 0)))
    throw fields.wrong('min', 'where the counts begin');
  const column: NumberProfile = {
    name: fields.text('name'),
    type,
    missing: fields.count('missing'),
    nan: fields.count('nan'),
    positiveInfinity: fields.count('positiveInfinity'),
    negativeInfinity: fields.count('negativeInfinity'),
    zeros: fields.count('zeros'),
    negative: fields.count('negative'),
    min,
    max,
    moments: readMoments(fields, cdf.n, min, max),
    cdf,
    quantiles: readQuantiles(fields.object('quantiles'), cdf.n, min, max),
    distinct: sketch.toJson(),
  };
  if (column.missing + column.nan + column.positiveInfinity + column.negativeInfinity + cdf.n !== rows)
    throw fields.wrong('missing', 'what is left of the rows');
  if (column.zeros + column.negative > cdf.n) throw fields.wrong('zeros', 'at most the finite values');
  return column;
}

function readCdf(fields: Fields): CertifiedCdf {
  const n = fields.count('n');
  const edges = fields.rising('edges', MOST_EDGES, true);
  const low = fields.rising('low', MOST_EDGES);
  const high = fields.rising('high', MOST_EDGES);
  if (low.length !== edges.length || high.length !== edges.length) throw fields.wrong('low', 'as long as the edges');
  if ((n === 0) !== (edges.length === 0)) throw fields.wrong('edges', 'empty exactly where n is 0');
  if (edges.length > 0 && (low.at(-1) !== n || high.at(-1) !== n)) throw fields.wrong('low', 'n at the last edge');
  if (low.some((count, i) => !Number.isSafeInteger(count) || count < 0 || count > (high[i] as number)))
    throw fields.wrong('low', 'a count up to `high`');
  if (!high.every(Number.isSafeInteger)) throw fields.wrong('high', 'a list of counts');
  const cdf = thin({ edges, low, high }, n, Infinity);
  if (fields.count('certificate') !== cdf.certificate) throw fields.wrong('certificate', 'the widest gap');
  return cdf;
}

function readMoments(parent: Fields, n: number, min: number | null, max: number | null): CentralSums | null {
  if (parent.raw('moments') === null) return null;
  const fields = parent.object('moments');
  const sums: CentralSums = {
    n: fields.count('n'),
    mean: fields.number('mean'),
    m2: fields.number('m2'),
    m3: fields.number('m3'),
    m4: fields.number('m4'),
  };
  if (sums.n !== n) throw fields.wrong('n', 'the number of finite values');
  if (sums.m2 < 0 || sums.m4 < 0) throw fields.wrong('m2', 'a sum of even powers');
  const [least, most] = [min ?? 0, max ?? 0];
  // A mean may lie outside by rounding only.
  const slack = 1e-9 * Math.max(Math.abs(least), Math.abs(most));
  if (sums.mean < least - slack || sums.mean > most + slack) throw fields.wrong('mean', 'between minimum and maximum');
  return sums;
}

function readQuantiles(fields: Fields, n: number, min: number | null, max: number | null): QuantileSketch {
  const k = fields.count('k');
  const height = fields.count('height');
  if (k < 8 || k > 65_535) throw fields.wrong('k', 'from 8 to 65535');
  if (height > 50) throw fields.wrong('height', 'at most 50');
  if (fields.count('n') !== n) throw fields.wrong('n', 'the number of finite values');
  const inside = (value: number): boolean => min !== null && max !== null && value >= min && value <= max;
  const list = fields.list('levels', MOST_LEVELS);
  if (list.length === 0) throw fields.wrong('levels', 'at least one level');
  let weight = 0;
  const levels = list.map((level, i) => {
    if (!Array.isArray(level) || level.length > k + 1) throw fields.wrong('levels', `lists of at most ${k + 1}`);
    const items = fields.risingItems('levels', level as readonly JsonValue[]);
    if (!items.every(inside)) throw fields.wrong('levels', 'between minimum and maximum');
    weight += items.length * 2 ** (height + i);
    return items;
  });
  const held = readHeld(fields, 2 ** height);
  if (held !== null && !inside(held[0])) throw fields.wrong('held', 'between minimum and maximum');
  weight += held?.[1] ?? 0;
  // Exact without a sampler; a sampler keeps the weight on average.
  if (height === 0 ? weight !== n : weight > 2 * n + 2 ** height || 2 * weight + 2 ** height < n)
    throw fields.wrong('levels', 'as heavy as the values seen');
  return { k, n, height, levels, held };
}

function readHeld(fields: Fields, block: number): [number, number] | null {
  if (fields.raw('held') === null) return null;
  const [item, weight] = fields.list('held', 2);
  const value = doubleOf(item);
  if (value === undefined || typeof weight !== 'number') throw fields.wrong('held', 'a value and its weight');
  if (!Number.isInteger(weight) || weight < 1 || weight >= block) throw fields.wrong('held', 'lighter than a block');
  return [value, weight];
}
