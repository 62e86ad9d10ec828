// What the report draws of a column: shares of both samples over the same few bins. Categories are named as they are; whoever
// prints them escapes them.
import type { LevelCounts } from './code-levels.js';
import { countLevels } from './code-levels.js';
import { asLevels } from './levels.js';
import type { SampleColumn } from './sample.js';

const BARS = 24;
const CATEGORIES = 12;

export interface NumberPicture {
  readonly form: 'numbers';
  /** One more than there are bins; the outermost bins also hold what lies beyond them. */
  readonly edges: readonly number[];
  /** Share of the values by bin, 0 to 1. */
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

export interface LevelPicture {
  readonly form: 'levels';
  readonly levels: readonly { readonly name: string; readonly reference: number; readonly current: number }[];
  /** Share of all categories that are not listed. */
  readonly others: { readonly categories: number; readonly reference: number; readonly current: number };
}

export type Picture = NumberPicture | LevelPicture | { readonly form: 'none' };

export function pictureOf(reference: SampleColumn, current: SampleColumn): Picture {
  if (reference.kind === 'text' && current.kind === 'text') return levelPicture(countLevels(reference, current));
  if (reference.kind === 'text' || current.kind === 'text') return { form: 'none' };
  if (reference.kind === 'boolean') return pictureOf(asLevels(reference), asLevels(current));
  return numberPicture(reference.values, current.values);
}

/** @param levels most frequent first */
export function levelPicture(levels: readonly LevelCounts[]): LevelPicture {
  const sums = { reference: 0, current: 0 };
  for (const level of levels) {
    sums.reference += level.reference;
    sums.current += level.current;
  }
  const shareOf = (level: { reference: number; current: number }): { reference: number; current: number } => ({
    reference: level.reference / Math.max(1, sums.reference),
    current: level.current / Math.max(1, sums.current),
  });
  const rest = { reference: 0, current: 0 };
  for (const level of levels.slice(CATEGORIES)) {
    rest.reference += level.reference;
    rest.current += level.current;
  }
  return {
    form: 'levels',
    levels: levels.slice(0, CATEGORIES).map((level) => ({ name: level.name, ...shareOf(level) })),
    others: { categories: Math.max(0, levels.length - CATEGORIES), ...shareOf(rest) },
  };
}

/** Equal widths between the 1 % and 99 % points of both together, so that one wild value does not flatten the picture. */
export function numberPicture(reference: Float64Array, current: Float64Array): Picture {
  const pooled = new Float64Array(reference.length + current.length);
  let filled = 0;
  for (const values of [reference, current])
    for (const value of values) if (Number.isFinite(value)) pooled[filled++] = value;
  if (filled === 0) return { form: 'none' };
  const sorted = pooled.subarray(0, filled).sort();
  let low = sorted[Math.floor(0.01 * (filled - 1))] as number;
  let high = sorted[Math.ceil(0.99 * (filled - 1))] as number;
  if (low === high) {
    low = sorted[0] as number;
    high = sorted[filled - 1] as number;
  }
  // Two of the largest doubles lie further apart than a double can say.
  const width = high / BARS - low / BARS;
  if (!(width > 0)) return { form: 'numbers', edges: [low, low], reference: [1], current: [1] };
  const edges = Array.from({ length: BARS + 1 }, (_, bin) => low * (1 - bin / BARS) + high * (bin / BARS));
  const shares = (values: Float64Array): number[] => {
    const counts = new Array<number>(BARS).fill(0);
    let present = 0;
    for (const value of values) {
      if (Number.isNaN(value)) continue;
      present += 1;
      const bin = Math.min(BARS - 1, Math.max(0, Math.floor(value / width - low / width)));
      counts[bin] = (counts[bin] as number) + 1;
    }
    return counts.map((count) => (present === 0 ? 0 : count / present));
  };
  return { form: 'numbers', edges, reference: shares(reference), current: shares(current) };
}

/**
 * The same from counts: rows of bin i lie above step i - 1 and up to step i, and are drawn as if spread evenly between them.
 * @param steps ascending, finite; the first and the last bound everything that is drawn
 */
export function stepPicture(steps: Float64Array, reference: Float64Array, current: Float64Array): Picture {
  const sum = (counts: Float64Array): number => counts.reduce((all, count) => all + count, 0);
  const all = sum(reference) + sum(current);
  if (steps.length === 0 || all === 0) return { form: 'none' };
  const pointAt = (share: number): number => {
    let below = 0;
    const at = steps.findIndex(
      (_, bin) => (below += (reference[bin] as number) + (current[bin] as number)) >= share * all,
    );
    return steps[at < 0 ? steps.length - 1 : at] as number;
  };
  let [low, high] = [pointAt(0.01), pointAt(0.99)];
  if (low === high) [low, high] = [steps[0] as number, steps[steps.length - 1] as number];
  const width = high / BARS - low / BARS;
  if (!(width > 0)) return { form: 'numbers', edges: [low, low], reference: [1], current: [1] };
  const edges = Array.from({ length: BARS + 1 }, (_, bin) => low * (1 - bin / BARS) + high * (bin / BARS));
  const shares = (counts: Float64Array): number[] => {
    const bars = new Array<number>(BARS).fill(0);
    const total = sum(counts);
    counts.forEach((count, bin) => {
      const barOf = (value: number): number => Math.min(BARS - 1, Math.max(0, Math.floor(value / width - low / width)));
      const to = steps[bin] as number;
      const [first, last] = [barOf(steps[Math.max(0, bin - 1)] as number), barOf(to)];
      for (let bar = first; bar <= last; bar += 1)
        bars[bar] = (bars[bar] as number) + count / (last - first + 1) / Math.max(1, total);
    });
    return bars;
  };
  return { form: 'numbers', edges, reference: shares(reference), current: shares(current) };
}
