// Frames of columns as people have them, from a seed alone: so that the scores of Evidently for them can be frozen without the rows.
import type { Sample, SampleColumn } from '../../drift/sample.js';
import { dice, numbers, sample, texts } from '../../testing/rows.js';

export interface Frame {
  readonly reference: Sample;
  readonly current: Sample;
}

type Make = (name: string, rows: number, shift: number) => SampleColumn;

const ROWS = [30, 200, 700, 1000, 1001, 1300] as const;
const NOW = [20, 150, 900, 1500] as const;
const SHIFTS = [0, 0, 0.1, 0.4] as const;

export function frameOf(seed: number): Frame {
  const { uniform, normal } = dice(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(uniform() * of.length)] as T;
  const poisson = (mean: number): number => {
    let product = uniform();
    let many = 0;
    for (const limit = Math.exp(-mean); product > limit; many += 1) product *= uniform();
    return many;
  };
  const float = (name: string, rows: number, value: () => number): SampleColumn => ({
    ...numbers(name, rows, value),
    stored: 'float64',
  });
  const whole = (name: string, rows: number, value: () => number): SampleColumn => ({
    ...numbers(name, rows, value),
    stored: 'int64',
  });
  const words = (name: string, rows: number, value: () => string | undefined): SampleColumn =>
    texts(name, Array.from({ length: rows }, value));
  const kinds: Readonly<Record<string, Make>> = {
    normal: (name, rows, shift) => float(name, rows, () => normal() + shift),
    lognormal: (name, rows, shift) => float(name, rows, () => Math.exp(normal() + shift)),
    heavy: (name, rows, shift) => float(name, rows, () => normal() / Math.sqrt(uniform()) + shift),
    coin: (name, rows, shift) => whole(name, rows, () => (uniform() < 0.5 + shift / 4 ? 1 : 0)),
    few: (name, rows, shift) => whole(name, rows, () => Math.floor(4 * uniform() + shift)),
    counts: (name, rows, shift) => whole(name, rows, () => poisson(3 + shift)),
    larger: (name, rows, shift) => whole(name, rows, () => poisson(20 + shift)),
    flag: (name, rows, shift) => ({
      ...numbers(name, rows, () => (uniform() < 0.3 + shift / 3 ? 1 : 0)),
      kind: 'boolean',
    }),
    letters: (name, rows, shift) =>
      words(name, rows, () => (uniform() < 0.4 - shift / 5 ? 'a' : pick(['b', 'c', 'dé']))),
    pair: (name, rows, shift) => words(name, rows, () => (uniform() < 0.5 + shift / 4 ? 'yes' : 'no')),
    gaps: (name, rows, shift) =>
      float(name, rows, () => (uniform() < 0.1 ? NaN : Math.round(10 * (normal() + shift)) / 10)),
    infinite: (name, rows, shift) =>
      float(name, rows, () => (uniform() < 0.05 ? pick([Infinity, -Infinity]) : 2 * normal() + shift)),
    constant: (name, rows) => float(name, rows, () => 3),
    holes: (name, rows) => words(name, rows, () => (uniform() < 0.2 ? undefined : pick(['p', 'q', 'r']))),
    stepped: (name, rows, shift) => float(name, rows, () => Math.floor(8 * uniform() + shift)),
  };
  const [before, now] = [pick(ROWS), pick(NOW)];
  const pairs = Object.entries(kinds).map(
    ([name, make]) => [make(name, before, 0), make(name, now, pick(SHIFTS))] as const,
  );
  return {
    reference: sample('reference', ...pairs.map(([column]) => column)),
    current: sample('current', ...pairs.map(([, column]) => column)),
  };
}

/** As JSON that any language reads: null is missing, infinities are words. */
export function frameJson({ reference, current }: Frame): object {
  const side = ({ columns }: Sample): object[] => columns.map(columnJson);
  return { reference: side(reference), current: side(current) };
}

function columnJson(column: SampleColumn): object {
  const { name, kind } = column;
  if (column.kind === 'text') {
    const values = Array.from(column.codes, (code) => (code < 0 ? null : column.levels[code]));
    return { name, kind, stored: 'str', values };
  }
  const values = Array.from(column.values, (value) =>
    Number.isNaN(value) ? null : Number.isFinite(value) ? value : String(value),
  );
  return { name, kind, stored: column.stored ?? kind, values };
}
