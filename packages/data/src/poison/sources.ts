// How many independent sources a set of rows has. Issues of one newsletter, or copies of one campaign, share their
// boilerplate without anybody having planted it, so they count once. The block that may have been pasted into the rows
// is left out first: otherwise a long enough footer would make all poisoned rows look like one source.
import type { GramIndex } from './grams.js';

export interface CopyOptions {
  /** Weighted Jaccard overlap from which two rows are linked. */
  readonly overlap: number;
  /** Words that occur in more rows than this idf allows link nothing. */
  readonly minIdf: number;
}

/**
 * Single-link clusters by idf-weighted Jaccard overlap of the words.
 * @param rows indices into `index.rows`
 * @param leftOut ids of words that do not count
 * @returns for each row the number of its cluster, 0 to count - 1
 */
export function findSources(
  index: GramIndex,
  rows: readonly number[],
  leftOut: ReadonlySet<number>,
  { overlap, minIdf }: CopyOptions,
): { readonly clusterOf: Uint32Array; readonly count: number } {
  const parent = Uint32Array.from(rows, (_, i) => i);
  const rootOf = (i: number): number => {
    let at = i;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at] ?? at] ?? at;
      at = parent[at] ?? at;
    }
    return at;
  };
  const holders = new Map<number, number[]>();
  const weight = new Float64Array(rows.length);
  const common = new Float64Array(rows.length);
  for (const [i, row] of rows.entries()) {
    common.fill(0, 0, i);
    for (const word of index.rows[row]?.words ?? []) {
      if (leftOut.has(word)) continue;
      const idf = index.idf[word] ?? 0;
      weight[i] = (weight[i] ?? 0) + idf;
      if (idf < minIdf) continue;
      const others = holders.get(word);
      if (others === undefined) holders.set(word, [i]);
      else {
        for (const j of others) common[j] = (common[j] ?? 0) + idf;
        others.push(i);
      }
    }
    for (let j = 0; j < i; j += 1) {
      const shared = common[j] ?? 0;
      if (shared > 0 && shared >= overlap * ((weight[i] ?? 0) + (weight[j] ?? 0) - shared))
        parent[rootOf(i)] = rootOf(j);
    }
  }
  const numbers = new Map<number, number>();
  const clusterOf = Uint32Array.from(rows, (_, i) => {
    const root = rootOf(i);
    if (!numbers.has(root)) numbers.set(root, numbers.size);
    return numbers.get(root) ?? 0;
  });
  return { clusterOf, count: numbers.size };
}
