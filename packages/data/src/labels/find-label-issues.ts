// Rows whose label looks wrong, by confident learning; the flagged set is that of cleanlab 2.9 on the same probabilities.
import { VallumError } from '@vallum/core';
import { confidentJoint } from './confident-joint.js';
import type { Labelled } from './labelled.js';
import { lowestRows } from './portable-order.js';
import { pruneByClass, pruneByNoiseRate, pruneCounts } from './prune.js';
import { labelQuality } from './quality-scores.js';

export const LABEL_FILTERS = [
  'prune_by_noise_rate',
  'prune_by_class',
  'both',
  'confident_learning',
  'predicted_neq_given',
  'low_normalized_margin',
  'low_self_confidence',
] as const;
export type LabelFilter = (typeof LABEL_FILTERS)[number];

export interface LabelIssueOptions {
  readonly filter?: LabelFilter;
  /** Classes with this many rows or fewer lose none to the pruning filters. */
  readonly minExamplesPerClass?: number;
  /** Share of the estimated noise that the pruning filters flag, above 0 and up to 1. */
  readonly fracNoise?: number;
}

/**
 * @returns numbers of the flagged rows, ascending
 * @throws VallumError LABELS_INPUT on impossible options
 */
export function findLabelIssues(data: Labelled, options: LabelIssueOptions = {}): Uint32Array {
  const { filter = 'prune_by_noise_rate', minExamplesPerClass = 1, fracNoise = 1 } = options;
  if (!Number.isSafeInteger(minExamplesPerClass) || minExamplesPerClass < 0 || !(fracNoise > 0 && fracNoise <= 1))
    throw new VallumError('LABELS_INPUT', 'the options of the label check make no sense', {
      fix: 'give a whole number of examples, and a share of noise above 0 and up to 1',
    });
  const joint = confidentJoint(data);
  const prune = (): Int32Array => pruneCounts(joint.counts, data.classes, minExamplesPerClass, fracNoise);
  switch (filter) {
    case 'prune_by_noise_rate':
      return rowsOf(data, pruneByNoiseRate(data, prune(), minExamplesPerClass));
    case 'prune_by_class':
      return rowsOf(data, pruneByClass(data, prune(), minExamplesPerClass));
    case 'both': {
      const counts = prune();
      const byClass = pruneByClass(data, counts, minExamplesPerClass);
      const byRate = pruneByNoiseRate(data, counts, minExamplesPerClass);
      return rowsOf(
        data,
        byRate.map((flag, row) => flag & (byClass[row] as number)),
      );
    }
    case 'confident_learning':
      return rowsOf(data, maskOf(data.rows, joint.offDiagonal));
    case 'predicted_neq_given':
      return rowsOf(data, new Uint8Array(data.rows).fill(1));
    case 'low_normalized_margin':
    case 'low_self_confidence': {
      const scores = labelQuality(data, filter === 'low_self_confidence' ? 'self_confidence' : 'normalized_margin');
      const issues = rowsOf(data, maskOf(data.rows, joint.offDiagonal)).length;
      return lowestRows(scores, issues).sort();
    }
  }
}

function maskOf(rows: number, flagged: Uint32Array): Uint8Array {
  const mask = new Uint8Array(rows);
  for (const row of flagged) mask[row] = 1;
  return mask;
}

/** The flagged rows, without those where no class is likelier than the given one. */
function rowsOf({ rows, classes, labels, values }: Labelled, mask: Uint8Array): Uint32Array {
  const flagged: number[] = [];
  for (let row = 0; row < rows; row += 1) {
    if (mask[row] === 0) continue;
    const start = row * classes;
    const own = values[start + (labels[row] as number)] as number;
    for (let k = 0; k < classes; k += 1) {
      if ((values[start + k] as number) <= own) continue;
      flagged.push(row);
      break;
    }
  }
  return Uint32Array.from(flagged);
}
