// Rows for tests of drift: seeded, so that every run sees the same ones.
import { mulberry32 } from '@vallum/stats';
import type { NumberColumn, Sample, SampleColumn, TextColumn } from '../drift/sample.js';

export interface Dice {
  readonly uniform: () => number;
  /** Standard normal (Box and Muller). */
  readonly normal: () => number;
}

export function dice(seed: number): Dice {
  const uniform = mulberry32(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

export function numbers(name: string, rows: number, value: (row: number) => number): NumberColumn {
  return { name, kind: 'number', values: Float64Array.from({ length: rows }, (_, row) => value(row)) };
}

/** Undefined is a missing value. */
export function texts(name: string, values: readonly (string | undefined)[]): TextColumn {
  const levels = [...new Set(values.filter((value) => value !== undefined))];
  const places = new Map(levels.map((level, place) => [level, place]));
  return { name, kind: 'text', codes: Int32Array.from(values, (value) => places.get(value ?? '\0none') ?? -1), levels };
}

export function sample(name: string, ...columns: readonly SampleColumn[]): Sample {
  const [first] = columns;
  const rows = first === undefined ? 0 : first.kind === 'text' ? first.codes.length : first.values.length;
  return { name, rows, columns };
}

export const OPTIONS = {
  alpha: 0.05,
  control: 'family',
  floorShift: 0.05,
  floorMoved: 0.02,
  detect: 0.5,
  permutations: 399,
  seed: 1,
} as const;
