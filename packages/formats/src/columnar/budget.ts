// The memory that one pass over a table may hold at a time. Sizes are claims of the file: they are charged before room is
// made for them.
import { largeTable } from './fault.js';

const MAX_HELD = 1024 ** 3;

export class Budget {
  #left = MAX_HELD;

  /** @throws VallumError `TABLE_LIMIT` */
  take(bytes: number): void {
    if (!(bytes <= this.#left)) throw largeTable('it needs more than 1 GiB of memory at a time');
    this.#left -= bytes;
  }

  give(bytes: number): void {
    this.#left += bytes;
  }
}

/** What one holder has of the budget: given back at once. */
export class Account {
  readonly #budget: Budget;
  #held = 0;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  take(bytes: number): void {
    this.#budget.take(bytes);
    this.#held += bytes;
  }

  release(): void {
    this.#budget.give(this.#held);
    this.#held = 0;
  }
}
