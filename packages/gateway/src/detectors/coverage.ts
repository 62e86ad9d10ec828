// How far a caller's queries spread out over places where training data hardly ever is. A sensor that drifts, or a film of
// something new, stays in few places; a thief who makes its inputs up takes ever new ones. Natural inputs leave no trace here.
import { squaredTo } from './distance.js';
import { LastDecisions } from './facts.js';
import type { QuerySketch } from './sketch.js';

const WIDTH = 64;
const MOST_PLACES = 64;
/** Queries that count, by and by. */
const FADE = 1 - 1 / 200;
const HALF_LIFE_MS = 24 * 3_600_000;
/** Of the queries; fewer far ones are the outliers that every caller has. */
const LEAST_SHARE = 0.1;

export class Coverage {
  #places = new Float32Array(0);
  #next = 0;
  #taken = 0;
  #queries = 0;
  #novel = 0;
  #at = 0;
  readonly decisions = new LastDecisions();

  /**
   * @param isNovel farther from all training rows than hardly any of them is
   * @param apart two places are at least this far from each other
   * @returns the number of far places by now when this query took a new one, and nothing otherwise
   */
  add({ means, decision, at }: QuerySketch, isNovel: boolean, apart: number): number | undefined {
    this.#taken *= 0.5 ** (Math.max(0, at - this.#at) / HALF_LIFE_MS);
    this.#at = Math.max(this.#at, at);
    this.#queries = FADE * this.#queries + 1;
    this.#novel = FADE * this.#novel + (isNovel ? 1 : 0);
    if (!isNovel || !this.#isNewPlace(means, apart)) return undefined;
    this.#taken += 1;
    this.decisions.add(decision);
    return this.share >= LEAST_SHARE ? this.#taken : undefined;
  }

  /** Part of the last queries that lay far off. */
  get share(): number {
    return this.#queries === 0 ? 0 : this.#novel / this.#queries;
  }

  get window(): number {
    return Math.round(this.#queries);
  }

  #isNewPlace(means: Float32Array, apart: number): boolean {
    for (let from = 0; from < this.#places.length; from += WIDTH)
      if (squaredTo(means, this.#places, from) < apart * apart) return false;
    if (this.#places.length < MOST_PLACES * WIDTH) {
      const grown = new Float32Array(this.#places.length + WIDTH);
      grown.set(this.#places);
      this.#places = grown;
    }
    this.#places.set(means.subarray(0, WIDTH), this.#next * WIDTH);
    this.#next = (this.#next + 1) % MOST_PLACES;
    return true;
  }
}
