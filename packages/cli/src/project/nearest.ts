// The valid word that is nearest to a wrong one, for error sentences.

/** Levenshtein distance, in edits. */
export function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** @returns undefined when there is no candidate */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const short = word.slice(0, 64);
  return [...candidates].sort((a, b) => distance(short, a) - distance(short, b))[0];
}
