// The notes of one table. A hostile file can earn one for each of 100,000 columns: their number is bounded, and that some
// are left out is a note too.
import type { TableNote } from './table.js';

const MAX_NOTES = 1000;

export class Notes {
  readonly #notes = new Map<string, TableNote>();
  #dropped = 0;

  /** A second note of the same code and column replaces the first: both say how many there are in all. */
  set(code: string, count: number, message: string, column?: string): void {
    const key = `${code} ${column ?? ''}`;
    if (this.#notes.size >= MAX_NOTES && !this.#notes.has(key)) this.#dropped += 1;
    else this.#notes.set(key, column === undefined ? { code, message, count } : { code, column, message, count });
  }

  list(): readonly TableNote[] {
    const notes = [...this.#notes.values()];
    if (this.#dropped > 0)
      notes.push({ code: 'more-notes', message: `${this.#dropped} more notes are left out`, count: this.#dropped });
    return notes;
  }
}
