// How two samples are compared: which chance of a false alarm, over what, and from which size on a change counts.

export interface CompareOptions {
  /** Chance that a comparison of like with like reports drift anywhere, 0.05 say; with `fdr` the expected share of false ones. */
  readonly alpha: number;
  readonly control: 'family' | 'fdr';
  /** Below both of these a sure change is `small`: shift in standard deviations, share of rows that moved. */
  readonly floorShift: number;
  readonly floorMoved: number;
  /** A shift of so many standard deviations must not go unseen, or there is not enough data. */
  readonly detect: number;
  readonly permutations: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
}
