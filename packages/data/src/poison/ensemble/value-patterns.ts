// Trigger search: is there a place and a value whose carriers have a label that the rest of the row does not explain?
// Every column and level is tested for every label, over all rows that carry it, with the part around it hidden from the
// neighbours that say what the rows are. Finds patches, blended patterns and odd values in tables; a mark at another place
// in every row has no such column (copied-blocks.ts), and one on rows that keep their true label has nothing unexplained.
import { pause } from '@vallum/core';
import { markGroups } from './mark-groups.js';
import type { MarkSearch, Pattern } from './mark-groups.js';
import { allowedShare, countTests, unexplained } from './residual.js';
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
  /** Weak marks too: only where their rate on clean rows was measured. */
  readonly weak: boolean;
  readonly signal: AbortSignal;
}

const COLUMNS_A_TURN = 16;

export async function findPatterns(input: PatternInput): Promise<readonly SuspectGroup[]> {
  const { columns, labels, rules, levels } = input;
  const kinds = rules.levels + 1;
  const sizes = new Uint32Array(columns * kinds);
  for (let at = 0; at < levels.length; at += 1) {
    const to = (at % columns) * kinds + (levels[at] as number);
    sizes[to] = (sizes[to] as number) + 1;
  }
  const counted = countTests(sizes, labels.names.length, rules);
  const search: MarkSearch = { detector: 'value-pattern', labels, rules, counted, what: 'the same value at' };
  const firm = Math.log(counted.tests / rules.familyLevel);
  const allowed = input.hiding.map((votes) => new AllowedVotes(votes, labels.names.length, rules));
  const found: Pattern[] = [];
  for (let column = 0; column < columns; column += 1) {
    if (column % COLUMNS_A_TURN === 0) await pause(input.signal);
    const votes = allowed[input.viewOf[column] ?? 0];
    if (votes !== undefined) found.push(...testColumn(input, column, votes, input.weak ? rules.weakMarkScore : firm));
  }
  return markGroups(found, search);
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

function testColumn(input: PatternInput, column: number, votes: AllowedVotes, threshold: number): readonly Pattern[] {
  const { levels, columns, labels, rules } = input;
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
    const score = unexplained(k, n, expected);
    if (score <= threshold) continue;
    const label = at % size;
    const whole = input.hiding[input.viewOf[column] ?? 0] as Votes;
    patterns.push({
      label,
      carriers: carriersOf(input, column, level, n),
      observed: k,
      expected,
      score,
      voteOf: (row) => whole[row * size + label] as number,
      name: input.nameOf(column),
    });
  }
  return patterns;
}

function carriersOf(
  { levels, columns, labels }: PatternInput,
  column: number,
  level: number,
  count: number,
): Uint32Array {
  const carriers = new Uint32Array(count);
  let at = 0;
  for (let row = 0; row < labels.codes.length; row += 1)
    if (levels[row * columns + column] === level) {
      carriers[at] = row;
      at += 1;
    }
  return carriers;
}
