// What every detector of the ensemble hands over: a set of rows of one label that has something in common, and how little
// their content explains that label.

export type Detector =
  'value-pattern' | 'copied-block' | 'weak-mark' | 'activation-cluster' | 'strip' | 'source-shift' | 'duplicate-burst';

export interface SuspectGroup {
  readonly detector: Detector;
  readonly label: string;
  /** Set when the group is a source, or lies within one. */
  readonly source?: string;
  /** Row numbers, ascending: the suspects. */
  readonly rows: readonly number[];
  /** How much each is one, 0 to 1, in the order of `rows`. */
  readonly suspicion: readonly number[];
  /** Rows that have the thing in common, of any label. */
  readonly carriers: number;
  /** Those of them with the label, and how many the content leads one to expect, the odds allowance included. */
  readonly observed: number;
  readonly expected: number;
  /** Bonferroni-corrected tail bound over everything that the detector tested; 0 to 1. */
  readonly p: number;
  /** The same bound for this one pattern alone, before the correction: it ranks rows and decides nothing. */
  readonly single?: number;
  /** A sentence part: what they have in common. */
  readonly what: string;
}
