// Stack and mark stack as CPython keeps them: nothing below the last mark can be reached before the mark is taken.
import { Broken } from './broken.js';
import type { Value } from './values.js';

export class MarkedStack {
  readonly #values: Value[] = [];
  readonly #marks: number[] = [];
  readonly #limit: number;
  #fence = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(value: Value): void {
    if (this.#values.push(value) > this.#limit) throw new Broken(`its stack grows above ${this.#limit}`, 'budget');
  }

  pop(): Value {
    const value = this.#values.length > this.#fence ? this.#values.pop() : undefined;
    if (value === undefined) throw new Broken('it takes from an empty stack');
    return value;
  }

  top(): Value {
    const value = this.#values.length > this.#fence ? this.#values.at(-1) : undefined;
    if (value === undefined) throw new Broken('it looks at an empty stack');
    return value;
  }

  mark(): void {
    this.#fence = this.#values.length;
    if (this.#marks.push(this.#fence) > this.#limit)
      throw new Broken(`it sets more than ${this.#limit} marks`, 'budget');
  }

  /** Takes the last mark and what lies above it. */
  popMark(): Value[] {
    return this.#values.splice(this.#takeMark());
  }

  /** Takes the last mark and drops what lies above it; answers how many that were. */
  dropMark(): number {
    const mark = this.#takeMark();
    const count = this.#values.length - mark;
    this.#values.length = mark;
    return count;
  }

  /** POP: the top value, or the mark when nothing lies above it. */
  popOrMark(): void {
    if (this.#values.length > this.#fence) this.#values.pop();
    else this.dropMark();
  }

  #takeMark(): number {
    const mark = this.#marks.pop();
    if (mark === undefined) throw new Broken('it needs a mark and there is none');
    this.#fence = this.#marks.at(-1) ?? 0;
    return mark;
  }
}
