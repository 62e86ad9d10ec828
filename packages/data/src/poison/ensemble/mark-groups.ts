// From single places, values or blocks whose carriers have an unexplained label to triggers: patterns with the same carriers
// are one trigger, led by its strongest. What stands the Bonferroni bound is a planted mark; what does not, and is still far
// above what clean labels reach, is a weak mark: a reason to look and not to pass, never to call anything poison.
import { allowedShare, familyP, suspicionOf, unexplained } from './residual.js';
import type { TestCount } from './residual.js';
import type { EnsembleRules } from './rules.js';
import type { SuspectGroup } from './suspect-group.js';
import type { Labelled } from './votes.js';

/** Something that rows have in common, and one label of theirs. */
export interface Pattern {
  readonly label: number;
  /** Row numbers of any label, ascending. */
  readonly carriers: Uint32Array;
  readonly observed: number;
  readonly expected: number;
  readonly score: number;
  /** Share of a row's neighbours with the label, the pattern's part hidden; for rows that do not carry it, any view's. */
  readonly voteOf: (row: number) => number;
  /** Like `pixel 27, 27`. */
  readonly name: string;
}

export interface MarkSearch {
  readonly detector: 'value-pattern' | 'copied-block';
  readonly labels: Labelled;
  readonly rules: EnsembleRules;
  readonly counted: TestCount;
  /** Sentence part before the names of the patterns. */
  readonly what: string;
}

/** Of one label; the strongest patterns come first, and time grows with the number of groups. */
const MAX_GROUPS = 32;
const NAMES = 4;

export function isMark(
  { carriers, score }: Pick<Pattern, 'carriers' | 'score'>,
  { counted, rules }: MarkSearch,
): boolean {
  return carriers.length >= counted.least && score > Math.log(counted.tests / rules.familyLevel);
}

export function markGroups(found: readonly Pattern[], search: MarkSearch): readonly SuspectGroup[] {
  return search.labels.names.flatMap((_, label) => {
    const own = found.filter((pattern) => pattern.label === label).sort((a, b) => b.score - a.score);
    return groupsOf(own.slice(0, search.rules.maxPatternsPerLabel), search);
  });
}

/** Each further group must stand without the rows of the groups before it, or one trigger would accuse all its carriers' habits. */
function groupsOf(patterns: readonly Pattern[], search: MarkSearch): readonly SuspectGroup[] {
  const { labels, rules } = search;
  const groups: { lead: Pattern; members: Uint8Array; marks: Pattern[] }[] = [];
  for (const pattern of patterns) {
    const members = new Uint8Array(labels.codes.length);
    for (const row of pattern.carriers) members[row] = labels.codes[row] === pattern.label ? 1 : 0;
    const shares = groups.map((group) => overlap(group.members, members));
    const home = shares.findIndex((share) => share >= rules.sameGroup);
    if (home < 0 && groups.length < MAX_GROUPS) groups.push({ lead: pattern, members, marks: [pattern] });
    // A pattern that only some carriers share is their victims' handwriting; one that nearly all share is the mark.
    else if ((shares[home] ?? 0) >= rules.sameMark) groups[home]?.marks.push(pattern);
  }
  const claimed = new Set<number>();
  return groups.flatMap(({ lead, marks }) => {
    const left = without(lead, claimed, search);
    const firm = isMark(left, search);
    if (!firm && left.score <= rules.weakMarkScore) return [];
    const group = groupOf(lead, marks, search, firm);
    for (const row of group.rows) claimed.add(row);
    return group.rows.length < rules.minCarriers ? [] : [group];
  });
}

/** The pattern as it is without the rows of stronger triggers. */
function without(
  lead: Pattern,
  claimed: ReadonlySet<number>,
  { labels, rules }: MarkSearch,
): Pick<Pattern, 'carriers' | 'score'> {
  const carriers = lead.carriers.filter((row) => !claimed.has(row));
  if (carriers.length === lead.carriers.length) return lead;
  const observed = carriers.filter((row) => labels.codes[row] === lead.label).length;
  const expected = carriers.reduce((sum, row) => sum + allowedShare(lead.voteOf(row), rules, rules.oddsAllowance), 0);
  return { carriers, score: observed < rules.minCarriers ? 0 : unexplained(observed, carriers.length, expected) };
}

function groupOf(lead: Pattern, marks: readonly Pattern[], search: MarkSearch, firm: boolean): SuspectGroup {
  const { labels, rules, counted } = search;
  const hits = new Map<number, number>();
  for (const { carriers } of marks)
    for (const row of carriers) if (labels.codes[row] === lead.label) hits.set(row, (hits.get(row) ?? 0) + 1);
  const leaders = [...lead.carriers].flatMap((row) => hits.get(row) ?? []).sort((a, b) => a - b);
  const needed = Math.max(1, Math.ceil((leaders[Math.floor(leaders.length / 2)] ?? 1) * rules.carrierFraction));
  const explained = lead.carriers.reduce((sum, row) => sum + lead.voteOf(row), 0);
  const members = [...hits]
    .filter(([, count]) => count >= needed)
    .map(([row]) => ({ row, doubt: suspicionOf(lead.voteOf(row), lead.observed, explained) }))
    .filter(({ doubt }) => doubt >= rules.memberSuspicion)
    .sort((a, b) => a.row - b.row);
  const places = marks.slice(0, NAMES).map(({ name }) => name);
  const more = marks.length > places.length ? ` and ${marks.length - places.length} more` : '';
  return {
    detector: firm ? search.detector : 'weak-mark',
    label: labels.names[lead.label] ?? '',
    rows: members.map(({ row }) => row),
    suspicion: members.map(({ doubt }) => doubt),
    carriers: lead.carriers.length,
    observed: lead.observed,
    expected: lead.expected,
    p: familyP(lead.score, counted.tests),
    single: Math.exp(-lead.score),
    what: `${search.what} ${places.join(', ')}${more}`,
  };
}

/** Jaccard index of two sets of rows. */
function overlap(a: Uint8Array, b: Uint8Array): number {
  let both = 0;
  let either = 0;
  for (let i = 0; i < a.length; i += 1) {
    const x = a[i] as number;
    const y = b[i] as number;
    both += x & y;
    either += x | y;
  }
  return either === 0 ? 0 : both / either;
}
