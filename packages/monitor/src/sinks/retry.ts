// How long to wait before the next try: doubled each time, capped, and scattered, so that many senders do not come back at the
// same moment ("full jitter").
export interface Backoff {
  /** Milliseconds. */
  readonly first: number;
  readonly most: number;
}

/** @param tries that failed so far, from 1 @param random in [0, 1) @returns milliseconds */
export function pauseAfter(tries: number, { first, most }: Backoff, random: () => number): number {
  const ceiling = Math.min(most, first * 2 ** (tries - 1));
  return ceiling / 2 + (random() * ceiling) / 2;
}
