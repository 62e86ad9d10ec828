// What a row is, by its neighbours' labels, in every view. Suspects have no vote, so a large group of poisoned rows cannot
// vouch for one another once one of them has been found out.
import type { Matrix } from '@vallum/stats';
import { nearest, NONE } from '@vallum/stats';
import { pause } from '../../rows/pause.js';
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

export interface VoteInput {
  readonly matrix: Matrix;
  readonly metric?: 'euclidean' | 'cosine';
  readonly hidden: readonly Uint32Array[];
  readonly labels: Labelled;
  readonly suspects: Uint8Array;
  readonly rules: EnsembleRules;
  readonly signal: AbortSignal;
}

export function codeLabels(labels: readonly string[]): Labelled {
  const names = [...new Set(labels)].sort();
  const numbers = new Map(names.map((name, i) => [name, i]));
  return { names, codes: Uint32Array.from(labels, (label) => numbers.get(label) ?? 0) };
}

export async function voteByView(input: VoteInput): Promise<ViewedVotes> {
  const { matrix, hidden, labels, suspects, rules, signal } = input;
  const found = await nearest(matrix, {
    k: rules.neighbours,
    hidden,
    exclude: suspects,
    turn: () => pause(signal),
    ...(input.metric === undefined ? {} : { metric: input.metric }),
  });
  const [whole, ...hiding] = found.map(({ index, k }) => sharesOf(index, k, labels));
  return { whole: whole ?? new Float64Array(), hiding };
}

function sharesOf(index: Uint32Array, k: number, { names, codes }: Labelled): Votes {
  const shares = new Float64Array(codes.length * names.length);
  for (let row = 0; row < codes.length; row += 1) {
    const voters = index.subarray(row * k, (row + 1) * k).filter((other) => other !== NONE);
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
