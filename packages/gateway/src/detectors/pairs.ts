// Inputs that come with changed copies (after SEAT, Zhang et al., AISec 2021): a thief enlarges a few natural inputs by small
// changes, a membership test asks about each of many rows again. Only inputs unlike anything before count, so that the frames of a
// film, each near the last, make one pair and no more.

const HALF_LIFE_MS = 24 * 3_600_000;
/** Queries that count for the share, by and by, and the least share that pairs have among them. */
const FADE = 1 - 1 / 200;
const LEAST_SHARE = 0.15;
/** Changed copies of one input that make a membership test of it rather than a pair. */
const COPIES = 4;

export class Pairs {
  #pairs = 0;
  #asked = 0;
  #queries = 0;
  #recent = 0;
  #at = 0;

  /** @param copies how many changed copies of an unrelated input there are with this query; 0 when it is none */
  add(copies: number, at: number): void {
    const fade = 0.5 ** (Math.max(0, at - this.#at) / HALF_LIFE_MS);
    this.#at = Math.max(this.#at, at);
    this.#pairs = this.#pairs * fade + (copies === 1 ? 1 : 0);
    this.#asked = this.#asked * fade + (copies === COPIES ? 1 : 0);
    this.#queries = FADE * this.#queries + 1;
    this.#recent = FADE * this.#recent + (copies === 1 ? 1 : 0);
  }

  /** Unrelated inputs that came with a changed copy, when they are no rarity. */
  get pairs(): number {
    return this.#recent >= LEAST_SHARE * this.#queries ? this.#pairs : 0;
  }

  /** Unrelated inputs that came with several. */
  get asked(): number {
    return this.#asked;
  }

  get window(): number {
    return Math.round(this.#queries);
  }
}
