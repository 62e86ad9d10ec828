// Canonical Huffman codes as deflate uses them: the low bit of the input first, at most 15 bits to a code.

const QUICK_BITS = 10;
const MAX_BITS = 15;

export class Huffman {
  /** By the next ten bits: `symbol << 4 | bits`; 0 where the code is longer or not defined. */
  readonly table = new Uint16Array(1 << QUICK_BITS);
  readonly oversubscribed: boolean;
  readonly #counts = new Uint16Array(MAX_BITS + 1);
  readonly #symbols: Uint16Array;

  /** @param lengths bits of the code of each symbol, 0 where it has none */
  constructor(lengths: Uint8Array) {
    for (const length of lengths) this.#counts[length] = (this.#counts[length] ?? 0) + 1;
    this.#counts[0] = 0;
    const next = new Uint16Array(MAX_BITS + 2);
    const code = new Uint16Array(MAX_BITS + 2);
    let left = 1;
    for (let bits = 1; bits <= MAX_BITS; bits++) {
      left = left * 2 - (this.#counts[bits] ?? 0);
      if (left < 0) break;
      next[bits + 1] = (next[bits] ?? 0) + (this.#counts[bits] ?? 0);
      code[bits + 1] = ((code[bits] ?? 0) + (this.#counts[bits] ?? 0)) << 1;
    }
    this.oversubscribed = left < 0;
    this.#symbols = new Uint16Array(lengths.length);
    if (this.oversubscribed) return;
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      const bits = lengths[symbol] ?? 0;
      if (bits === 0) continue;
      this.#symbols[next[bits] ?? 0] = symbol;
      next[bits] = (next[bits] ?? 0) + 1;
      const value = code[bits] ?? 0;
      code[bits] = value + 1;
      if (bits > QUICK_BITS) continue;
      const step = 1 << bits;
      for (let at = reverse(value, bits); at < this.table.length; at += step) this.table[at] = (symbol << 4) | bits;
    }
  }

  /** `symbol << 4 | bits` of the code that `hold` begins with, -1 where there is none. */
  look(hold: number): number {
    const quick = this.table[hold & ((1 << QUICK_BITS) - 1)] ?? 0;
    if (quick !== 0) return quick;
    let code = 0;
    let first = 0;
    let index = 0;
    for (let bits = 1; bits <= MAX_BITS; bits++) {
      code |= (hold >>> (bits - 1)) & 1;
      const count = this.#counts[bits] ?? 0;
      if (code - count < first) {
        const symbol = this.#symbols[index + (code - first)];
        return symbol === undefined || this.oversubscribed ? -1 : (symbol << 4) | bits;
      }
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return -1;
  }
}

function reverse(value: number, bits: number): number {
  let out = 0;
  for (let i = 0; i < bits; i++) out |= ((value >> i) & 1) << (bits - 1 - i);
  return out;
}
