// Folds for out-of-fold predictions: seeded, and each class spread evenly over them.
import { statsInput } from '../matrix-input.js';
import type { Matrix } from '../matrix.js';
import { mulberry32, shuffle } from '../random.js';

/**
 * The fold of each row, 0 to folds - 1. Every class meets every fold as evenly as its count allows.
 * @throws VallumError STATS_INPUT on fewer than two folds, or fewer rows than folds
 */
export function stratifiedFolds(labels: ArrayLike<number>, folds: number, seed: number): Uint8Array {
  if (!Number.isSafeInteger(folds) || folds < 2 || folds > 100 || labels.length < folds)
    throw statsInput(`${labels.length} rows cannot be dealt to ${folds} folds`);
  const random = mulberry32(seed);
  const members = new Map<number, number[]>();
  for (let row = 0; row < labels.length; row += 1) {
    const label = labels[row] as number;
    const of = members.get(label);
    if (of === undefined) members.set(label, [row]);
    else of.push(row);
  }
  const fold = new Uint8Array(labels.length);
  let next = 0;
  for (const label of [...members.keys()].sort((a, b) => a - b))
    for (const row of shuffle(members.get(label) ?? [], random)) {
      fold[row] = next;
      next = (next + 1) % folds;
    }
  return fold;
}

/** Some rows of a matrix, in the order given. */
export function takeRows({ columns, values }: Matrix, rows: ArrayLike<number>): Matrix {
  const taken = new Float64Array(rows.length * columns);
  for (let i = 0; i < rows.length; i += 1) {
    const start = (rows[i] as number) * columns;
    taken.set(values.subarray(start, start + columns), i * columns);
  }
  return { rows: rows.length, columns, values: taken };
}

/** Rows of a over rows of b. */
export function stackRows(a: Matrix, b: Matrix): Matrix {
  if (a.columns !== b.columns) throw statsInput(`${a.columns} columns on one side and ${b.columns} on the other`);
  const values = new Float64Array(a.values.length + b.values.length);
  values.set(a.values);
  values.set(b.values, a.values.length);
  return { rows: a.rows + b.rows, columns: a.columns, values };
}
