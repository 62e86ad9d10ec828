// What every two-sample or goodness-of-fit test returns.

export interface TestResult {
  readonly statistic: number;
  /** Probability, under "no difference", of a statistic at least this extreme; 0 to 1. */
  readonly p: number;
}
