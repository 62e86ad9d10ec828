// What the ensemble answers: which detectors ran and which could not, the suspect groups, one score a row, one verdict a
// cell (label, within a source where there are several), and what none of it can see.
import type { ScoredRow } from './row-scores.js';
import type { SuspectGroup } from './suspect-group.js';
import type { Separation } from './activation-clusters.js';

export const DETECTORS = [
  'neighbour-disagreement',
  'value-pattern',
  'copied-block',
  'activation-cluster',
  'spectral-signature',
  'strip',
  'source-shift',
  'duplicate-burst',
] as const;

export type DetectorName = (typeof DETECTORS)[number];

export interface Cell {
  readonly label: string;
  readonly source?: string;
  readonly rows: number;
  /** Members of a suspect group. */
  readonly suspects: number;
  /** Rows at or below the review level by neighbour disagreement alone: hard rows, careless labels and poison alike. */
  readonly odd: number;
  readonly verdict: 'suspect' | 'nothing-found' | 'too-few-rows';
}

export interface EnsembleReport {
  readonly ran: readonly DetectorName[];
  readonly notRun: readonly { readonly detector: DetectorName; readonly why: string }[];
  readonly groups: readonly SuspectGroup[];
  /** Labels whose activations fall apart more than those of other labels, without any help of content. */
  readonly separated: readonly Separation[];
  /** Spectral signature of each row, 0 to 1 within its label (NaN in labels with few rows); decides and ranks nothing. */
  readonly spectral: Float64Array | undefined;
  readonly cells: readonly Cell[];
  /** All rows, the most suspect first. */
  readonly rows: readonly ScoredRow[];
}

/** Said with every report; the measured cases are in the docs of the control. */
export const BLIND = [
  { what: 'poison that keeps the true label', why: 'no detector here finds a row odd whose content fits its label' },
  { what: 'noisy triggers at another place in every row', why: 'only exact copies are looked for at every place' },
  { what: 'attacks made for these detectors', why: 'an attacker who knows them can stay below each' },
] as const;

export function cellsOf(
  labels: readonly string[],
  sources: readonly string[] | undefined,
  scored: { readonly suspects: Uint8Array; readonly odd: Uint8Array; readonly minRows: number },
): readonly Cell[] {
  const cells = new Map<
    string,
    { label: string; source: string | undefined; rows: number; suspects: number; odd: number }
  >();
  for (const [row, label] of labels.entries()) {
    const source = sources?.[row];
    const key = JSON.stringify([label, source]);
    const cell = cells.get(key) ?? { label, source, rows: 0, suspects: 0, odd: 0 };
    cell.rows += 1;
    cell.suspects += scored.suspects[row] ?? 0;
    cell.odd += scored.odd[row] ?? 0;
    cells.set(key, cell);
  }
  return [...cells.values()].map(({ source, ...cell }) => ({
    ...cell,
    ...(source === undefined ? {} : { source }),
    verdict: cell.suspects > 0 ? 'suspect' : cell.rows < scored.minRows ? 'too-few-rows' : 'nothing-found',
  }));
}
