// Class probabilities where nobody hands any in: logistic regression on the sampled rows, each judged by a model that never
// saw it. A model this simple doubts more honest rows than a good one does; its accuracy is told beside what it doubts.
import { takeRows } from '@vallum/stats';
import type { Column } from '@vallum/formats';
import { readLabelled } from '../../labels/labelled.js';
import { outOfFoldProbabilities } from '../../labels/out-of-fold.js';
import { shareInterval } from '../../tables/finding.js';
import { sortedClasses } from './given-probabilities.js';
import type { LabelQuestion } from './label-section.js';
import { agreementOf } from './label-section.js';
import type { RowSample, SampledFeatures } from './row-sample.js';

/** Rows x columns x classes of one model. */
const WORK = 4e6;
const MAX_CLASSES = 100;
const FOLDS = 5;
/** Rows that a model needs of each class, on average. */
const ROWS_A_CLASS = 20;

/** @returns why there is nothing to ask, as a sentence, where there is not */
export async function fromFeatures(
  sample: RowSample,
  features: SampledFeatures,
  label: Column,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<LabelQuestion | string> {
  const counts = new Map<string, number>();
  for (const text of sample.labels) if (text !== undefined) counts.set(text, (counts.get(text) ?? 0) + 1);
  // Of a class with fewer rows than folds some model sees none, and would doubt its rows for that alone.
  const names = sortedClasses(
    [...counts].filter(([, count]) => count >= FOLDS).map(([text]) => text),
    label,
  );
  if (names.length < 2) return `it takes two classes with ${FOLDS} rows or more`;
  if (names.length > MAX_CLASSES)
    return `a model of its own is fitted up to ${MAX_CLASSES} classes, and there are ${names.length}: give --probabilities`;
  const numberOf = new Map(names.map((text, index) => [text, index]));
  const usable = sample.rows.flatMap((_, i) => (numberOf.has(sample.labels[i] ?? '') ? [i] : []));
  const most = Math.floor(WORK / (features.matrix.columns * names.length));
  if (Math.min(most, usable.length) < ROWS_A_CLASS * names.length)
    return `${names.length} classes and ${features.matrix.columns} columns are too many for the rows: give --probabilities`;
  // The sample is in the order of the table: every so manyth row of it is as fair as all of it.
  const step = Math.max(1, usable.length / most);
  const chosen = Array.from({ length: Math.floor(usable.length / step) }, (_, i) => usable[Math.floor(i * step)] ?? 0);
  const labels = chosen.map((i) => numberOf.get(sample.labels[i] ?? '') ?? 0);
  const part = takeRows(features.matrix, chosen);
  const { probabilities } = await outOfFoldProbabilities(part, labels, names.length, {
    folds: FOLDS,
    seed,
    ...(signal === undefined ? {} : { signal }),
  });
  const data = readLabelled(labels, probabilities);
  const { agreeing, common } = agreementOf(data);
  if (shareInterval(agreeing, data.rows).low <= common / data.rows)
    return `logistic regression on ${features.from} knows no more of the label than its most frequent class (${agreeing} of ${data.rows} rows): give --probabilities`;
  const thin = [...counts.values()].filter((count) => count < FOLDS).length;
  return {
    names,
    rows: chosen.map((i) => sample.rows[i] ?? 0),
    data,
    how: `out-of-fold logistic regression on ${features.from}`,
    notExamined: [
      ...(chosen.length === sample.of
        ? []
        : [
            {
              what: `label issues in ${sample.of - chosen.length} of ${sample.of} rows`,
              why: 'a model is fitted to a sample of those that have a label',
            },
          ]),
      ...(thin === 0 ? [] : [{ what: `label issues in ${thin} classes`, why: `they have fewer than ${FOLDS} rows` }]),
    ],
  };
}
