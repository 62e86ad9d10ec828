// The Huffman-coded literals of a zstd block (RFC 8878, section 4.2).
import { backwardStart, readFseTable, ZstdError } from './zstd-fse.js';

const MAX_BITS = 11;

/** Per the next `bits` bits of the stream: the symbol times 16, plus the length of its code. */
export interface HuffmanTable {
  readonly bits: number;
  readonly entries: Uint16Array;
}

/** Reads a tree of weights. @returns the table, and where its description ends */
export function readHuffman(bytes: Uint8Array, start: number, end: number): { table: HuffmanTable; end: number } {
  if (start >= end) throw new ZstdError('a Huffman tree is cut off');
  const header = bytes[start] ?? 0;
  const packed = header < 128;
  const size = packed ? header : (header - 126) >> 1;
  const from = start + 1;
  const to = from + size;
  if (to > end) throw new ZstdError('a Huffman tree is cut off');
  const weights: number[] = [];
  if (packed) fseWeights(bytes, from, to, weights);
  else
    for (let i = 0; i < header - 127; i++) {
      const pair = bytes[from + (i >> 1)] ?? 0;
      weights.push((i & 1) === 0 ? pair >> 4 : pair & 15);
    }
  return { table: tableOf(weights), end: to };
}

function fseWeights(bytes: Uint8Array, start: number, end: number, weights: number[]): void {
  const { table, end: from } = readFseTable(bytes, start, end, 6, 255);
  let bit = backwardStart(bytes, from, end);
  const floor = from * 8;
  const read = (count: number): number => {
    // Below its start the stream counts as zeros.
    bit -= count;
    let value = 0;
    for (let i = 0; i < count; i++) {
      const at = bit + i;
      if (at >= floor) value |= (((bytes[at >>> 3] ?? 0) >>> (at & 7)) & 1) << i;
    }
    return value;
  };
  const states = [read(table.bits), read(table.bits)];
  if (bit < floor) throw new ZstdError('the weights of a Huffman tree are cut off');
  for (let turn = 0; ; turn ^= 1) {
    const state = states[turn] ?? 0;
    weights.push(table.symbols[state] ?? 0);
    if (weights.length > 254) throw new ZstdError('a Huffman tree has too many symbols');
    states[turn] = (table.bases[state] ?? 0) + read(table.reads[state] ?? 0);
    if (bit >= floor) continue;
    weights.push(table.symbols[states[turn ^ 1] ?? 0] ?? 0);
    return;
  }
}

function tableOf(weights: readonly number[]): HuffmanTable {
  const counts = new Uint32Array(MAX_BITS + 2);
  let sum = 0;
  for (const weight of weights) {
    if (weight > MAX_BITS) throw new ZstdError('a Huffman code is longer than allowed');
    if (weight > 0) sum += 1 << (weight - 1);
    counts[weight] = (counts[weight] ?? 0) + 1;
  }
  if (sum === 0) throw new ZstdError('a Huffman tree is empty');
  const bits = 32 - Math.clz32(sum);
  const left = (1 << bits) - sum;
  if (bits > MAX_BITS || (left & (left - 1)) !== 0) throw new ZstdError('a Huffman tree does not add up');
  const last = 32 - Math.clz32(left);
  counts[last] = (counts[last] ?? 0) + 1;
  // The longest codes come first.
  const starts = new Uint32Array(MAX_BITS + 2);
  for (let weight = 1, at = 0; weight <= bits; weight++) {
    starts[weight] = at;
    at += (counts[weight] ?? 0) << (weight - 1);
  }
  const entries = new Uint16Array(1 << bits);
  for (let symbol = 0; symbol <= weights.length; symbol++) {
    const weight = symbol === weights.length ? last : (weights[symbol] ?? 0);
    if (weight === 0) continue;
    const at = starts[weight] ?? 0;
    const span = 1 << (weight - 1);
    entries.fill(symbol * 16 + bits + 1 - weight, at, at + span);
    starts[weight] = at + span;
  }
  return { bits, entries };
}

/**
 * Decodes exactly `count` literals from one stream, which must end with them.
 * @param view over `bytes`, which has at least 8 bytes in front of `start` and behind `end`
 */
export function huffmanStream(
  table: HuffmanTable,
  { bytes, view }: { readonly bytes: Uint8Array; readonly view: DataView },
  [start, end]: readonly [number, number],
  out: Uint8Array,
  from: number,
  count: number,
): void {
  const { bits, entries } = table;
  let bit = backwardStart(bytes, start, end);
  const floor = start * 8;
  const mask = (1 << bits) - 1;
  let at = from;
  const stop = from + count;
  // Two codes of at most eleven bits from the 25 that one read has at least; in front of the stream are other bytes, so
  // what is read below its start is only noticed at the end.
  const pairs = stop - 1;
  while (at < pairs && bit >= floor) {
    const low = bit - 25;
    const word = view.getInt32(low >> 3, true) >>> (low & 7);
    const first = entries[(word >>> (25 - bits)) & mask] ?? 0;
    const used = first & 15;
    const second = entries[(word >>> (25 - bits - used)) & mask] ?? 0;
    out[at] = first >> 4;
    out[at + 1] = second >> 4;
    at += 2;
    bit -= used + (second & 15);
  }
  if (at < stop && bit >= floor) {
    const low = bit - 25;
    const first = entries[(view.getInt32(low >> 3, true) >>> ((low & 7) + 25 - bits)) & mask] ?? 0;
    out[at++] = first >> 4;
    bit -= first & 15;
  }
  if (at !== stop || bit !== floor) throw new ZstdError('a stream of literals does not end where it should');
}
