// A baseline for routes without training sketches: drawn from what callers send, few rows of each, so that one of them cannot
// make its own inputs normal. Many accounts of one hand can; sketches of training data are better, and learned first.
import { Baseline, BASELINE_ROWS } from './baseline.js';
import { BoundedMap } from './bounded-map.js';

const MOST_OF_ONE = 16;
/** Callers and rows before anything is said. */
const LEAST_CALLERS = 20;
const LEAST_ROWS = 200;
/** Rows that enter between two looks. */
const RENEW = 256;
const MOST_CALLERS = 2_000;

export class Population {
  readonly #rows: Float32Array[] = [];
  readonly #given = new BoundedMap<string, number>(MOST_CALLERS);
  readonly #random: () => number;
  #entered = 0;
  #baseline: Baseline | undefined;

  constructor(random: () => number) {
    this.#random = random;
  }

  get baseline(): Baseline | undefined {
    return this.#baseline;
  }

  /** @param group of the caller: its accounts share what one may give */
  admit(group: string, means: Float32Array): void {
    const given = this.#given.get(group) ?? 0;
    // The later a row, the less likely it is taken: who floods gives no more than others.
    if (given >= MOST_OF_ONE || this.#random() * (1 + given) > 1) return;
    this.#given.set(group, given + 1);
    if (this.#rows.length > 0 && this.#rows[0]?.length !== means.length) return;
    if (this.#rows.length < BASELINE_ROWS) this.#rows.push(means);
    else this.#rows[Math.floor(this.#random() * BASELINE_ROWS)] = means;
    this.#entered += 1;
    if (this.#given.size < LEAST_CALLERS || this.#rows.length < LEAST_ROWS) return;
    if (this.#baseline === undefined || this.#entered % RENEW === 0) this.#baseline = Baseline.of(this.#rows);
  }
}
