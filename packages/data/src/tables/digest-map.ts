// A map from 128-bit digests to the row that was first seen with each, in typed arrays: about 50 bytes an entry instead of
// several hundred. It holds a bounded number; tables with more rows are gone through several times, a part of all digests
// at a time, so that the answer is exact with constant memory.

const WORDS = 4;
const MAX_LOAD = 0.6;

export class DigestMap {
  #capacity: number;
  #keys: Uint32Array;
  #rows: Float64Array;
  #marks: Uint32Array;
  #size = 0;

  constructor(entries = 1024) {
    this.#capacity = 2 ** Math.ceil(Math.log2(Math.max(16, entries / MAX_LOAD)));
    this.#keys = new Uint32Array(this.#capacity * WORDS);
    this.#rows = new Float64Array(this.#capacity).fill(-1);
    this.#marks = new Uint32Array(this.#capacity);
  }

  get size(): number {
    return this.#size;
  }

  /** Slot of the digest, or -1. */
  find(digest: Uint32Array): number {
    const slot = this.#slot(digest);
    return (this.#rows[slot] ?? -1) < 0 ? -1 : slot;
  }

  /** Enters a digest that is new. @returns its slot, and whether it was new; slots hold until the next `enter` */
  enter(digest: Uint32Array, row: number, mark = 0): { readonly slot: number; readonly isNew: boolean } {
    if (this.#size >= this.#capacity * MAX_LOAD) this.#grow();
    const slot = this.#slot(digest);
    if ((this.#rows[slot] ?? -1) >= 0) return { slot, isNew: false };
    this.#keys.set(digest.subarray(0, WORDS), slot * WORDS);
    this.#rows[slot] = row;
    this.#marks[slot] = mark;
    this.#size += 1;
    return { slot, isNew: true };
  }

  rowAt(slot: number): number {
    return this.#rows[slot] ?? -1;
  }

  markAt(slot: number): number {
    return this.#marks[slot] ?? 0;
  }

  setRow(slot: number, row: number): void {
    this.#rows[slot] = row;
  }

  mark(slot: number, mark: number): void {
    this.#marks[slot] = mark;
  }

  #slot(digest: Uint32Array): number {
    const mask = this.#capacity - 1;
    const keys = this.#keys;
    for (let slot = (digest[0] ?? 0) & mask; ; slot = (slot + 1) & mask) {
      if ((this.#rows[slot] ?? -1) < 0) return slot;
      const at = slot * WORDS;
      if (
        keys[at] === digest[0] &&
        keys[at + 1] === digest[1] &&
        keys[at + 2] === digest[2] &&
        keys[at + 3] === digest[3]
      )
        return slot;
    }
  }

  #grow(): void {
    const [keys, rows, marks, before] = [this.#keys, this.#rows, this.#marks, this.#capacity];
    this.#capacity *= 2;
    this.#keys = new Uint32Array(this.#capacity * WORDS);
    this.#rows = new Float64Array(this.#capacity).fill(-1);
    this.#marks = new Uint32Array(this.#capacity);
    for (let slot = 0; slot < before; slot += 1) {
      const row = rows[slot] ?? -1;
      if (row < 0) continue;
      const key = keys.subarray(slot * WORDS, slot * WORDS + WORDS);
      const target = this.#slot(key);
      this.#keys.set(key, target * WORDS);
      this.#rows[target] = row;
      this.#marks[target] = marks[slot] ?? 0;
    }
  }
}

/** Entries that one pass holds: about 200 MB. */
export const PASS_ENTRIES = 4_000_000;

/** How many passes a table of so many rows needs. */
export function passesFor(rows: number, entries = PASS_ENTRIES): number {
  // A part holds its share give or take a few standard deviations; the map grows if it must.
  return Math.max(1, Math.ceil(rows / entries));
}

/** Whether a digest belongs to a pass; its last word decides, so that the first ones stay spread within it. */
export function inPass(digest: Uint32Array, pass: number, passes: number): boolean {
  return passes === 1 || (digest[3] ?? 0) % passes === pass;
}
