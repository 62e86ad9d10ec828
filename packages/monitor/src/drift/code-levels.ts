// Categories as at most 254 codes, and one more for all that are rare: a category with fewer than five expected rows in the
// smaller sample says nothing alone, and would make a chi-square statistic as wild as its rarest cell. Names are hostile and
// are only compared.
import type { TextColumn } from './sample.js';

const MOST = 254;
const EXPECTED = 5;

export interface CodedLevels {
  /** 0 where the value is missing, else 1 to `bins`; the reference first. */
  readonly codes: Uint8Array;
  readonly bins: number;
  /** Name of each bin; undefined stands for the rare ones together, which come last. */
  readonly names: readonly (string | undefined)[];
}

export interface LevelCounts {
  readonly name: string;
  reference: number;
  current: number;
}

/** Rows of each category in both, most frequent first, ties by name. */
export function countLevels(reference: TextColumn, current: TextColumn): LevelCounts[] {
  const counts = new Map<string, LevelCounts>();
  const add = (column: TextColumn, side: 'reference' | 'current'): void => {
    const rows = new Float64Array(column.levels.length);
    for (const code of column.codes) if (code >= 0) rows[code] = (rows[code] as number) + 1;
    column.levels.forEach((name, code) => {
      if (rows[code] === 0) return;
      const known = counts.get(name) ?? { name, reference: 0, current: 0 };
      known[side] += rows[code] as number;
      counts.set(name, known);
    });
  };
  add(reference, 'reference');
  add(current, 'current');
  return byFrequency([...counts.values()]);
}

export function byFrequency(levels: readonly LevelCounts[]): LevelCounts[] {
  const total = (level: LevelCounts): number => level.reference + level.current;
  return [...levels].sort((a, b) => total(b) - total(a) || (a.name < b.name ? -1 : 1));
}

/** Those that stand alone. @param rows of both together. @param smaller rows of the smaller sample as they will be compared */
export function frequentLevels(levels: readonly LevelCounts[], rows: number, smaller: number): readonly LevelCounts[] {
  return levels.filter((level) => ((level.reference + level.current) / rows) * smaller >= EXPECTED).slice(0, MOST);
}

/** @param smaller rows of the smaller of two samples as they will be compared */
export function codeLevels(reference: TextColumn, current: TextColumn, smaller: number): CodedLevels {
  const levels = countLevels(reference, current);
  const rows = reference.codes.length + current.codes.length;
  const own = frequentLevels(levels, rows, smaller);
  const names: (string | undefined)[] = own.map(({ name }) => name);
  if (own.length < levels.length) names.push(undefined);
  const bins = names.length;
  const byName = new Map(own.map(({ name }, at) => [name, at + 1]));
  const codes = new Uint8Array(rows);
  const encode = (column: TextColumn, from: number): void => {
    const codeOf = Uint8Array.from(column.levels, (name) => byName.get(name) ?? bins);
    column.codes.forEach((code, row) => {
      if (code >= 0) codes[from + row] = codeOf[code] as number;
    });
  };
  encode(reference, 0);
  encode(current, reference.codes.length);
  return { codes, bins, names };
}
