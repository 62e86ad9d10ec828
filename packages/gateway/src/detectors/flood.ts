// Cost of one caller in ten minutes beside what callers of the route have. Limits stop a flood; this tells of one below them.
// A batch is over sooner than it takes to be told from a flood.

const SPAN_MS = 600_000;
/** Weight of one caller's span in what is usual, and the most it counts for. */
const WEIGHT = 0.002;
const MOST_TIMES = 5;
const LEAST_SPANS = 500;
const LEAST_QUERIES = 3_000;

/** What a busy span of a caller costs on one route. */
export class UsualCost {
  #mean = 0;
  #spans = 0;

  add(cost: number): void {
    this.#spans += 1;
    // A flood must not become usual by lasting.
    const counted = this.#spans <= LEAST_SPANS ? cost : Math.min(cost, MOST_TIMES * this.#mean);
    this.#mean += Math.max(WEIGHT, 1 / this.#spans) * (counted - this.#mean);
  }

  get cost(): number | undefined {
    return this.#spans >= LEAST_SPANS && this.#mean > 0 ? this.#mean : undefined;
  }
}

export class Span {
  #began = -Infinity;
  #cost = 0;
  #queries = 0;

  /** @returns how many times the usual cost this span has, when it has many queries */
  add(at: number, cost: number, rows: number, usual: UsualCost): number | undefined {
    if (at - this.#began >= SPAN_MS) {
      if (this.#queries > 0) usual.add(this.#cost);
      [this.#began, this.#cost, this.#queries] = [at, 0, 0];
    }
    this.#cost += cost;
    this.#queries += rows;
    const most = usual.cost;
    return most === undefined || this.#queries < LEAST_QUERIES ? undefined : this.#cost / most;
  }

  get window(): number {
    return Math.round(this.#queries);
  }
}
