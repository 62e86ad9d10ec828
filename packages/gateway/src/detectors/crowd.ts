// How a caller's inputs lie to one another, as training rows do not. A search for a boundary packs them together while their answers
// differ; a search by confidence packs them together; inputs made from earlier ones are tied to these and not to natural inputs.
// Natural inputs of one class may stand close, but their answers agree. Copies in the narrow sense are left to the families.
import type { Found } from './memory.js';

/** The last 50 or so queries count. */
const FADE = 1 - 1 / 50;
/** Distinct inputs from which parts of them say something, and queries from which their mean does. */
const LEAST_INPUTS = 25;
const LEAST_QUERIES = 20;

/** A mean of the last values. */
class Recent {
  #sum = 0;
  #weight = 0;

  add(value: number): void {
    this.#sum = FADE * this.#sum + value;
    this.#weight = FADE * this.#weight + 1;
  }

  get weight(): number {
    return this.#weight;
  }

  get mean(): number {
    return this.#weight < LEAST_QUERIES ? 0 : this.#sum / this.#weight;
  }
}

export class Crowd {
  readonly #crowd = new Recent();
  readonly #mixed = new Recent();
  readonly #tethered = new Recent();

  /** @param isTethered closer to an own earlier input than to training rows by far; nothing for a copy */
  add({ count, crowd, mixed }: Found, isTethered: boolean | undefined): void {
    if (count < LEAST_INPUTS) return;
    this.#crowd.add(crowd);
    this.#mixed.add(mixed);
    if (isTethered !== undefined) this.#tethered.add(isTethered ? 1 : 0);
  }

  /** Mean part of the caller's inputs that lie within a cell of a query, of those with another answer, and of tethered queries. */
  get crowd(): number {
    return this.#crowd.mean;
  }

  get mixed(): number {
    return this.#mixed.mean;
  }

  get tethered(): number {
    return this.#tethered.mean;
  }

  get window(): number {
    return Math.round(this.#crowd.weight);
  }
}
