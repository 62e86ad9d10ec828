// The bound that every limiter has to keep: in no stretch of time more than burst + rate x time.
export interface Taken {
  readonly at: number;
  readonly tokens: number;
}

/** The most that any stretch lets through beyond the bound; 0 or less where it is kept. Taken in order of time. */
export function worstExcess(taken: readonly Taken[], { burst, perMs }: { burst: number; perMs: number }): number {
  // The worst stretch that ends here: either the one that ended before, or one that begins here.
  let worst = -Infinity;
  let before = -Infinity;
  let last = 0;
  for (const { at, tokens } of taken) {
    before = tokens + Math.max(0, before - (at - last) * perMs);
    last = at;
    worst = Math.max(worst, before - burst);
  }
  return worst;
}
