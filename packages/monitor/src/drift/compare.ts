// Two samples compared column by column under one error budget: the calibrated judge.
import type { LevelCounts } from './code-levels.js';
import { countLevels } from './code-levels.js';
import { askAll } from './permute.js';
import { pictureOf } from './picture.js';
import type { Asked, ColumnQuestion } from './questions.js';
import { questionsOf } from './questions.js';
import type { ColumnReport, Comparison, Side, StructureChange } from './report.js';
import type { ColumnFacts, CountedQuestion } from './report-columns.js';
import type { CompareOptions } from './options.js';
import { dealsFor, reportColumns } from './report-columns.js';
import type { Sample, SampleColumn, TextColumn } from './sample.js';
import { checkSample } from './sample.js';

interface Pair {
  readonly reference: SampleColumn;
  readonly current: SampleColumn;
  readonly asked: Asked;
}

/** @throws VallumError `DRIFT_SAMPLE` */
export async function compareSamples(reference: Sample, current: Sample, options: CompareOptions): Promise<Comparison> {
  checkSample(reference);
  checkSample(current);
  const structure = structureChanges(reference.columns, current.columns);
  const pairs = pairColumns(reference, current);
  const questions = pairs.flatMap(({ asked }) => asked.questions);
  const permutations = dealsFor(questions.length, options);
  const answered = await askAll(questions, reference.rows, { ...options, permutations });
  const columns = pairs.map((pair) => factsOf(pair, { reference: reference.rows, current: current.rows }));
  return {
    ...reportColumns(columns, answered, structure, options),
    reference: sideOf(reference),
    current: sideOf(current),
    permutations,
  };
}

export const sideOf = ({ name, rows, of }: Side): Side => ({ name, rows, ...(of === undefined ? {} : { of }) });

/** A column by name and kind: `text`, or one of numbers. */
interface Named {
  readonly name: string;
  readonly kind: SampleColumn['kind'];
}
const isText = ({ kind }: Named): boolean => kind === 'text';

export function structureChanges(reference: readonly Named[], current: readonly Named[]): readonly StructureChange[] {
  const now = new Map(current.map((column) => [column.name, column]));
  const before = new Set(reference.map(({ name }) => name));
  const changes: StructureChange[] = [];
  for (const column of reference) {
    const other = now.get(column.name);
    if (other === undefined)
      changes.push({ column: column.name, change: 'gone', message: 'only the reference has this column' });
    else if (isText(other) !== isText(column))
      changes.push({
        column: column.name,
        change: 'type',
        message: `${column.kind} in the reference, ${other.kind} in the current: not compared`,
      });
  }
  for (const { name } of current)
    if (!before.has(name)) changes.push({ column: name, change: 'new', message: 'only the current has this column' });
  return changes;
}

function pairColumns(reference: Sample, current: Sample): readonly Pair[] {
  const now = new Map(current.columns.map((column) => [column.name, column]));
  return reference.columns.flatMap((column) => {
    const other = now.get(column.name);
    if (other === undefined || isText(other) !== isText(column)) return [];
    return [{ reference: column, current: other, asked: questionsOf(column, other) }];
  });
}

function factsOf({ reference, current, asked }: Pair, rows: ColumnFacts['rows']): ColumnFacts {
  const unseen = reference.kind === 'text' && current.kind === 'text' ? unseenIn(reference, current, asked) : undefined;
  return {
    name: reference.name,
    kind: asked.kind,
    rows,
    missing: asked.missing,
    questions: asked.questions.map((question) => countBoth(question, rows.reference)),
    picture: asked.kind === 'text' ? { form: 'none' } : pictureOf(reference, current),
    ...(unseen === undefined ? {} : { unseen }),
  };
}

function countBoth({ concern, order, codes, bins }: ColumnQuestion, rows: number): CountedQuestion {
  const [reference, current] = [new Float64Array(bins + 1), new Float64Array(bins + 1)] as const;
  codes.forEach((code, row) => {
    const own = row < rows ? reference : current;
    own[code] = (own[code] as number) + 1;
  });
  return { concern, order, reference, current };
}

function unseenIn(reference: TextColumn, current: TextColumn, { kind }: Asked): ColumnReport['unseen'] {
  return kind === 'category' ? unseenOf(countLevels(reference, current)) : undefined;
}

/** @param levels most frequent first */
export function unseenOf(levels: readonly LevelCounts[]): ColumnReport['unseen'] {
  const fresh = levels.filter((level) => level.reference === 0);
  if (fresh.length === 0) return undefined;
  return {
    categories: fresh.length,
    rows: fresh.reduce((sum, level) => sum + level.current, 0),
    examples: fresh.slice(0, 5).map(({ name }) => name.slice(0, 200)),
  };
}
