// The one test of the ensemble: among these rows, does a label occur more often than their content leads one to expect?
//
// Content is what the neighbours say, with the suspicious part hidden; natural habits (all fours that look like nines are
// closed at the top) are shared with the rows of the other label that they resemble, so they cancel out. A planted mark is
// not: the rows that carry it have the attacker's label and somebody else's content. Votes are not probabilities, so they
// may be wrong by a factor in the odds before anything counts. The tail is Hoeffding's relative-entropy bound for sums of
// independent indicators with unequal means (JASA 58, 1963, theorem 1): it holds for any sample size.
import type { EnsembleRules } from './rules.js';

/** The chance of a label when the vote for it is too low by the factor `odds`. */
export function allowedShare(vote: number, { voteFloor }: EnsembleRules, odds: number): number {
  const share = Math.min(1 - voteFloor, Math.max(voteFloor, vote));
  return (odds * share) / (1 + (odds - 1) * share);
}

/**
 * Minus the natural logarithm of a bound on P(at least `observed` of `carriers`), 0 when there are not more than expected.
 * @param expected sum of the allowed shares of the carriers
 */
export function unexplained(observed: number, carriers: number, expected: number): number {
  const share = observed / carriers;
  const mean = expected / carriers;
  if (!(share > mean) || mean <= 0) return 0;
  const against = share === 1 ? 0 : (1 - share) * Math.log((1 - share) / (1 - mean));
  return carriers * (share * Math.log(share / mean) + against);
}

export interface TestCount {
  /** Carriers from which a set can be significant at all. */
  readonly least: number;
  /** Sets of so many carriers, times labels: what the level is divided by. */
  readonly tests: number;
}

/**
 * Sets with so few carriers that no labels could make them significant are not tested and not corrected for (Tarone,
 * Biometrics 46, 1990). Carriers are counted without a look at labels, so the level holds.
 */
export function countTests(sizes: Uint32Array, labels: number, rules: EnsembleRules): TestCount {
  const best = -Math.log(allowedShare(0, rules, rules.oddsAllowance));
  const sorted = sizes.slice().sort();
  let at = 0;
  for (let least = rules.minCarriers; ; least += 1) {
    while (at < sorted.length && (sorted[at] as number) < least) at += 1;
    const tests = Math.max(1, sorted.length - at) * labels;
    if (least * best > Math.log(tests / rules.familyLevel)) return { least, tests };
  }
}

/** The corrected p of a score over so many tests. */
export function familyP(score: number, tests: number): number {
  return Math.min(1, Math.exp(Math.log(Math.max(1, tests)) - score));
}

/**
 * How much a carrier is a suspect: the share of carriers beyond what content explains, and for the others how little its
 * own content explains its label.
 */
export function suspicionOf(vote: number, observed: number, explained: number): number {
  const beyond = Math.max(0, (observed - explained) / observed);
  return beyond + (1 - beyond) * (1 - vote);
}
