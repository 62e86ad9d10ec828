// The valid word nearest to a wrong one, for error sentences.

function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1)
      current.push(
        Math.min(
          (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
          (previous[j] ?? 0) + 1,
          (current[j - 1] ?? 0) + 1,
        ),
      );
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** "did you mean …?", by Levenshtein distance over the first 64 characters. */
export function didYouMean(word: string, valid: readonly string[]): string {
  const short = word.slice(0, 64);
  const best = [...valid].sort((a, b) => distance(short, a) - distance(short, b))[0];
  return best === undefined ? 'remove it' : `did you mean ${JSON.stringify(best)}?`;
}
