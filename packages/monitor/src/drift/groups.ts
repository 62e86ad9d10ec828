// Drift split by who sent the rows: a season moves all callers and sources alike, an attack moves one of them, and a new mix of
// them moves the whole without any of them having changed. What an attacker chooses is the values of his own group, and how many
// rows it has; the others he cannot move.
import { chiSquareTail, normalQuantile } from '@vallum/stats';
import { codeNumbers, encode } from './code-numbers.js';
import type { CompareOptions } from './options.js';
import { compareSamples } from './compare.js';
import { countLevels } from './code-levels.js';
import type { Estimate } from './effect.js';
import { effectOf } from './effect.js';
import type { Comparison } from './report.js';
import type { Sample, TextColumn } from './sample.js';
import { columnOf, pickRows } from './sample.js';
import { asLevels } from './levels.js';

const MOST_GROUPS = 20;

export interface GroupReport {
  readonly name: string;
  readonly rows: { readonly reference: number; readonly current: number };
  /** Absent where one side has no rows of this group. */
  readonly comparison?: Comparison;
}

/**
 * `together`: the groups moved alike, within chance; `some`: those that are named moved, and surely not the others alike;
 * `unclear`: some moved, and the others may have or not; `mix`: none surely moved, their shares did; `none`: none surely moved.
 */
export type Pattern = 'together' | 'some' | 'unclear' | 'mix' | 'none';

export interface ColumnPattern {
  readonly column: string;
  readonly pattern: Pattern;
  /** Groups that moved, largest shift first; empty where most of them did. */
  readonly moved: readonly string[];
  /** Shift of each group in standard deviations, in the order of `groups`; only for ordered values. */
  readonly shifts: readonly (Estimate | null)[];
  /** Cochran's Q for "all groups shifted alike": its p-value; null where fewer than two groups can say. */
  readonly alikeP: number | null;
  /** Shift that the groups have in common: their mean, weighted by rows; what is left when the mix is taken out. */
  readonly common: Estimate | null;
}

export interface SplitReport {
  readonly by: string;
  readonly alpha: number;
  /** How the shares of the groups changed, and whether that is sure. */
  readonly mix: Comparison;
  /** Largest first; beyond twenty, groups are not told apart and not listed: `others` counts them. */
  readonly groups: readonly GroupReport[];
  readonly others: number;
  readonly patterns: readonly ColumnPattern[];
}

/**
 * @param overall columns that drifted over all groups together
 * Half of the error budget goes to the mix and half is shared by the groups.
 * @throws VallumError `DRIFT_COLUMN` where the column is missing on either side
 */
export async function splitBy(
  by: string,
  reference: Sample,
  current: Sample,
  options: CompareOptions,
  overall: ReadonlySet<string>,
): Promise<SplitReport> {
  const sides = { reference: asLevels(columnOf(reference, by)), current: asLevels(columnOf(current, by)) };
  const levels = countLevels(sides.reference, sides.current);
  const own = levels.slice(0, MOST_GROUPS);
  const mix = await compareSamples(only(reference, sides.reference), only(current, sides.current), {
    ...options,
    alpha: options.alpha / 2,
  });
  const groups: GroupReport[] = [];
  const parts: (readonly [Sample, Sample])[] = [];
  for (const { name, ...rows } of own) {
    const pair = [rowsOf(reference, sides.reference, name), rowsOf(current, sides.current, name)] as const;
    parts.push(pair);
    if (rows.reference === 0 || rows.current === 0) {
      groups.push({ name, rows });
      continue;
    }
    const comparison = await compareSamples(...pair, { ...options, alpha: options.alpha / 2 / own.length });
    groups.push({ name, rows, comparison });
  }
  const moved = mix.columns.some(({ state }) => state === 'drift');
  const patterns = reference.columns
    .filter(({ name }) => name !== by && current.columns.some((column) => column.name === name))
    .map(({ name }) =>
      patternOf(name, groups, parts, {
        alpha: options.alpha,
        mixMoved: moved,
        movedOverall: overall.has(name),
      }),
    );
  return { by, alpha: options.alpha, mix, groups, others: levels.length - own.length, patterns };
}

function only(sample: Sample, column: TextColumn): Sample {
  return { name: sample.name, rows: sample.rows, columns: [column] };
}

/** Rows of one group, without the column that says which. */
function rowsOf(sample: Sample, column: TextColumn, group: string): Sample {
  const code = column.levels.indexOf(group);
  const rows: number[] = [];
  column.codes.forEach((own, row) => own === code && rows.push(row));
  return pickRows(
    { ...sample, columns: sample.columns.filter(({ name }) => name !== column.name) },
    Int32Array.from(code < 0 ? [] : rows),
  );
}

function patternOf(
  column: string,
  groups: readonly GroupReport[],
  parts: readonly (readonly [Sample, Sample])[],
  {
    alpha,
    mixMoved,
    movedOverall,
  }: { readonly alpha: number; readonly mixMoved: boolean; readonly movedOverall: boolean },
): ColumnPattern {
  const drifted = groups.filter(({ comparison }) =>
    comparison?.columns.some(({ name, state }) => name === column && state === 'drift'),
  );
  const compared = groups.flatMap(({ comparison }) => comparison?.columns.filter(({ name }) => name === column) ?? []);
  const shifts = shiftsOf(column, parts);
  const meta = combine(shifts, parts);
  // Categories have no shift to compare: there a group is unlike the others if those had rows enough to show a change.
  const blind = compared.some(({ state }) => state === 'not-enough-data');
  const most = drifted.length > compared.length / 2;
  const unlike = meta === undefined ? !most && !blind : meta.alikeP <= alpha;
  // What surely moved over all groups and has a common shift within them moved together, even if each group is too small to say.
  const shared = movedOverall && meta !== undefined && meta.common.low * meta.common.high > 0;
  const pattern = nameOf(drifted.length, { unlike, together: most || shared, mixMoved: mixMoved && movedOverall });
  const size = (group: GroupReport): number => Math.abs(shifts[groups.indexOf(group)]?.value ?? 0);
  return {
    column,
    pattern,
    moved:
      pattern === 'some' || pattern === 'unclear'
        ? [...drifted].sort((a, b) => size(b) - size(a)).map(({ name }) => name)
        : [],
    shifts,
    alikeP: meta?.alikeP ?? null,
    common: meta?.common ?? null,
  };
}

function nameOf(
  drifted: number,
  { unlike, together, mixMoved }: { readonly unlike: boolean; readonly together: boolean; readonly mixMoved: boolean },
): Pattern {
  if (drifted > 0 && unlike) return 'some';
  if (together) return 'together';
  if (drifted > 0) return 'unclear';
  return mixMoved ? 'mix' : 'none';
}

/** Every group in the unit of all groups together, so that they can be compared with each other. */
function shiftsOf(column: string, parts: readonly (readonly [Sample, Sample])[]): readonly (Estimate | null)[] {
  const values = parts.map((pair) =>
    pair.map((sample) => {
      const found = columnOf(sample, column);
      return found.kind === 'number' || found.kind === 'time' ? found.values : undefined;
    }),
  );
  const join = (side: 0 | 1): Float64Array =>
    Float64Array.from(values.flatMap((pair) => (pair[side] === undefined ? [] : [...pair[side]])));
  const { edges } = codeNumbers(join(0), join(1));
  return values.map(([reference, current]) => {
    if (reference === undefined || current === undefined || edges.length < 2) return null;
    const counts = [reference, current].map((side) => {
      const codes = new Uint8Array(side.length);
      encode(side, edges, codes);
      const own = new Float64Array(edges.length + 1);
      for (const code of codes) own[code] = (own[code] as number) + 1;
      own[0] = 0;
      return own;
    });
    const present = counts.map((own) => own.reduce((sum, count) => sum + count, 0));
    if (present.some((rows) => rows < 2)) return null;
    return effectOf(counts[0]!, counts[1]!, 'ordered', 0.95).shift ?? null;
  });
}

/** Mean of the groups' shifts, and their scatter around it against their own errors: Cochran's Q (1954). */
function combine(
  shifts: readonly (Estimate | null)[],
  parts: readonly (readonly [Sample, Sample])[],
): { readonly alikeP: number; readonly common: Estimate } | undefined {
  let weights = 0;
  let sum = 0;
  let squares = 0;
  let many = 0;
  shifts.forEach((shift, at) => {
    const [reference, current] = parts[at] as readonly [Sample, Sample];
    if (shift === null) return;
    const weight = 1 / (1 / reference.rows + 1 / current.rows);
    weights += weight;
    sum += weight * shift.value;
    squares += weight * shift.value ** 2;
    many += 1;
  });
  if (many < 2) return undefined;
  const value = sum / weights;
  const error = normalQuantile(0.975) / Math.sqrt(weights);
  return {
    alikeP: chiSquareTail(Math.max(0, squares - sum ** 2 / weights), many - 1),
    common: { value, low: value - error, high: value + error },
  };
}
