// How many rows a section names, the ones to look at first in front. All of them are counted, whatever is named.

export const MAX_LISTED = 1000;
const FIRST = 5;

/** For a finding: the first few, as rows counted from 1. */
export function firstOf<T>(items: readonly T[], rowOf: (item: T) => number): readonly number[] {
  return items.slice(0, FIRST).map(rowOf);
}
