// A 64-bit hash in two 32-bit halves, for counting distinct values. It spreads well (the finaliser of MurmurHash3, Austin
// Appleby, public domain) but has no key: profiles of two parties must merge. Who chooses the values can therefore search for
// ones that collide, and make a column look as if it had fewer or more distinct values. Nothing that decides about trust
// may rest on it alone.

const SECOND = 0x9e3779b9;

export function mix(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** First half for a pair of words; as good as random for each pair. */
export function hashWords(low: number, high: number): number {
  return mix(low ^ mix(high ^ 0x2545f491));
}

/** Second half for the same pair, not implied by the first. */
export function secondHash(low: number, high: number): number {
  return mix(high ^ mix(low ^ SECOND));
}

/** Two words for a text of any length; equal texts give equal words. */
export function wordsOf(text: string): { readonly low: number; readonly high: number } {
  let low = text.length;
  let high = SECOND;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = (Math.imul((high << 13) | (high >>> 19), 5) + (unit ^ 0x5bd1e995)) | 0;
  }
  return { low: mix(low), high: mix(high ^ low) };
}
