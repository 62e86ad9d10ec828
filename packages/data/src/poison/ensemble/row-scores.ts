// One suspicion for each row, as a p-value against the rows of all other labels (conformal: Vovk, Gammerman and Shafer
// 2005): under "nothing is special about my label" at most a share p of clean rows has such a value. Labels that a detector
// named are no null. Members of a suspect group come before everything else, in the order of how well they fit the group.
import type { SuspectGroup } from './suspect-group.js';
import type { Labelled } from './votes.js';

export interface ScoredRow {
  readonly row: number;
  /** Small is suspect; the share of clean rows that is at least so odd. */
  readonly p: number;
  /** -log10 of p, and for members of a group their suspicion on top: for ranking. */
  readonly score: number;
  readonly reasons: readonly string[];
}

export interface ScoreInput {
  readonly disagreement: Float64Array;
  readonly labels: Labelled;
  readonly groups: readonly SuspectGroup[];
}

export function scoreRows({ disagreement, labels, groups }: ScoreInput): readonly ScoredRow[] {
  const named = new Set(groups.map(({ label }) => label));
  const nulls = labels.names.map((_, label) => nullOf(disagreement, labels, label, named));
  const best = new Map<number, { readonly p: number; readonly suspicion: number }>();
  const reasons = new Map<number, string[]>();
  for (const { rows, suspicion, p, single, what } of groups)
    for (const [i, row] of rows.entries()) {
      const doubt = suspicion[i] ?? 0;
      const before = best.get(row);
      const rank = single ?? p;
      if (before === undefined || rank < before.p) best.set(row, { p: rank, suspicion: doubt });
      reasons.set(row, [...(reasons.get(row) ?? []), `has ${what}`]);
    }
  return Array.from(labels.codes, (code, row) => {
    const odd = disagreement[row] as number;
    const alone = conformalP(nulls[code] as Float64Array, odd);
    const group = best.get(row);
    const p = group === undefined ? alone : Math.min(alone, group.p);
    const likeness = `${Math.round(100 * odd)} % of its neighbours have another label`;
    return {
      row,
      p,
      score: -Math.log10(Math.max(p, Number.MIN_VALUE)) + (group?.suspicion ?? 0),
      reasons: [...(reasons.get(row) ?? []), ...(odd >= 0.5 ? [likeness] : [])],
    };
  });
}

/** Disagreements of the rows of all other labels, without those that a detector named where any are left; ascending. */
function nullOf(disagreement: Float64Array, labels: Labelled, label: number, named: ReadonlySet<string>): Float64Array {
  const others = [...labels.codes.keys()].filter((row) => labels.codes[row] !== label);
  const clean = others.filter((row) => !named.has(labels.names[labels.codes[row] as number] ?? ''));
  return Float64Array.from(clean.length > 0 ? clean : others, (row) => disagreement[row] as number).sort();
}

/** (1 + how many of the null are at least as odd) / (1 + all of them) */
export function conformalP(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return (1 + sorted.length - low) / (1 + sorted.length);
}
