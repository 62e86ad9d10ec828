// Does a caller send what the model is unsure about far more often than others do? Active thieves choose such inputs; so do users
// whose inputs are simply hard, which is why this weighs little.

const BINS = 64;
const FADE = 1 - 1 / 100_000;
/** The least sure tenth of all answers of a route. */
const TENTH = 0.1;
const LEAST_ANSWERS = 2_000;
/** Answers of one caller that shape what is usual. */
const MOST_OF_ONE = 200;

/** Confidences on one route. */
export class Confidences {
  readonly #counts = new Float64Array(BINS);
  #total = 0;

  /** @param seen answers of this caller before */
  add(confidence: number, seen: number): void {
    if (seen >= MOST_OF_ONE) return;
    for (let bin = 0; bin < BINS; bin += 1) this.#counts[bin] = (this.#counts[bin] as number) * FADE;
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor(confidence * BINS)));
    this.#counts[bin] = (this.#counts[bin] as number) + 1;
    this.#total = this.#total * FADE + 1;
  }

  /** Answers below this are the least sure tenth; undefined as long as too few were seen. */
  get low(): number | undefined {
    if (this.#total < LEAST_ANSWERS) return undefined;
    let below = 0;
    for (let bin = 0; bin < BINS; bin += 1) {
      below += this.#counts[bin] as number;
      if (below > TENTH * this.#total) return bin / BINS;
    }
    return 1;
  }
}

const CALLER_FADE = 1 - 1 / 200;
const LEAST_QUERIES = 80;

/** Unsure answers of one caller. */
export class Unsure {
  #queries = 0;
  #unsure = 0;

  /** @returns the part of its last queries that were unsure, once there are enough */
  add(confidence: number, low: number): number | undefined {
    this.#queries = CALLER_FADE * this.#queries + 1;
    this.#unsure = CALLER_FADE * this.#unsure + (confidence < low ? 1 : 0);
    return this.#queries >= LEAST_QUERIES ? this.#unsure / this.#queries : undefined;
  }

  get window(): number {
    return Math.round(this.#queries);
  }
}
