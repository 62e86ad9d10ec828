// A profile compared with the counts of the current on its steps: the same judge as for rows, where rows are not kept.
import type { ColumnProfile, NumberProfile } from '@vallum/stats';
import { byFrequency, frequentLevels } from './code-levels.js';
import type { CompareOptions } from './options.js';
import { sideOf, structureChanges, unseenOf } from './compare.js';
import type { CountedColumn, CountedCurrent } from './count-current.js';
import type { CountsAsked } from './deal-counts.js';
import { askCounts } from './deal-counts.js';
import { dealtRows } from './permute.js';
import { levelPicture, stepPicture } from './picture.js';
import type { NamedProfile } from './profile-steps.js';
import { stepsOf } from './profile-steps.js';
import type { Comparison } from './report.js';
import type { ColumnFacts, CountedQuestion } from './report-columns.js';
import { dealsFor, reportColumns } from './report-columns.js';

type Question = CountedQuestion & CountsAsked;
type Facts = ColumnFacts & { readonly questions: readonly Question[] };
type Boolean = Extract<ColumnProfile, { type: 'boolean' }>;
type Text = Extract<ColumnProfile, { type: 'text' }>;

export async function compareCounts(
  { name, profile }: NamedProfile,
  current: CountedCurrent,
  options: CompareOptions,
): Promise<Comparison> {
  const columns = profile.columns.flatMap((column): Facts[] => {
    const own = current.counted.get(column.name);
    return own === undefined || isFreeText(column) ? [] : [factsOf(column, own, profile.rows, current.rows)];
  });
  const questions = columns.flatMap((column) => column.questions);
  const permutations = dealsFor(questions.length, options);
  const answered = await askCounts(questions, { ...options, permutations });
  const left = new Set(profile.columns.filter(isFreeText).map((column) => column.name));
  const structure = structureChanges(
    profile.columns.map((column) => ({ name: column.name, kind: column.type })),
    current.columns,
  ).filter(({ column, change }) => change !== 'type' || !left.has(column));
  return {
    ...reportColumns(columns, answered, structure, options),
    reference: sideOf({ name, rows: profile.rows }),
    current: sideOf(current),
    permutations,
  };
}

/** More different texts than a profile counts exactly. */
export function isFreeText(column: ColumnProfile): column is Text {
  return column.type === 'text' && column.labels.error > 0;
}

function factsOf(column: ColumnProfile, current: CountedColumn, before: number, now: number): Facts {
  const rows = { reference: before, current: now };
  if (column.type === 'text' && current.kind === 'text') return levelFacts(column, current, rows);
  if (column.type === 'boolean' && current.kind === 'boolean') return booleanFacts(column, current, rows);
  if (column.type !== 'text' && column.type !== 'boolean' && current.kind === 'number')
    return numberFacts(column, current.counts, rows);
  throw new Error('a column was counted as another kind than the profile says');
}

function numberFacts(column: NumberProfile, counts: Float64Array, rows: ColumnFacts['rows']): Facts {
  const { steps, counts: reference, rows: fewer } = stepsOf(column, rows.reference);
  // What lies beyond the last step counts as at it, and minus infinity as the first.
  const last = Math.max(0, steps.length - 1);
  const [low, high] = [steps[0] ?? 0, steps[last] ?? 0];
  const unit = high - low;
  const values = Float64Array.from(
    reference,
    (_, bin) => ((steps[Math.min(last, Math.max(0, bin - 2))] ?? 0) - low) / unit,
  );
  const scored = unit > 0 && Number.isFinite(unit) ? { values } : {};
  const inside = (all: Float64Array): Float64Array => all.subarray(2, steps.length + 2);
  return {
    name: column.name,
    kind: column.type,
    rows: { ...rows, reference: fewer },
    missing: { reference: reference[0] as number, current: counts[0] as number },
    picture: stepPicture(steps, inside(reference), inside(counts)),
    questions: [...asked({ reference, current: counts, order: 'ordered', ...scored })],
  };
}

function booleanFacts(
  column: Boolean,
  current: Extract<CountedColumn, { kind: 'boolean' }>,
  rows: ColumnFacts['rows'],
): Facts {
  const reference = Float64Array.of(column.missing, column.false, column.true, 0);
  const counts = Float64Array.of(current.missing, current.false, current.true, current.other);
  const levels = ['false', 'true', 'other'].map((name, at) => ({
    name,
    reference: reference[at + 1] as number,
    current: counts[at + 1] as number,
  }));
  return {
    name: column.name,
    kind: 'boolean',
    rows,
    missing: { reference: column.missing, current: current.missing },
    picture: levelPicture(byFrequency(levels.filter((level) => level.reference + level.current > 0))),
    questions: asked({ reference, current: counts, order: 'nominal' }),
  };
}

function levelFacts(column: Text, current: Extract<CountedColumn, { kind: 'text' }>, rows: ColumnFacts['rows']): Facts {
  const known = new Map(column.labels.counts);
  const names = [...new Set([...known.keys(), ...current.labels.keys()])];
  const all = names.map((name) => ({ name, reference: known.get(name) ?? 0, current: current.labels.get(name) ?? 0 }));
  const levels = byFrequency(all.filter((level) => level.reference + level.current > 0));
  const dealt = dealtRows(rows.reference, rows.current);
  const own = frequentLevels(levels, rows.reference + rows.current, Math.min(dealt.reference, dealt.current));
  const countsOf = (side: 'reference' | 'current', missing: number): Float64Array => {
    const told = own.map((level) => level[side]);
    const rest = rows[side] - missing - told.reduce((sum, count) => sum + count, 0);
    return Float64Array.of(missing, ...told, rest);
  };
  const unseen = unseenOf(levels);
  return {
    name: column.name,
    kind: 'category',
    rows,
    missing: { reference: column.missing, current: current.missing },
    picture: levelPicture(levels),
    questions: asked({
      reference: countsOf('reference', column.missing),
      current: countsOf('current', current.missing),
      order: 'nominal',
    }),
    ...(unseen === undefined ? {} : { unseen }),
  };
}

/** Whether its values changed, and whether it is missing more often: what chance could answer at all. */
function asked(values: CountsAsked): Question[] {
  const { reference, current } = values;
  const used = reference.filter((count, bin) => bin > 0 && count + (current[bin] as number) > 0).length;
  const gaps = (counts: Float64Array): Float64Array => {
    const [missing = 0] = counts;
    return Float64Array.of(0, counts.reduce((sum, count) => sum + count, 0) - missing, missing);
  };
  const missing = (reference[0] as number) + (current[0] as number);
  return [
    ...(used > 1 ? [{ concern: 'values' as const, ...values }] : []),
    ...(missing > 0 && used > 0
      ? [{ concern: 'missing' as const, order: 'nominal' as const, reference: gaps(reference), current: gaps(current) }]
      : []),
  ];
}
