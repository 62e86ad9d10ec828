// What a row is, by its neighbours' labels, in every view. Suspects have no vote, so a large group of poisoned rows cannot
// vouch for one another once one of them has been found out.
import { pause } from '@vallum/core';
import type { Matrix, Neighbours } from '@vallum/stats';
import { nearest, NONE } from '@vallum/stats';
import type { EnsembleRules } from './rules.js';

export interface Labelled {
  readonly names: readonly string[];
  /** Number of each row's label in `names`. */
  readonly codes: Uint32Array;
}

/** Shares of the labels among the neighbours: `share[row * labels + label]`. */
export type Votes = Float64Array;

export interface ViewedVotes {
  /** Nothing hidden. */
  readonly whole: Votes;
  /** One for each hidden part. */
  readonly hiding: readonly Votes[];
}

/** Neighbours beyond those that vote, so that a few new suspects can lose their vote without a second search. */
const SPARE = 32;
/** Beyond so many rows the spare neighbours would take more memory than they save time. */
const SPARE_ROWS = 10_000;

export interface VoteInput {
  readonly matrix: Matrix;
  readonly hidden: readonly Uint32Array[];
  readonly labels: Labelled;
  readonly rules: EnsembleRules;
  readonly signal: AbortSignal;
}

export function codeLabels(labels: readonly string[]): Labelled {
  const names = [...new Set(labels)].sort();
  const numbers = new Map(names.map((name, i) => [name, i]));
  return { names, codes: Uint32Array.from(labels, (label) => numbers.get(label) ?? 0) };
}

/** Votes of the nearest rows that may vote; searched again only where the spare neighbours do not suffice. */
export class Voters {
  readonly #input: VoteInput;
  #found: readonly Neighbours[] = [];

  constructor(input: VoteInput) {
    this.#input = input;
  }

  /** @param suspects those of the call before among them */
  async votes(suspects: Uint8Array): Promise<ViewedVotes> {
    const { matrix, hidden, labels, rules, signal } = this.#input;
    const options = { hidden, exclude: suspects, turn: () => pause(signal) };
    const enough = this.#found.length > 0 && this.#found.every((list) => suffices(list, suspects, rules.neighbours));
    if (!enough)
      this.#found = await nearest(matrix, { ...options, k: rules.neighbours + (matrix.rows > SPARE_ROWS ? 0 : SPARE) });
    const [whole, ...hiding] = this.#found.map((list) => sharesOf(list, suspects, labels, rules.neighbours));
    return { whole: whole ?? new Float64Array(), hiding };
  }
}

/** Whether each row keeps `k` neighbours, or had all there are. */
function suffices({ index, k: kept }: Neighbours, suspects: Uint8Array, k: number): boolean {
  for (let start = 0; start < index.length; start += kept) {
    let left = 0;
    for (let at = start; at < start + kept; at += 1) {
      const other = index[at] as number;
      if (other === NONE || suspects[other] !== 1) left += 1;
    }
    if (left < k) return false;
  }
  return true;
}

function sharesOf({ index, k: kept }: Neighbours, suspects: Uint8Array, { names, codes }: Labelled, k: number): Votes {
  const shares = new Float64Array(codes.length * names.length);
  for (let row = 0; row < codes.length; row += 1) {
    const near = index.subarray(row * kept, (row + 1) * kept);
    const voters = near.filter((other) => other !== NONE && suspects[other] !== 1).subarray(0, k);
    for (const other of voters) {
      const at = row * names.length + (codes[other] as number);
      shares[at] = (shares[at] as number) + 1 / voters.length;
    }
  }
  return shares;
}

/** How little the neighbours agree with a row's own label, 0 to 1, averaged over all views. */
export function disagreement({ whole, hiding }: ViewedVotes, { names, codes }: Labelled): Float64Array {
  const views = [whole, ...hiding];
  return Float64Array.from(codes, (code, row) => {
    const sum = views.reduce((all, votes) => all + (votes[row * names.length + code] as number), 0);
    return 1 - sum / views.length;
  });
}
