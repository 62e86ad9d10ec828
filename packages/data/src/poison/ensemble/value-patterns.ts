// Trigger search: is there a place and a value whose carriers have a label that the rest of the row does not explain?
// Every column and level is tested for every label, over all rows that carry it, with the part around it hidden from the
// neighbours that say what the rows are. Finds patches, blended patterns and odd values in tables; a trigger at another
// place in every row has no such column, and a mark on rows that keep their true label has nothing unexplained.
import { pause } from '../../rows/pause.js';
import { allowedShare, familyP, suspicionOf, unexplained } from './residual.js';
import type { EnsembleRules } from './rules.js';
import type { SuspectGroup } from './suspect-group.js';
import type { Labelled, Votes } from './votes.js';

export interface PatternInput {
  readonly levels: Uint8Array;
  readonly columns: number;
  readonly viewOf: Uint8Array;
  readonly hiding: readonly Votes[];
  readonly labels: Labelled;
  /** Like `pixel 27, 27`. */
  readonly nameOf: (column: number) => string;
  readonly rules: EnsembleRules;
  readonly signal: AbortSignal;
}

interface Pattern {
  readonly column: number;
  readonly level: number;
  readonly label: number;
  readonly carriers: number;
  readonly observed: number;
  readonly expected: number;
  readonly score: number;
}

const COLUMNS_A_TURN = 16;
/** Of one label; the strongest patterns come first, and time grows with the number of groups. */
const MAX_GROUPS = 32;

export async function findPatterns(input: PatternInput): Promise<readonly SuspectGroup[]> {
  const { columns, labels, rules } = input;
  const tests = columns * (rules.levels + 1) * labels.names.length;
  const threshold = Math.log(tests / rules.familyLevel);
  const allowed = input.hiding.map((votes) => new AllowedVotes(votes, labels.names.length, rules));
  const found: Pattern[] = [];
  for (let column = 0; column < columns; column += 1) {
    if (column % COLUMNS_A_TURN === 0) await pause(input.signal);
    const votes = allowed[input.viewOf[column] ?? 0];
    if (votes !== undefined) found.push(...testColumn(input, column, votes).filter(({ score }) => score > threshold));
  }
  return labels.names.flatMap((_, label) => {
    const own = found.filter((pattern) => pattern.label === label).sort((a, b) => b.score - a.score);
    return groupsOf(input, own.slice(0, rules.maxPatternsPerLabel), tests);
  });
}

/** Allowed shares are the floor's for nearly all labels of a row: only the others are kept, row by row. */
class AllowedVotes {
  readonly floor: number;
  readonly starts: Uint32Array;
  readonly label: Uint32Array;
  readonly above: Float64Array;

  constructor(votes: Votes, labels: number, rules: EnsembleRules) {
    this.floor = allowedShare(0, rules, rules.oddsAllowance);
    const rows = votes.length / labels;
    const starts = new Uint32Array(rows + 1);
    const label: number[] = [];
    const above: number[] = [];
    for (let at = 0; at < votes.length; at += 1) {
      if (at % labels === 0) starts[at / labels] = label.length;
      const vote = votes[at] as number;
      if (vote === 0) continue;
      label.push(at % labels);
      above.push(allowedShare(vote, rules, rules.oddsAllowance) - this.floor);
    }
    starts[rows] = label.length;
    this.starts = starts;
    this.label = Uint32Array.from(label);
    this.above = Float64Array.from(above);
  }
}

function testColumn(
  { levels, columns, labels, rules }: PatternInput,
  column: number,
  votes: AllowedVotes,
): readonly Pattern[] {
  const size = labels.names.length;
  const kinds = rules.levels + 1;
  const carriers = new Uint32Array(kinds);
  const observed = new Uint32Array(kinds * size);
  const above = new Float64Array(kinds * size);
  for (let row = 0; row < labels.codes.length; row += 1) {
    const level = levels[row * columns + column] as number;
    carriers[level] = (carriers[level] as number) + 1;
    const own = level * size + (labels.codes[row] as number);
    observed[own] = (observed[own] as number) + 1;
    for (let at = votes.starts[row] as number; at < (votes.starts[row + 1] as number); at += 1) {
      const to = level * size + (votes.label[at] as number);
      above[to] = (above[to] as number) + (votes.above[at] as number);
    }
  }
  const patterns: Pattern[] = [];
  for (let at = 0; at < observed.length; at += 1) {
    const k = observed[at] as number;
    if (k < rules.minCarriers) continue;
    const level = Math.floor(at / size);
    const n = carriers[level] as number;
    // What most carriers have under other labels is the look of another class: mislabelled rows share that too.
    if (k < rules.markShare * n) continue;
    const expected = n * votes.floor + (above[at] as number);
    patterns.push({
      column,
      level,
      label: at % size,
      carriers: n,
      observed: k,
      expected,
      score: unexplained(k, n, expected),
    });
  }
  return patterns;
}

/**
 * Patterns with the same carriers are one trigger, led by its strongest; each further group must stand without the rows of
 * the groups before it, or one trigger would accuse everything that is usual among the rows that carry it.
 */
function groupsOf(input: PatternInput, patterns: readonly Pattern[], tests: number): readonly SuspectGroup[] {
  const { rules } = input;
  const threshold = Math.log(tests / rules.familyLevel);
  const groups: { lead: Pattern; members: Uint8Array; marks: Pattern[] }[] = [];
  for (const pattern of patterns) {
    const members = carriersOf(input, pattern);
    const shares = groups.map((group) => overlap(group.members, members));
    const home = shares.findIndex((share) => share >= rules.sameGroup);
    if (home < 0 && groups.length < MAX_GROUPS) groups.push({ lead: pattern, members, marks: [pattern] });
    // A pattern that only some carriers share is their victims' handwriting; one that nearly all share is the mark.
    else if ((shares[home] ?? 0) >= rules.sameMark) groups[home]?.marks.push(pattern);
  }
  const claimed = new Set<number>();
  return groups.flatMap((group) => {
    if (scoreWithout(input, group.lead, claimed) <= threshold) return [];
    const found = groupOf(input, group.lead, group.marks, tests);
    for (const row of found.rows) claimed.add(row);
    return [found];
  });
}

function scoreWithout(input: PatternInput, lead: Pattern, claimed: ReadonlySet<number>): number {
  const { labels, levels, columns, rules } = input;
  const votes = input.hiding[input.viewOf[lead.column] ?? 0] as Votes;
  let { carriers, observed, expected } = lead;
  for (const row of claimed) {
    if (levels[row * columns + lead.column] !== lead.level) continue;
    carriers -= 1;
    observed -= labels.codes[row] === lead.label ? 1 : 0;
    expected -= allowedShare(votes[row * labels.names.length + lead.label] as number, rules, rules.oddsAllowance);
  }
  return observed < rules.minCarriers ? 0 : unexplained(observed, carriers, expected);
}

function groupOf(input: PatternInput, lead: Pattern, patterns: readonly Pattern[], tests: number): SuspectGroup {
  const { labels, rules, levels, columns } = input;
  const size = labels.names.length;
  const votes = input.hiding[input.viewOf[lead.column] ?? 0] as Votes;
  const hits = Uint32Array.from(labels.codes, (code, row) =>
    code === lead.label ? patterns.filter(({ column, level }) => levels[row * columns + column] === level).length : 0,
  );
  const leaders = [...hits].filter(
    (_, row) => levels[row * columns + lead.column] === lead.level && (hits[row] ?? 0) > 0,
  );
  leaders.sort((a, b) => a - b);
  const needed = Math.max(1, Math.ceil((leaders[Math.floor(leaders.length / 2)] ?? 1) * rules.carrierFraction));
  const explained = [...labels.codes.keys()]
    .filter((row) => levels[row * columns + lead.column] === lead.level)
    .reduce((sum, row) => sum + (votes[row * size + lead.label] as number), 0);
  const rows: number[] = [];
  const suspicion: number[] = [];
  for (const [row, count] of hits.entries()) {
    if (count < needed) continue;
    const doubt = suspicionOf(votes[row * size + lead.label] as number, lead.observed, explained);
    if (doubt < rules.memberSuspicion) continue;
    rows.push(row);
    suspicion.push(doubt);
  }
  const places = patterns.slice(0, 4).map(({ column }) => input.nameOf(column));
  const more = patterns.length > places.length ? ` and ${patterns.length - places.length} more` : '';
  return {
    detector: 'value-pattern',
    label: labels.names[lead.label] ?? '',
    rows,
    suspicion,
    carriers: lead.carriers,
    observed: lead.observed,
    expected: lead.expected,
    p: familyP(lead.score, tests),
    what: `the same value at ${places.join(', ')}${more}`,
  };
}

function carriersOf({ levels, columns, labels }: PatternInput, { column, level, label }: Pattern): Uint8Array {
  return Uint8Array.from(labels.codes, (code, row) =>
    code === label && levels[row * columns + column] === level ? 1 : 0,
  );
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
