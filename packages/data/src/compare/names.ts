// Labels and sources of two tables as small numbers, so that a row costs four bytes and not a text. Their number is bounded.
import type { Column, Values } from '@vallum/formats';
import { cellAt, textOf } from '../tables/cells.js';
import { inCommon } from '../tables/common-cell.js';

const MISSING = '(missing)';

export class Names {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #most: number;
  #left = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Number of a value; all values beyond the bound share one. @param other type of the column in the other table */
  number(values: Values, row: number, { type, other }: Readonly<Record<'type' | 'other', Column['type']>>): number {
    const cell = inCommon(cellAt(values, row), type, other);
    const name = cell === undefined ? MISSING : textOf(cell, type === 'text' ? other : type);
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.#names.length >= this.#most) {
      this.#left += 1;
      return this.#most;
    }
    this.#numbers.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }

  name(number: number): string {
    return this.#names[number] ?? '(others)';
  }

  /** Rows whose value had no number of its own. */
  get left(): number {
    return this.#left;
  }
}
