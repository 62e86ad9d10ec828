// STRIP (Gao et al., ACSAC 2019): a row is blended with other rows; a model that still answers with the same label holds on
// to something that survives the blending, which is what a trigger does. Low entropy is also what an easy row has, so the
// rows of lowest entropy count only together with content that does not explain their label. Needs the model itself.
import { pause } from '@vallum/core';
import type { Matrix } from '@vallum/stats';
import { mulberry32 } from '@vallum/stats';
import type { RowSet } from './row-sets.js';
import type { EnsembleRules } from './rules.js';
import type { Labelled } from './votes.js';

/**
 * A model under test: probabilities for each row, `labels` columns in the order that the caller states.
 * @throws what the engine throws; the detector is then reported as not run
 */
export type AskModel = (rows: Matrix, signal: AbortSignal) => Promise<Matrix>;

export interface StripInput {
  readonly features: Matrix;
  readonly labels: Labelled;
  readonly ask: AskModel;
  readonly rules: EnsembleRules;
  readonly seed: number;
  readonly signal: AbortSignal;
}

const ROWS_A_TURN = 64;

/** Mean entropy (bits) of the model's answers about each row blended half and half with rows of other labels. */
export async function entropyUnderOverlays(input: StripInput): Promise<Float64Array> {
  const { features, labels, ask, rules, seed, signal } = input;
  const { rows, columns, values } = features;
  const random = mulberry32(seed);
  const entropy = new Float64Array(rows);
  for (let from = 0; from < rows; from += ROWS_A_TURN) {
    await pause(signal);
    const count = Math.min(ROWS_A_TURN, rows - from);
    const blended = new Float64Array(count * rules.stripOverlays * columns);
    for (let i = 0; i < count * rules.stripOverlays; i += 1) {
      const row = from + Math.floor(i / rules.stripOverlays);
      const other = overlayFor(row, labels, random);
      for (let c = 0; c < columns; c += 1)
        blended[i * columns + c] =
          ((values[row * columns + c] as number) + (values[other * columns + c] as number)) / 2;
    }
    const answers = await ask({ rows: count * rules.stripOverlays, columns, values: blended }, signal);
    for (let i = 0; i < answers.rows; i += 1) {
      const row = from + Math.floor(i / rules.stripOverlays);
      entropy[row] = (entropy[row] as number) + bits(answers, i) / rules.stripOverlays;
    }
  }
  return entropy;
}

/** A row of another label; after a few draws any row, for a label may be nearly all there is. */
function overlayFor(row: number, { codes }: Labelled, random: () => number): number {
  let other = row;
  for (let draw = 0; draw < 8; draw += 1) {
    other = Math.floor(random() * codes.length);
    if (codes[other] !== codes[row]) break;
  }
  return other;
}

function bits({ columns, values }: Matrix, row: number): number {
  let sum = 0;
  for (let c = 0; c < columns; c += 1) {
    const share = values[row * columns + c] as number;
    if (share > 0) sum -= share * Math.log2(share);
  }
  return sum;
}

/** For each label its rows whose entropy is among the lowest of the rows of all other labels. */
export function lowEntropySets(entropy: Float64Array, labels: Labelled, rules: EnsembleRules): readonly RowSet[] {
  return labels.names.map((_, label) => {
    const others = [...entropy].filter((_, row) => labels.codes[row] !== label).sort((a, b) => a - b);
    const limit = others[Math.floor(others.length * rules.stripLevel)] ?? Number.NEGATIVE_INFINITY;
    return {
      detector: 'strip' as const,
      label,
      carriers: [...labels.codes.keys()].filter(
        (row) => labels.codes[row] === label && (entropy[row] as number) <= limit,
      ),
      what: 'a label that the model keeps whatever they are blended with',
    };
  });
}
