// Finds equal texts by their bytes, so that a string is made once for each distinct text and not for each cell. Whoever
// writes the file can make all texts collide: a search gives up after a few places, and the text is kept a second time.

const FIRST = 64;
const MAX_PROBES = 12;
/** Longer texts are rarely equal, and comparing them costs what making a string does. */
const MAX_LENGTH = 64;

export class ByteDictionary {
  /** Per slot: code + 1, hash, offset into the arena, length. */
  #slots = new Int32Array(FIRST * 4);
  #mask = FIRST - 1;
  #size = 0;
  #arena = new Uint8Array(1024);
  #used = 0;
  #hash = 0;

  /** Code of an equal text, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length > MAX_LENGTH) return -1;
    // FNV-1a (Fowler, Noll, Vo), mixed at the end because only the low bits choose the slot.
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    hash ^= hash >>> 15;
    this.#hash = hash;
    const slots = this.#slots;
    for (let probe = 0, slot = hash & this.#mask; probe < MAX_PROBES; probe++, slot = (slot + 1) & this.#mask) {
      const code = slots[slot * 4]!;
      if (code === 0) return -1;
      if (slots[slot * 4 + 1] !== hash || slots[slot * 4 + 3] !== length) continue;
      const from = slots[slot * 4 + 2]!;
      let same = 0;
      while (same < length && this.#arena[from + same] === bytes[start + same]) same += 1;
      if (same === length) return code - 1;
    }
    return -1;
  }

  /** Keeps the text that was just looked for in vain. */
  add(bytes: Uint8Array, start: number, end: number, code: number): void {
    const length = end - start;
    if (length > MAX_LENGTH) return;
    if (this.#used + length > this.#arena.length) {
      const larger = new Uint8Array(this.#arena.length * 2 + length);
      larger.set(this.#arena);
      this.#arena = larger;
    }
    if (this.#size * 2 > this.#mask) this.#grow();
    if (!this.#insert(this.#hash, this.#used, length, code + 1)) return;
    this.#arena.set(bytes.subarray(start, end), this.#used);
    this.#used += length;
    this.#size += 1;
  }

  clear(): void {
    this.#slots.fill(0);
    this.#size = 0;
    this.#used = 0;
  }

  #insert(hash: number, from: number, length: number, code: number): boolean {
    const slots = this.#slots;
    for (let probe = 0, slot = hash & this.#mask; probe < MAX_PROBES; probe++, slot = (slot + 1) & this.#mask) {
      if (slots[slot * 4] !== 0) continue;
      slots[slot * 4] = code;
      slots[slot * 4 + 1] = hash;
      slots[slot * 4 + 2] = from;
      slots[slot * 4 + 3] = length;
      return true;
    }
    return false;
  }

  #grow(): void {
    const before = this.#slots;
    this.#mask = this.#mask * 2 + 1;
    this.#slots = new Int32Array((this.#mask + 1) * 4);
    for (let slot = 0; slot < before.length; slot += 4)
      if (before[slot] !== 0) this.#insert(before[slot + 1]!, before[slot + 2]!, before[slot + 3]!, before[slot]!);
  }
}
