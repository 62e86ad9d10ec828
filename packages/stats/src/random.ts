// Seeded randomness: the same seed gives the same run on every machine. Never for keys or secrets.
import { refuse } from './refuse.js';

/** Numbers in [0, 1) from a 32-bit seed (Tommy Ettinger's mulberry32, public domain). */
export function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A shuffled copy (Fisher and Yates, in Durstenfeld's form); every order is equally likely if `random` is uniform. */
export function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const copy = [...items];
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const held = copy[last] as T;
    if (!(other >= 0 && other <= last)) throw refuse('`random` must give numbers in [0, 1)');
    copy[last] = copy[other] as T;
    copy[other] = held;
  }
  return copy;
}
