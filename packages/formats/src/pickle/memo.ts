// The memo. Writers number it from zero, so it is an array; an attacker may write any 32-bit index, which must not make the
// array grow, so what lies far beyond its end goes into a map.
import { Broken } from './broken.js';
import type { Value } from './values.js';

const SLACK = 1024;

export class Memo {
  readonly #dense: (Value | undefined)[] = [];
  readonly #sparse = new Map<number, Value>();
  readonly #limit: number;
  /** Entries that were written; MEMOIZE uses it as the next index. */
  size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  set(index: number, value: Value): void {
    // Counting an entry twice would shift every later MEMOIZE: another program than CPython's.
    if (this.#dense[index] === undefined && !this.#sparse.has(index)) this.size += 1;
    if (this.size > this.#limit) throw new Broken(`its memo grows above ${this.#limit}`, 'budget');
    if (index >= this.#dense.length + SLACK) {
      this.#sparse.set(index, value);
      return;
    }
    while (this.#dense.length < index) this.#dense.push(undefined);
    this.#dense[index] = value;
  }

  /** @throws Broken for an entry that was never written */
  get(index: number): Value {
    const value = this.#dense[index] ?? this.#sparse.get(index);
    if (value === undefined) throw new Broken('it reads a memo entry that was never written');
    return value;
  }
}
