// Two samples compared column by column under one error budget: the calibrated judge.
import { adjustP } from '@vallum/stats';
import { effectOf } from './effect.js';
import { rowsNeeded, smallestSeen } from './enough.js';
import type { Answered } from './permute.js';
import { askAll } from './permute.js';
import { pictureOf } from './picture.js';
import type { Asked, ColumnQuestion } from './questions.js';
import { questionsOf } from './questions.js';
import type {
  AnswerReport,
  ColumnReport,
  ColumnState,
  Comparison,
  DriftOutcome,
  Side,
  StructureChange,
} from './report.js';
import type { Sample, SampleColumn, TextColumn } from './sample.js';
import { checkSample } from './sample.js';
import { countLevels } from './code-levels.js';

export interface CompareOptions {
  /** Chance that a comparison of like with like reports drift anywhere, 0.05 say; with `fdr` the expected share of false ones. */
  readonly alpha: number;
  readonly control: 'family' | 'fdr';
  /** Below both of these a sure change is `small`: shift in standard deviations, share of rows that moved. */
  readonly floorShift: number;
  readonly floorMoved: number;
  /** A shift of so many standard deviations must not go unseen, or there is not enough data. */
  readonly detect: number;
  readonly permutations: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

interface Pair {
  readonly reference: SampleColumn;
  readonly current: SampleColumn;
  readonly asked: Asked;
}

/** @throws VallumError `DRIFT_SAMPLE` */
export async function compareSamples(reference: Sample, current: Sample, options: CompareOptions): Promise<Comparison> {
  checkSample(reference);
  checkSample(current);
  const structure = structureChanges(reference, current);
  const pairs = pairColumns(reference, current);
  const questions = pairs.flatMap(({ asked }) => asked.questions);
  const permutations = dealsFor(questions.length, options);
  const deal = reference.marginal === true || current.marginal === true ? 'columns' : 'rows';
  const answered = await askAll(questions, reference.rows, { ...options, permutations, deal });
  const adjusted =
    options.control === 'family'
      ? answered.map(({ familyP }) => familyP)
      : adjustP(
          answered.map(({ p }) => p),
          'benjamini-hochberg',
        );
  let next = 0;
  const columns = pairs.map((pair) => {
    const answers = pair.asked.questions.map((question): AnswerReport => {
      const at = next++;
      return reportAnswer(question, answered[at] as Answered, adjusted[at] as number, reference.rows, options);
    });
    return reportColumn(pair, answers, questions.length, options);
  });
  return {
    outcome: outcomeOf(columns, structure),
    reference: sideOf(reference),
    current: sideOf(current),
    alpha: options.alpha,
    questions: questions.length,
    permutations,
    columns: columns.sort(byImportance),
    structure,
  };
}

/** A discovery among very many columns needs smaller p-values than the family's threshold does. */
function dealsFor(questions: number, { control, permutations, alpha }: CompareOptions): number {
  if (control === 'family') return permutations;
  return Math.min(20_000, Math.max(permutations, Math.ceil((4 * questions) / alpha)));
}

const sideOf = ({ name, rows, of }: Sample): Side => ({ name, rows, ...(of === undefined ? {} : { of }) });
const isText = (column: SampleColumn): boolean => column.kind === 'text';

function structureChanges(reference: Sample, current: Sample): readonly StructureChange[] {
  const now = new Map(current.columns.map((column) => [column.name, column]));
  const before = new Set(reference.columns.map(({ name }) => name));
  const changes: StructureChange[] = [];
  for (const column of reference.columns) {
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
  for (const { name } of current.columns)
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

function reportAnswer(
  question: ColumnQuestion,
  { strength, aspect, p }: Answered,
  adjustedP: number,
  rows: number,
  { alpha, floorShift, floorMoved }: CompareOptions,
): AnswerReport {
  const counts = [new Float64Array(question.bins + 1), new Float64Array(question.bins + 1)] as const;
  question.codes.forEach((code, row) => {
    const own = counts[row < rows ? 0 : 1];
    own[code] = (own[code] as number) + 1;
  });
  const present = counts.map((own) => own.reduce((sum, count) => sum + count, 0) - (own[0] as number));
  const effect =
    (present[0] as number) > 0 && (present[1] as number) > 0
      ? effectOf(counts[0], counts[1], question.order, 0.95)
      : { moved: { value: 0, low: 0, high: 1 } };
  const large = effect.moved.value >= floorMoved || Math.abs(effect.shift?.value ?? 0) >= floorShift;
  return { concern: question.concern, aspect, p, adjustedP, strength, effect, sure: adjustedP <= alpha, large };
}

function reportColumn(
  { reference, current, asked }: Pair,
  answers: readonly AnswerReport[],
  questions: number,
  { alpha, detect }: CompareOptions,
): ColumnReport {
  const rows = {
    reference: rowsOf(reference) - asked.missing.reference,
    current: rowsOf(current) - asked.missing.current,
  };
  const seen = smallestSeen(rows.reference, rows.current, alpha, questions);
  const enough = seen <= detect;
  const unseen = reference.kind === 'text' && current.kind === 'text' ? unseenOf(reference, current, asked) : undefined;
  return {
    name: reference.name,
    kind: asked.kind,
    state: stateOf(answers, rows, enough),
    answers: [...answers].sort((a, b) => b.strength - a.strength),
    missing: asked.missing,
    smallestSeen: Number.isFinite(seen) ? seen : null,
    ...(enough ? {} : { needed: rowsNeeded(detect, rows.reference, alpha, questions) }),
    ...(unseen === undefined ? {} : { unseen }),
    picture: asked.kind === 'text' ? { form: 'none' } : pictureOf(reference, current),
  };
}

function stateOf(
  answers: readonly AnswerReport[],
  rows: { readonly reference: number; readonly current: number },
  enough: boolean,
): ColumnState {
  if (answers.some(({ sure, large }) => sure && large)) return 'drift';
  if (rows.reference === 0 && rows.current === 0) return 'not-compared';
  if (!enough) return 'not-enough-data';
  return answers.some(({ sure }) => sure) ? 'small' : 'no-drift';
}

function unseenOf(reference: TextColumn, current: TextColumn, { kind }: Asked): ColumnReport['unseen'] {
  if (kind !== 'category') return undefined;
  const fresh = countLevels(reference, current).filter((level) => level.reference === 0);
  if (fresh.length === 0) return undefined;
  return {
    categories: fresh.length,
    rows: fresh.reduce((sum, level) => sum + level.current, 0),
    examples: fresh.slice(0, 5).map(({ name }) => name.slice(0, 200)),
  };
}

function rowsOf(column: SampleColumn): number {
  return column.kind === 'text' ? column.codes.length : column.values.length;
}

function outcomeOf(columns: readonly ColumnReport[], structure: readonly StructureChange[]): DriftOutcome {
  if (structure.length > 0 || columns.some(({ state }) => state === 'drift')) return 'drift';
  const compared = columns.filter(({ state }) => state !== 'not-compared');
  return compared.length === 0 || compared.some(({ state }) => state === 'not-enough-data')
    ? 'not-enough-data'
    : 'no-drift';
}

const STATES: readonly ColumnState[] = ['drift', 'not-enough-data', 'small', 'no-drift', 'not-compared'];

function byImportance(a: ColumnReport, b: ColumnReport): number {
  const strength = ({ answers }: ColumnReport): number => answers[0]?.strength ?? -Infinity;
  return STATES.indexOf(a.state) - STATES.indexOf(b.state) || compare(strength(b), strength(a));
}

/** -Infinity against itself is no NaN. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
