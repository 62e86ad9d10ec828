// Whether this is the nightly run, which sets a high number of cases for all properties (tests/nightly/long-runs.ts).
import fc from 'fast-check';

export function isLongRun(): boolean {
  return (fc.readConfigureGlobal().numRuns ?? 0) >= 1000;
}
