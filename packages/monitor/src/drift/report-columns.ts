// From p-values and counts to what a report says of a column and of all of them: the same whether rows were compared or counts.
import { adjustP } from '@vallum/stats';
import type { CompareOptions } from './options.js';
import { effectOf } from './effect.js';
import { rowsNeeded, smallestSeen } from './enough.js';
import type { Answered } from './permute.js';
import type { ColumnKind, Concern } from './questions.js';
import type { Order } from './rank-statistics.js';
import type {
  AnswerReport,
  ColumnReport,
  ColumnState,
  Comparison,
  DriftOutcome,
  SideCount,
  StructureChange,
} from './report.js';

/** A question with the rows of both samples by bin, index 0 for missing values. */
export interface CountedQuestion {
  readonly concern: Concern;
  readonly order: Order;
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

/** What a report says of a column beside its answers. */
export interface ColumnFacts extends Pick<ColumnReport, 'name' | 'missing' | 'picture' | 'unseen'> {
  readonly kind: ColumnKind;
  /** Rows with a value or without. */
  readonly rows: SideCount;
  readonly questions: readonly CountedQuestion[];
}

/** A discovery among very many columns needs smaller p-values than the family's threshold does. */
export function dealsFor(questions: number, { control, permutations, alpha }: CompareOptions): number {
  if (control === 'family') return permutations;
  return Math.min(20_000, Math.max(permutations, Math.ceil((4 * questions) / alpha)));
}

/** @param answered one for each question, in the order of the columns */
export function reportColumns(
  columns: readonly ColumnFacts[],
  answered: readonly Answered[],
  structure: readonly StructureChange[],
  options: CompareOptions,
): Pick<Comparison, 'outcome' | 'alpha' | 'questions' | 'columns' | 'structure'> {
  const adjusted =
    options.control === 'family'
      ? answered.map(({ familyP }) => familyP)
      : adjustP(
          answered.map(({ p }) => p),
          'benjamini-hochberg',
        );
  let next = 0;
  const reports = columns.map((column) => {
    const answers = column.questions.map((question): AnswerReport => {
      const at = next++;
      return reportAnswer(question, answered[at] as Answered, adjusted[at] as number, options);
    });
    return reportColumn(column, answers, answered.length, options);
  });
  return {
    outcome: outcomeOf(reports, structure),
    alpha: options.alpha,
    questions: answered.length,
    columns: reports.sort(byImportance),
    structure,
  };
}

function reportAnswer(
  { concern, order, reference, current }: CountedQuestion,
  { strength, aspect, p }: Answered,
  adjustedP: number,
  { alpha, floorShift, floorMoved }: CompareOptions,
): AnswerReport {
  const [before, now] = [reference, current].map(
    (own) => own.reduce((sum, count) => sum + count, 0) - (own[0] as number),
  );
  const effect =
    (before as number) > 0 && (now as number) > 0
      ? effectOf(reference, current, order, 0.95)
      : { moved: { value: 0, low: 0, high: 1 } };
  const large = effect.moved.value >= floorMoved || Math.abs(effect.shift?.value ?? 0) >= floorShift;
  return { concern, aspect, p, adjustedP, strength, effect, sure: adjustedP <= alpha, large };
}

function reportColumn(
  { name, kind, missing, picture, unseen, rows: all }: ColumnFacts,
  answers: readonly AnswerReport[],
  questions: number,
  { alpha, detect }: CompareOptions,
): ColumnReport {
  const rows = { reference: all.reference - missing.reference, current: all.current - missing.current };
  const seen = smallestSeen(rows.reference, rows.current, alpha, questions);
  const enough = seen <= detect;
  return {
    name,
    kind,
    state: stateOf(answers, rows, enough),
    answers: [...answers].sort((a, b) => b.strength - a.strength),
    missing,
    smallestSeen: Number.isFinite(seen) ? seen : null,
    ...(enough ? {} : { needed: rowsNeeded(detect, rows.reference, alpha, questions) }),
    ...(unseen === undefined ? {} : { unseen }),
    picture,
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
