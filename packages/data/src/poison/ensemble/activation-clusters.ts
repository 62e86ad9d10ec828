// Activation clustering (Chen et al., SafeAI 2019) with independent components, and spectral signatures (Tran et al.,
// NeurIPS 2018). Two clusters can always be found, and the smaller one is not poison because it is smaller, so a cluster
// is named only when its content contradicts its label far more than that of the other labels' clusters
// (contradicted-sets.ts), or the label's two clusters lie further apart than those of the others. Measured on their own both miss small shares (docs/controls/data.poison_scan.md).
import { pause } from '@vallum/core';
import type { Matrix } from '@vallum/stats';
import { fastIca, kMeans, quantile, silhouette, truncatedSvd } from '@vallum/stats';
import type { RowSet } from './row-sets.js';
import type { EnsembleRules } from './rules.js';
import type { Labelled } from './votes.js';

export interface ActivationInput {
  readonly activations: Matrix;
  readonly labels: Labelled;
  readonly rules: EnsembleRules;
  readonly seed: number;
  readonly signal: AbortSignal;
}

export interface Separation {
  readonly label: string;
  /** Rows of the smaller cluster. */
  readonly smaller: readonly number[];
  readonly silhouette: number;
  /** Robust z against the other labels. */
  readonly z: number;
}

export interface ActivationFindings {
  /** Both clusters of every label, to be compared by their content with those of the other labels. */
  readonly sets: readonly RowSet[];
  /** Labels that fall apart more than the others; undefined when there are too few labels to compare. */
  readonly separated: readonly Separation[] | undefined;
  /** Squared projection on the label's first singular vector as a share of its largest, 0 to 1; NaN where not computed. */
  readonly spectral: Float64Array;
}

/** Rows of a label that a silhouette is taken over. */
const SAMPLE = 1500;

export async function clusterActivations(input: ActivationInput): Promise<ActivationFindings> {
  const { activations, labels, rules, seed } = input;
  const sets: RowSet[] = [];
  const measured: Omit<Separation, 'z'>[] = [];
  const spectral = new Float64Array(labels.codes.length).fill(Number.NaN);
  for (const [label, name] of labels.names.entries()) {
    await pause(input.signal);
    const rows = [...labels.codes.keys()].filter((row) => labels.codes[row] === label);
    if (rows.length < rules.minRowsPerLabel) continue;
    const own = pick(activations, rows);
    for (const [i, value] of spectralScores(own, seed).entries()) spectral[rows[i] as number] = value;
    const { count, sources } = fastIca(own, { components: rules.components, seed });
    if (count === 0) continue;
    const space = { rows: rows.length, columns: count, values: sources };
    const { assigned } = kMeans(space, { k: 2, seed });
    const parts = [0, 1].map((cluster) => rows.filter((_, i) => assigned[i] === cluster));
    const what = 'one cluster of the activations';
    sets.push(...parts.map((carriers) => ({ detector: 'activation-cluster' as const, carriers, label, what })));
    const smaller = parts.sort((a, b) => a.length - b.length)[0] ?? [];
    if (smaller.length > 0) measured.push({ label: name, smaller, silhouette: apart(space, assigned) });
  }
  return { sets, separated: outstanding(measured, rules), spectral };
}

function pick({ columns, values }: Matrix, rows: readonly number[]): Matrix {
  const part = new Float64Array(rows.length * columns);
  for (const [i, row] of rows.entries()) part.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
  return { rows: rows.length, columns, values: part };
}

function spectralScores(own: Matrix, seed: number): Float64Array {
  const { scores, rank } = truncatedSvd(own, { rank: 1, seed });
  const squares = Float64Array.from({ length: own.rows }, (_, i) => (scores[i * rank] as number) ** 2);
  const largest = squares.reduce((most, value) => Math.max(most, value), 0);
  return largest === 0 ? squares : squares.map((value) => value / largest);
}

function apart(space: Matrix, assigned: Uint32Array): number {
  if (space.rows <= SAMPLE) return silhouette(space, assigned);
  const step = space.rows / SAMPLE;
  const chosen = Array.from({ length: SAMPLE }, (_, i) => Math.floor(i * step));
  const part = Uint32Array.from(chosen, (row) => assigned[row] as number);
  return new Set(part).size < 2 ? 0 : silhouette(pick(space, chosen), part);
}

/** Median and MAD over the other labels, so that a poisoned label does not hide in its own null. */
function outstanding(
  measured: readonly Omit<Separation, 'z'>[],
  rules: EnsembleRules,
): readonly Separation[] | undefined {
  if (measured.length < rules.minNullLabels + 1) return undefined;
  return measured.flatMap((one) => {
    const others = measured.filter((other) => other !== one).map((other) => other.silhouette);
    const middle = quantile(others, 0.5);
    const spread =
      1.4826 *
      quantile(
        others.map((value) => Math.abs(value - middle)),
        0.5,
      );
    const z = (one.silhouette - middle) / Math.max(spread, 1e-3);
    return z >= rules.separationZ ? [{ ...one, z }] : [];
  });
}
