// Finite state entropy of zstd (RFC 8878, sections 4.1 and 3.1.1.3.2.2): the tables by which a stream of bits, read from its
// end, becomes symbols. Frequencies are the attacker's: a table is built only from ones that fill it exactly.

/** Ends the decoding of a frame; the message says why. */
export class ZstdError extends Error {}

/** Per state: the symbol, the bits to read, and what they are added to for the next state. */
export interface FseTable {
  readonly bits: number;
  readonly symbols: Uint8Array;
  readonly reads: Uint8Array;
  readonly bases: Uint16Array;
}

/** @param frequencies of each symbol in a table of 2^bits states; -1 is "less than one" */
export function fseTable(frequencies: readonly number[], bits: number): FseTable {
  const size = 1 << bits;
  const symbols = new Uint8Array(size);
  const reads = new Uint8Array(size);
  const bases = new Uint16Array(size);
  const next = new Uint16Array(frequencies.length);
  let high = size;
  for (let symbol = 0; symbol < frequencies.length; symbol++) {
    const frequency = frequencies[symbol] ?? 0;
    if (frequency === -1) symbols[--high] = symbol;
    next[symbol] = Math.abs(frequency);
  }
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  for (let symbol = 0; symbol < frequencies.length; symbol++)
    for (let left = frequencies[symbol] ?? 0; left > 0; left--) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at >= high);
    }
  if (at !== 0) throw new ZstdError('a table of frequencies does not add up');
  for (let state = 0; state < size; state++) {
    const symbol = symbols[state] ?? 0;
    const value = next[symbol] ?? 0;
    next[symbol] = value + 1;
    const read = bits - (31 - Math.clz32(value));
    reads[state] = read;
    bases[state] = (value << read) - size;
  }
  return { bits, symbols, reads, bases };
}

/** A table with one state, which always gives `symbol`. */
export function oneSymbol(symbol: number): FseTable {
  return { bits: 0, symbols: Uint8Array.of(symbol), reads: new Uint8Array(1), bases: new Uint16Array(1) };
}

/** Reads a description of frequencies. @returns the table, and where the description ends */
export function readFseTable(
  bytes: Uint8Array,
  start: number,
  end: number,
  maxBits: number,
  maxSymbol: number,
): { table: FseTable; end: number } {
  let bit = start * 8;
  const stop = end * 8;
  const read = (count: number): number => {
    if (bit + count > stop) throw new ZstdError('a table of frequencies is cut off');
    const at = bit >>> 3;
    const word = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
    const value = (word >>> (bit & 7)) & ((1 << count) - 1);
    bit += count;
    return value;
  };
  const bits = 5 + read(4);
  if (bits > maxBits) throw new ZstdError('a table of frequencies is larger than allowed');
  let left = 1 << bits;
  const frequencies: number[] = [];
  while (left > 0) {
    if (frequencies.length > maxSymbol) throw new ZstdError('a table of frequencies has too many symbols');
    const width = 32 - Math.clz32(left + 1);
    // The last bits of a description may be fewer than the widest value: the shorter form is tried first.
    const short = read(width - 1);
    const threshold = (1 << width) - 2 - left;
    let value = short;
    if (short >= threshold) {
      if (read(1) === 1) value = short + (1 << (width - 1)) - threshold;
    }
    const frequency = value - 1;
    left -= Math.abs(frequency);
    frequencies.push(frequency);
    if (frequency !== 0) continue;
    for (let zeros = 3; zeros === 3;) {
      zeros = read(2);
      for (let i = 0; i < zeros; i++) frequencies.push(0);
    }
  }
  if (left < 0 || frequencies.length > maxSymbol + 1) throw new ZstdError('a table of frequencies does not add up');
  return { table: fseTable(frequencies, bits), end: (bit + 7) >>> 3 };
}

/** Where the bits of a stream that is read backwards begin: below the highest set bit of its last byte. */
export function backwardStart(bytes: Uint8Array, start: number, end: number): number {
  const last = end > start ? (bytes[end - 1] ?? 0) : 0;
  if (last === 0) throw new ZstdError('a stream of bits has no end mark');
  return end * 8 - 8 + (31 - Math.clz32(last));
}
