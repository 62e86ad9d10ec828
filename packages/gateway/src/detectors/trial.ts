// Is somebody feeling for the boundary around one input? A film drifts, noise of a camera leaves the answer as it was; a search
// tips the answer over and back, or wins confidence in many small steps among more failures. Counts fade by the query, and by the
// hour: a sensor that drifts over a boundary in a day is none, and who searches as slowly needs days for one input.
import type { QuerySketch } from './sketch.js';

/** The last 100 or so members count. */
const FADE = 0.99;
const HALF_LIFE_MS = 3_600_000;
/** Steps of confidence below this are rounding or noise. */
const STEP = 0.005;
/** Ways and byways: how much confidence moved in all, as a multiple of what was won. A film gets there on a straight road. */
const LEAST_DETOUR = 5;
const LEAST_WON = 0.25;
const LEAST_MEMBERS = 25;
/** Of the members that counted: below it the flips are those of a long film. */
const LEAST_FLIP_SHARE = 0.2;

export class Trial {
  #members = 0;
  #flips = 0;
  #label: number | undefined;
  #first: { readonly label: number; readonly confidence: number } | undefined;
  #before = 0;
  #travelled = 0;
  #low = 1;
  #high = 0;
  #falls = 0;
  #rises = 0;
  #at = -Infinity;

  add({ label, confidence, at }: Pick<QuerySketch, 'label' | 'confidence' | 'at'>): void {
    const slack = 0.5 ** (Math.max(0, at - this.#at) / HALF_LIFE_MS);
    this.#at = Math.max(this.#at, at);
    this.#members = slack * FADE * this.#members + 1;
    this.#flips *= slack * FADE;
    this.#falls *= slack;
    this.#rises *= slack;
    if (label === undefined) return;
    if (this.#label !== undefined && this.#label !== label) this.#flips += 1;
    this.#label = label;
    if (confidence === undefined) return;
    if (this.#first === undefined) {
      this.#first = { label, confidence };
      this.#low = this.#high = this.#before = confidence;
      return;
    }
    // Of the first answer's class only an upper bound is known once another one is ahead.
    const now = label === this.#first.label ? confidence : Math.min(1 - confidence, this.#low);
    this.#travelled += Math.abs(now - this.#before);
    this.#before = now;
    if (now < this.#low - STEP) [this.#low, this.#falls] = [now, this.#falls + 1];
    if (now > this.#high + STEP) [this.#high, this.#rises] = [now, this.#rises + 1];
  }

  get window(): number {
    return Math.round(this.#members);
  }

  /** Times that the answer tipped over, when they are no rarity. */
  get flips(): number {
    return this.#flips >= LEAST_FLIP_SHARE * this.#members ? this.#flips : 0;
  }

  /** New lows of the first answer's confidence, when they were won by trial and error. */
  get falls(): number {
    return this.#isSearch((this.#first?.confidence ?? 0) - this.#low) ? this.#falls : 0;
  }

  get rises(): number {
    return this.#isSearch(this.#high - (this.#first?.confidence ?? 1)) ? this.#rises : 0;
  }

  #isSearch(won: number): boolean {
    return won >= LEAST_WON && this.#members >= LEAST_MEMBERS && this.#travelled >= LEAST_DETOUR * won;
  }
}
