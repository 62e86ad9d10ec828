// The test of the ensemble for sets of rows of any label that belong together: a source, a burst of copies.
import { allowedShare, familyP, suspicionOf, unexplained } from './residual.js';
import type { EnsembleRules } from './rules.js';
import type { Detector, SuspectGroup } from './suspect-group.js';
import type { Labelled, Votes } from './votes.js';

export interface RowSet {
  readonly detector: Detector;
  /** Rows with something in common, of any label, ascending. */
  readonly carriers: readonly number[];
  readonly label: number;
  readonly source?: string;
  readonly what: string;
}

export interface Content {
  readonly votes: Votes;
  readonly labels: Labelled;
  readonly rules: EnsembleRules;
}

/** The sets whose label is not explained by content, at the family level over all sets of the call. */
export function unexplainedSets(sets: readonly RowSet[], content: Content): readonly SuspectGroup[] {
  return sets.flatMap((set) => testSet(set, sets.length, content));
}

function testSet(set: RowSet, tests: number, { votes, labels, rules }: Content): readonly SuspectGroup[] {
  const { carriers, label } = set;
  const voteOf = (row: number): number => votes[row * labels.names.length + label] as number;
  const own = carriers.filter((row) => labels.codes[row] === label);
  if (own.length < rules.minCarriers) return [];
  const expected = carriers.reduce((sum, row) => sum + allowedShare(voteOf(row), rules, rules.oddsAllowance), 0);
  const p = familyP(unexplained(own.length, carriers.length, expected), tests);
  if (p > rules.familyLevel) return [];
  const explained = carriers.reduce((sum, row) => sum + voteOf(row), 0);
  const members = own
    .map((row) => ({ row, doubt: suspicionOf(voteOf(row), own.length, explained) }))
    .filter(({ doubt }) => doubt >= rules.memberSuspicion);
  return [
    {
      detector: set.detector,
      label: labels.names[label] ?? '',
      ...(set.source === undefined ? {} : { source: set.source }),
      rows: members.map(({ row }) => row),
      suspicion: members.map(({ doubt }) => doubt),
      carriers: carriers.length,
      observed: own.length,
      expected,
      p,
      what: set.what,
    },
  ];
}

/** Rows by a key, in order of first sight; rows without a key are left out. */
export function rowsBy<K>(count: number, keyOf: (row: number) => K | undefined): ReadonlyMap<K, readonly number[]> {
  const found = new Map<K, number[]>();
  for (let row = 0; row < count; row += 1) {
    const key = keyOf(row);
    if (key === undefined) continue;
    const rows = found.get(key);
    if (rows === undefined) found.set(key, [row]);
    else rows.push(row);
  }
  return found;
}
