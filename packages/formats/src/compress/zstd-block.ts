// One compressed block of zstd (RFC 8878, section 3.1.1.3): literals, then sequences that copy them and what came before.
// Every length and distance is the attacker's; nothing is written beyond the room and nothing read before the frame.
import type { FseTable } from './zstd-fse.js';
import { backwardStart, fseTable, oneSymbol, readFseTable, ZstdError } from './zstd-fse.js';
import type { HuffmanTable } from './zstd-huffman.js';
import { huffmanStream, readHuffman } from './zstd-huffman.js';

export const MAX_BLOCK = 128 * 1024;
/** Readable bytes around the input, so that a word can be read at any bit of it. */
const MARGIN = 16;

const repeat = (count: number, value: number): number[] => new Array<number>(count).fill(value);
const LITERAL_EXTRA = Uint8Array.of(
  ...repeat(16, 0),
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  6,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
);
const MATCH_EXTRA = Uint8Array.of(
  ...repeat(32, 0),
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  4,
  5,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
);
const LITERAL_BASE = basesOf(LITERAL_EXTRA, 0);
const MATCH_BASE = basesOf(MATCH_EXTRA, 3);

/** Each code begins where the one before it ends. */
function basesOf(extra: Uint8Array, first: number): Int32Array {
  let base = first;
  return Int32Array.from(extra, (bits) => {
    base += 1 << bits;
    return base - (1 << bits);
  });
}

interface Kind {
  readonly maxBits: number;
  readonly maxSymbol: number;
  readonly predefined: FseTable;
}
const LITERALS: Kind = {
  maxBits: 9,
  maxSymbol: 35,
  predefined: fseTable([4, 3, ...repeat(11, 2), 1, 1, 1, ...repeat(9, 2), 3, 2, ...repeat(5, 1), ...repeat(4, -1)], 6),
};
const OFFSETS: Kind = {
  maxBits: 8,
  maxSymbol: 31,
  predefined: fseTable([...repeat(6, 1), 2, 2, 2, ...repeat(15, 1), ...repeat(5, -1)], 5),
};
const MATCHES: Kind = {
  maxBits: 9,
  maxSymbol: 52,
  predefined: fseTable([1, 4, 3, ...repeat(6, 2), ...repeat(37, 1), ...repeat(7, -1)], 6),
};

/** What one block of a frame leaves to the next: its tables and its last three distances. */
export class BlockDecoder {
  #huffman: HuffmanTable | undefined;
  #literalLengths: FseTable | undefined;
  #offsetCodes: FseTable | undefined;
  #matchLengths: FseTable | undefined;
  readonly #recent = Int32Array.of(1, 4, 8);
  readonly #bytes = new Uint8Array(MAX_BLOCK + 2 * MARGIN);
  readonly #input = { bytes: this.#bytes, view: new DataView(this.#bytes.buffer) };
  readonly #literals = new Uint8Array(MAX_BLOCK);
  readonly #literalWords = new DataView(this.#literals.buffer);
  #literalCount = 0;

  /** Forgets the frame before. */
  reset(): void {
    this.#huffman = this.#literalLengths = this.#offsetCodes = this.#matchLengths = undefined;
    this.#recent.set([1, 4, 8]);
  }

  /**
   * Decodes a block into `out` at `at`.
   * @param base where the frame begins in `out`, or what is left of it @returns behind what was written
   * @throws ZstdError when it is broken, or does not fit in `out` or in a block
   */
  decode(block: Uint8Array, out: Uint8Array, at: number, base: number): number {
    if (block.length > MAX_BLOCK) throw new ZstdError('a block is longer than allowed');
    this.#bytes.set(block, MARGIN);
    const end = MARGIN + block.length;
    const behind = this.#readLiterals(MARGIN, end);
    return this.#sequences(behind, end, out, at, base, Math.min(out.length, at + MAX_BLOCK));
  }

  #readLiterals(start: number, end: number): number {
    const bytes = this.#bytes;
    const head = bytes[start] ?? 0;
    const type = head & 3;
    const format = (head >> 2) & 3;
    // The margin behind the block lets the header be read before it is known to be whole.
    const word = this.#input.view.getUint32(start, true);
    if (type < 2) {
      const length = format === 1 ? 2 : format === 3 ? 3 : 1;
      const count = format === 1 ? (word >>> 4) & 0xfff : format === 3 ? (word >>> 4) & 0xfffff : head >> 3;
      const from = start + length;
      const to = from + (type === 0 ? count : 1);
      if (to > end || count > MAX_BLOCK) throw new ZstdError('the literals of a block do not fit');
      if (type === 0) this.#literals.set(bytes.subarray(from, to));
      else this.#literals.fill(bytes[from] ?? 0, 0, count);
      this.#literalCount = count;
      return to;
    }
    const length = format < 2 ? 3 : format + 2;
    const width = format < 2 ? 10 : format === 2 ? 14 : 18;
    const wide = (word >>> 4) + (bytes[start + 4] ?? 0) * 2 ** 28;
    const count = wide % 2 ** width;
    const packed = Math.floor(wide / 2 ** width) % 2 ** width;
    let from = start + length;
    const to = from + packed;
    if (to > end || count > MAX_BLOCK) throw new ZstdError('the literals of a block do not fit');
    if (type === 2) {
      const { table, end: behind } = readHuffman(bytes, from, to);
      this.#huffman = table;
      from = behind;
    }
    const table = this.#huffman;
    if (table === undefined) throw new ZstdError('a block repeats a Huffman tree that was not there');
    this.#literalCount = count;
    if (format === 0) huffmanStream(table, this.#input, [from, to], this.#literals, 0, count);
    else this.#fourStreams(table, from, to, count);
    return to;
  }

  #fourStreams(table: HuffmanTable, from: number, to: number, count: number): void {
    const part = (count + 3) >> 2;
    if (to - from < 10 || count < 6) throw new ZstdError('the literals of a block do not fit');
    let start = from + 6;
    for (let i = 0; i < 4; i++) {
      const end = i === 3 ? to : start + this.#input.view.getUint16(from + i * 2, true);
      if (end > to) throw new ZstdError('the literals of a block do not fit');
      const length = i === 3 ? count - 3 * part : part;
      huffmanStream(table, this.#input, [start, end], this.#literals, i * part, length);
      start = end;
    }
  }

  #table(
    mode: number,
    kind: Kind,
    before: FseTable | undefined,
    at: number,
    end: number,
  ): { table: FseTable; end: number } {
    if (mode === 0) return { table: kind.predefined, end: at };
    if (mode === 2) return readFseTable(this.#bytes, at, end, kind.maxBits, kind.maxSymbol);
    if (mode === 1) {
      const symbol = this.#bytes[at] ?? 0;
      if (at >= end || symbol > kind.maxSymbol) throw new ZstdError('a table of one symbol is broken');
      return { table: oneSymbol(symbol), end: at + 1 };
    }
    if (before === undefined) throw new ZstdError('a block repeats a table that was not there');
    return { table: before, end: at };
  }

  #sequences(from: number, end: number, out: Uint8Array, start: number, base: number, room: number): number {
    const bytes = this.#bytes;
    const literals = this.#literals;
    const literalCount = this.#literalCount;
    let pos = from;
    if (pos >= end) throw new ZstdError('a block is cut off');
    let count = bytes[pos++] ?? 0;
    if (count === 255) {
      count = (bytes[pos] ?? 0) + ((bytes[pos + 1] ?? 0) << 8) + 0x7f00;
      pos += 2;
    } else if (count >= 128) count = ((count - 128) << 8) + (bytes[pos++] ?? 0);
    let at = start;
    let taken = 0;
    if (count > 0) {
      const modes = bytes[pos++] ?? 0;
      if (pos > end || (modes & 3) !== 0) throw new ZstdError('the header of the sequences is broken');
      const lengths = this.#table(modes >> 6, LITERALS, this.#literalLengths, pos, end);
      const distances = this.#table((modes >> 4) & 3, OFFSETS, this.#offsetCodes, lengths.end, end);
      const matches = this.#table((modes >> 2) & 3, MATCHES, this.#matchLengths, distances.end, end);
      const ll = (this.#literalLengths = lengths.table);
      const of = (this.#offsetCodes = distances.table);
      const ml = (this.#matchLengths = matches.table);
      const { view } = this.#input;
      const to = new DataView(out.buffer, out.byteOffset, out.length);
      const words = this.#literalWords;
      const recent = this.#recent;
      let [first = 1, second = 4, third = 8] = recent;
      const floor = matches.end * 8;
      let bit = backwardStart(bytes, matches.end, end);
      // Below the start of the stream are other bytes; a sequence reads less of them than there are, and is then refused.
      const read = (width: number): number => {
        bit -= width;
        return (view.getInt32(bit >> 3, true) >>> (bit & 7)) & ((1 << width) - 1);
      };
      let llState = read(ll.bits);
      let ofState = read(of.bits);
      let mlState = read(ml.bits);
      for (let left = count; ;) {
        const code = of.symbols[ofState] ?? 0;
        const value = code <= 24 ? (1 << code) + read(code) : 2 ** code + read(code - 16) * 65536 + read(16);
        const mlCode = ml.symbols[mlState] ?? 0;
        const length = (MATCH_BASE[mlCode] ?? 0) + read(MATCH_EXTRA[mlCode] ?? 0);
        const llCode = ll.symbols[llState] ?? 0;
        const run = (LITERAL_BASE[llCode] ?? 0) + read(LITERAL_EXTRA[llCode] ?? 0);
        let distance: number;
        if (value > 3) {
          distance = value - 3;
          third = second;
          second = first;
          first = distance;
        } else {
          const index = value + (run === 0 ? 1 : 0);
          if (index === 1) distance = first;
          else {
            distance = index === 2 ? second : index === 3 ? third : first - 1;
            if (index !== 2) third = second;
            second = first;
            first = distance;
          }
        }
        if (bit < floor) throw new ZstdError('the sequences are cut off');
        if (taken + run > literalCount || at + run + length > room) throw new ZstdError('a sequence does not fit');
        if (run > 24) {
          out.set(literals.subarray(taken, taken + run), at);
          at += run;
          taken += run;
        } else {
          const stop = at + run;
          for (; at + 4 <= stop; at += 4, taken += 4) to.setInt32(at, words.getInt32(taken));
          while (at < stop) out[at++] = literals[taken++]!;
        }
        if (!(distance > 0 && distance <= at - base)) throw new ZstdError('a copy begins before the frame');
        let back = at - distance;
        const stop = at + length;
        if (length > 40 && distance >= length) {
          out.copyWithin(at, back, back + length);
          at = stop;
        } else if (distance === 1 && length > 16) {
          out.fill(out[back]!, at, stop);
          at = stop;
        } else {
          // Four bytes at a time where they do not overlap.
          if (distance >= 4) for (; at + 4 <= stop; at += 4, back += 4) to.setInt32(at, to.getInt32(back));
          while (at < stop) out[at++] = out[back++]!;
        }
        if (--left === 0) break;
        llState = (ll.bases[llState] ?? 0) + read(ll.reads[llState] ?? 0);
        mlState = (ml.bases[mlState] ?? 0) + read(ml.reads[mlState] ?? 0);
        ofState = (of.bases[ofState] ?? 0) + read(of.reads[ofState] ?? 0);
      }
      if (bit !== floor) throw new ZstdError('the sequences do not end where they should');
      recent[0] = first;
      recent[1] = second;
      recent[2] = third;
    } else if (pos !== end) throw new ZstdError('something follows a block without sequences');
    const rest = literalCount - taken;
    if (at + rest > room) throw new ZstdError('the last literals do not fit');
    out.set(literals.subarray(taken, literalCount), at);
    return at + rest;
  }
}
