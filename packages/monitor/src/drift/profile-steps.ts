// A reference of which only a profile was kept: its distribution functions at some of their steps. How wrong they can be there is
// certified in the profile; where they are not exact, the reference counts as one of so few rows that chance hides it.
import type { NumberProfile, Profile } from '@vallum/stats';

/** Up to so many edges all are kept; of more, a bin holds such a share of the rows, unless a heavy one needs a step before it. */
const STEPS = 254;
/** An uncertain count moves a distribution function by at most this many of its standard errors. */
const HIDDEN = 0.1;

export interface NamedProfile {
  readonly name: string;
  readonly profile: Profile;
}

export interface NumberSteps {
  /** Ascending, finite: bin 2 holds what is at or below the first, bin 1 minus infinity, the last bin all above the last step. */
  readonly steps: Float64Array;
  /** Rows by bin; index 0 counts missing values. They add up to `rows`. */
  readonly counts: Float64Array;
  /** Rows that the reference counts for. */
  readonly rows: number;
}

export function stepsOf(profile: NumberProfile, rows: number): NumberSteps {
  const { cdf, missing, nan, negativeInfinity, positiveInfinity } = profile;
  const upTo = cdf.low.map((low, at) => (low + (cdf.high[at] as number)) / 2);
  const least = upTo.length <= STEPS ? 0 : cdf.n / STEPS;
  const kept: number[] = [];
  let before = 0;
  for (let at = 0; at < upTo.length; at += 1) {
    const here = upTo[at] as number;
    const last = at === upTo.length - 1;
    if (!last && here - before < least && (upTo[at + 1] as number) - here < least) continue;
    kept.push(at);
    before = here;
  }
  const steps = Float64Array.from(kept, (at) => cdf.edges[at] as number);
  const counts = new Float64Array(steps.length + 3);
  counts[0] = missing + nan;
  counts[1] = negativeInfinity;
  kept.forEach(
    (at, bin) => (counts[bin + 2] = (upTo[at] as number) - (bin === 0 ? 0 : (upTo[kept[bin - 1] as number] as number))),
  );
  counts[counts.length - 1] = positiveInfinity;
  const doubt = Math.max(0, ...kept.map((at) => ((cdf.high[at] as number) - (cdf.low[at] as number)) / 2)) / rows;
  const fewer = doubt > 0 ? Math.min(rows, Math.max(1, Math.floor((HIDDEN / doubt) ** 2))) : rows;
  return { steps, counts: counts.map((count) => (count * fewer) / rows), rows: fewer };
}
