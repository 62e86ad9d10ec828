// What the ensemble is given, and the shapes that it refuses. Features and activations come from any framework as a matrix;
// an attacker may have written every row, so sizes are bounded and the row order must be the caller's, stated by ids.
import { VallumError } from '@vallum/core';
import type { Matrix } from '@vallum/stats';
import type { EnsembleRules } from './rules.js';
import type { AskModel } from './strip.js';
import type { ImageShape } from './views.js';

export interface EnsembleInput {
  /** One id, label and, where known, source for each row of the matrices. */
  readonly ids: readonly string[];
  readonly labels: readonly string[];
  readonly sources?: readonly string[];
  /** Raw features: pixels, columns, embeddings of a model that did not see these labels. */
  readonly features?: Matrix;
  /** Set when the features are pixels, row by row from the top. */
  readonly image?: ImageShape;
  /** Last hidden layer of the model that was trained on these rows. */
  readonly activations?: Matrix;
  /** The rows as text, for copies. */
  readonly texts?: readonly string[];
  /** The model that was trained on these rows. */
  readonly ask?: AskModel;
  readonly seed: number;
  readonly rules: EnsembleRules;
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

/** @throws VallumError `POISON_INPUT` */
export function checkEnsembleInput(input: EnsembleInput): void {
  const { ids, labels, sources, features, activations, image, texts, rules } = input;
  const rows = ids.length;
  if (rows === 0) throw wrong('there are no rows');
  if (rows > rules.maxRows) throw wrong(`there are ${rows} rows, and at most ${rules.maxRows} are compared`);
  if (new Set(ids).size !== rows) throw wrong('two rows have the same id');
  for (const [name, count] of [
    ['labels', labels.length],
    ['sources', sources?.length],
    ['feature rows', features?.rows],
    ['activation rows', activations?.rows],
    ['texts', texts?.length],
  ] as const)
    if (count !== undefined && count !== rows) throw wrong(`there are ${rows} row ids and ${count} ${name}`);
  for (const matrix of [features, activations]) if (matrix !== undefined) checkMatrix(matrix, rules);
  if (image !== undefined && features?.columns !== image.width * image.height * image.channels)
    throw wrong(
      `an image of ${image.width} x ${image.height} x ${image.channels} does not fill the columns of the features`,
    );
}

function checkMatrix({ rows, columns, values }: Matrix, { maxColumns }: EnsembleRules): void {
  if (columns < 1 || columns > maxColumns)
    throw wrong(`a matrix has ${columns} columns, and 1 to ${maxColumns} are compared`);
  if (values.length !== rows * columns)
    throw wrong(`a matrix says ${rows} x ${columns} and holds ${values.length} values`);
  for (const value of values) if (!Number.isFinite(value)) throw wrong('a matrix holds NaN or an infinity');
}

function wrong(why: string): VallumError {
  return new VallumError('POISON_INPUT', `the rows cannot be searched for poison: ${why}`, {
    fix: 'give one row of features, one label and one id for each row, in the same order',
  });
}
