// Sets within one label, such as one of its clusters: nobody who resembles them from the other side is in the set, so hard
// rows alone make any such set look unexplained. The null is therefore empirical: the sets of the other labels. A set is
// named when its rows are contradicted far more than theirs, by the robust z of its mean disagreement.
import { quantile } from '@vallum/stats';
import type { Content, RowSet } from './row-sets.js';
import type { SuspectGroup } from './suspect-group.js';

/** None, when too few other labels are there to compare with. */
export function contradictedSets(sets: readonly RowSet[], content: Content): readonly SuspectGroup[] {
  const { votes, labels, rules } = content;
  const against = (row: number, label: number): number => 1 - (votes[row * labels.names.length + label] as number);
  const measured = sets
    .filter(({ carriers }) => carriers.length >= rules.minRowsPerLabel)
    .map((set) => ({
      set,
      mean: set.carriers.reduce((sum, row) => sum + against(row, set.label), 0) / set.carriers.length,
    }));
  return measured.flatMap(({ set, mean }) => {
    const others = measured.filter((other) => other.set.label !== set.label);
    if (new Set(others.map((other) => other.set.label)).size < rules.minNullLabels) return [];
    const means = others.map((other) => other.mean);
    const middle = quantile(means, 0.5);
    const spread =
      1.4826 *
      quantile(
        means.map((value) => Math.abs(value - middle)),
        0.5,
      );
    if ((mean - middle) / Math.max(spread, rules.leastSpread) < rules.separationZ) return [];
    const rows = set.carriers.filter((row) => against(row, set.label) >= rules.memberSuspicion);
    return [
      {
        detector: set.detector,
        label: labels.names[set.label] ?? '',
        rows,
        suspicion: rows.map((row) => against(row, set.label)),
        carriers: set.carriers.length,
        observed: set.carriers.length,
        expected: (1 - middle) * set.carriers.length,
        p: (1 + means.filter((value) => value >= mean).length) / (1 + means.length),
        what: set.what,
      },
    ];
  });
}
