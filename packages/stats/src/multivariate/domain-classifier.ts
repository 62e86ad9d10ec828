// Drift over all columns at once: can a classifier tell reference rows from current ones? Scores are out of fold, so what
// it merely remembers does not count (Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", ICLR 2017).
import type { Matrix } from '../matrix.js';
import { statsInput } from '../matrix-input.js';
import { mulberry32, shuffle } from '../random.js';
import { normalTail } from '../special/normal.js';
import { auc } from './auc.js';
import type { Auc } from './auc.js';
import { boostedTrees } from './boosted-trees.js';
import { stackRows, stratifiedFolds, takeRows } from './folds.js';
import { logisticRegression } from './logistic-regression.js';

export interface DomainClassifierOptions {
  readonly seed: number;
  /** `trees` sees bends and interactions; `logistic` is quicker and better on many columns with few rows. */
  readonly model?: 'trees' | 'logistic';
  /** Default 2: the p-value counts the best fold, and halves are the largest ones. */
  readonly folds?: number;
  /** Refits with rows dealt to the sides by lot; 0, the default, takes the normal limit of each fold instead. */
  readonly permutations?: number;
}

export interface DomainClassifierResult extends Auc {
  /** One-sided: how likely so large an area is where both sides are alike. */
  readonly p: number;
  /** Out-of-fold probability of being a current row: reference rows first, then the current ones. */
  readonly scores: Float64Array;
}

/** Fewer rows on a side than this tell nothing apart. */
export const DOMAIN_CLASSIFIER_MIN_ROWS = 30;
const DEFAULT_FOLDS = 2;

/**
 * @throws VallumError STATS_INPUT on NaN, different columns, fewer than 30 rows on a side, impossible options
 */
export function domainClassifier(
  reference: Matrix,
  current: Matrix,
  { seed, model = 'trees', folds = DEFAULT_FOLDS, permutations = 0 }: DomainClassifierOptions,
): DomainClassifierResult {
  if (Math.min(reference.rows, current.rows) < DOMAIN_CLASSIFIER_MIN_ROWS)
    throw statsInput(`a domain classifier needs at least ${DOMAIN_CLASSIFIER_MIN_ROWS} rows on each side`);
  if (!Number.isSafeInteger(permutations) || permutations < 0 || permutations > 10_000)
    throw statsInput(`${permutations} permutations cannot be drawn`);
  const matrix = stackRows(reference, current);
  const sides = Uint8Array.from({ length: matrix.rows }, (_, row) => (row < reference.rows ? 0 : 1));
  const foldOf = stratifiedFolds(sides, folds, seed);
  const scoresOf = (of: ArrayLike<number>, fold: ArrayLike<number>): Float64Array =>
    outOfFold(matrix, of, { fold, model, folds });
  const scores = scoresOf(sides, foldOf);
  const found = auc(scores, sides);
  const random = mulberry32(seed ^ 0x5bd1e995);
  let atLeast = 0;
  for (let i = 0; i < permutations; i += 1) {
    const dealt = Uint8Array.from(shuffle([...sides], random));
    if (auc(scoresOf(dealt, stratifiedFolds(dealt, folds, seed)), dealt).auc >= found.auc) atLeast += 1;
  }
  const p = permutations > 0 ? (1 + atLeast) / (1 + permutations) : foldsP(scores, sides, { fold: foldOf, folds });
  return { ...found, p, scores };
}

interface Folds {
  /** Of each row. */
  readonly fold: ArrayLike<number>;
  readonly folds: number;
}

function outOfFold(
  matrix: Matrix,
  sides: ArrayLike<number>,
  { fold, model, folds }: Folds & { readonly model: 'trees' | 'logistic' },
): Float64Array {
  const scores = new Float64Array(matrix.rows);
  for (let held = 0; held < folds; held += 1) {
    const inside: number[] = [];
    const outside: number[] = [];
    for (let row = 0; row < matrix.rows; row += 1) (fold[row] === held ? outside : inside).push(row);
    const [train, test] = [takeRows(matrix, inside), takeRows(matrix, outside)];
    const labels = inside.map((row) => sides[row] as number);
    const given =
      model === 'trees'
        ? boostedTrees(train, labels).probabilities(test)
        : logisticRegression(train, labels, 2)
            .probabilities(test)
            .values.filter((_, i) => i % 2 === 1);
    for (const [i, row] of outside.entries()) scores[row] = given[i] as number;
  }
  return scores;
}

/**
 * Within a fold the scores do not depend on its labels, so that its area has the law of Mann and Whitney (1947). Folds depend on
 * each other, as each is part of what the others learnt from: their areas together scatter more than one of so many rows. So
 * the best fold counts, times their number (Bonferroni).
 */
function foldsP(scores: Float64Array, sides: Uint8Array, { fold, folds }: Folds): number {
  let least = 1;
  for (let held = 0; held < folds; held += 1) {
    const inside = (_: number, row: number): boolean => fold[row] === held;
    const { auc: area, positives: m, negatives: n } = auc(scores.filter(inside), sides.filter(inside));
    least = Math.min(least, normalTail((area - 0.5) / Math.sqrt((m + n + 1) / (12 * m * n))));
  }
  return Math.min(1, folds * least);
}
