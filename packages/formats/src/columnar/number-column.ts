// A number, boolean or time column of one batch, and what was rounded in it over all batches.
import type { NumberValues } from '../table/table.js';

export class NumberColumn {
  readonly lane: Float64Array;
  /** Values that a float64 cannot hold, in all batches. */
  rounded = 0;
  readonly #type: NumberValues['type'];
  readonly #missing: Uint8Array;
  #gaps = false;

  constructor(type: NumberValues['type'], rows: number) {
    this.#type = type;
    this.lane = new Float64Array(rows);
    this.#missing = new Uint8Array(rows);
  }

  miss(row: number): void {
    this.lane[row] = NaN;
    this.#missing[row] = 1;
    this.#gaps = true;
  }

  isMissing(row: number): boolean {
    return this.#missing[row] === 1;
  }

  take(rows: number): NumberValues {
    const missing = this.#gaps ? this.#missing.subarray(0, rows) : undefined;
    return { type: this.#type, values: this.lane.subarray(0, rows), missing };
  }

  /** Behind a batch. */
  reset(): void {
    if (this.#gaps) this.#missing.fill(0);
    this.#gaps = false;
  }
}
