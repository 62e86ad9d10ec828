// Many tests at once: p-values adjusted so that "adjusted p <= alpha" keeps the promised error rate over all of them.
import { refuseInput } from '../samples.js';

/**
 * `bonferroni` and `holm` (1979) bound the probability of any false alarm, under every dependence; Holm rejects at least as much.
 * `benjamini-hochberg` (1995) bounds the expected share of false alarms among alarms, for independent or positively dependent
 * tests, `benjamini-yekutieli` (2001) under every dependence.
 */
export type Adjustment = 'bonferroni' | 'holm' | 'benjamini-hochberg' | 'benjamini-yekutieli';

/**
 * Adjusted p-values in the order given.
 * @throws VallumError STATS_INPUT unless each p lies in [0, 1]
 */
export function adjustP(ps: readonly number[], adjustment: Adjustment): number[] {
  if (ps.some((p) => !(p >= 0 && p <= 1))) throw refuseInput('p-values lie between 0 and 1');
  const count = ps.length;
  switch (adjustment) {
    case 'bonferroni':
      return ps.map((p) => Math.min(1, p * count));
    case 'holm':
      return stepDown(ps);
    case 'benjamini-hochberg':
      return stepUp(ps, count);
    case 'benjamini-yekutieli':
      return stepUp(ps, count * ps.reduce((sum, _, i) => sum + 1 / (i + 1), 0));
  }
}

function ascending(ps: readonly number[]): { readonly p: number; readonly index: number }[] {
  return ps.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
}

function stepDown(ps: readonly number[]): number[] {
  const adjusted = [...ps];
  let largest = 0;
  ascending(ps).forEach(({ p, index }, rank) => {
    largest = Math.max(largest, Math.min(1, p * (ps.length - rank)));
    adjusted[index] = largest;
  });
  return adjusted;
}

function stepUp(ps: readonly number[], factor: number): number[] {
  const adjusted = [...ps];
  let smallest = 1;
  const order = ascending(ps);
  for (let rank = order.length; rank >= 1; rank -= 1) {
    const { p, index } = order[rank - 1] as { p: number; index: number };
    smallest = Math.min(smallest, (p * factor) / rank);
    adjusted[index] = smallest;
  }
  return adjusted;
}
