// bzip2: blocks of up to 900 kB, each Huffman-coded, moved to front and sorted by Burrows and Wheeler. Streams that stand
// one behind the other are read as one, as every tool does.
import type { Range } from '../bytes/parser.js';
import { bzip2Crc } from './checksums.js';
import { Feed } from './feed.js';
import type { Fault, Output, Unpacker } from './unpacker.js';
import { broken, cutOff, mismatch, unsupported } from './unpacker.js';

const BLOCK_MAGIC = [0x3141, 0x5926, 0x5359] as const;
const END_MAGIC = [0x1772, 0x4538, 0x5090] as const;
const GROUP = 50;
const MAX_CODE = 20;
const MAX_SELECTORS = 18002;
/** Selectors of up to six bits each and tables of six times 258 codes, each of up to forty steps: read in parts. */
const PART = 4096;
const CHUNK = 256 * 1024;

type Step<T> = Generator<Range | Output, T, Uint8Array>;

export function* unpackBzip2(size: number, offset = 0): Unpacker {
  const feed = new Feed(size, offset);
  let fault: Fault | undefined;
  for (let streams = 0; ; streams++) {
    const end = feed.offset;
    yield* feed.fill(4);
    const { bytes, pos } = feed;
    const level = (bytes[pos + 3] ?? 0) - 0x30;
    const magic = feed.left >= 4 && bytes[pos] === 0x42 && bytes[pos + 1] === 0x5a && bytes[pos + 2] === 0x68;
    if (!magic || level < 1 || level > 9) {
      if (streams === 0) return { end, fault: broken('it is no bzip2 stream') };
      return fault === undefined ? { end } : { end, fault };
    }
    feed.pos += 4;
    const stream = new Stream(feed, level);
    const stop = yield* stream.all();
    if (stop !== undefined) return { end: feed.offset, fault: stop };
    fault ??= stream.mismatch;
  }
}

const CUT = 'the bzip2 stream is cut off';
const faultOf = (message: string): Fault => (message === CUT ? cutOff(message) : broken(message));

class Stream {
  mismatch: Fault | undefined;
  readonly #feed: Feed;
  readonly #size: number;
  readonly #block: Int32Array;
  readonly #codes: Code[] = [];
  #hold = 0;
  #bits = 0;
  #combined = 0;

  constructor(feed: Feed, level: number) {
    this.#feed = feed;
    this.#size = level * 100_000;
    this.#block = new Int32Array(this.#size);
  }

  *all(): Step<Fault | undefined> {
    for (;;) {
      yield* this.#feed.fill(PART);
      const magic = [this.#read(16), this.#read(16), this.#read(16)];
      const crc = this.#read(16) * 65536 + this.#read(16);
      if (this.#over()) return cutOff(CUT);
      if (magic.every((part, i) => part === END_MAGIC[i])) {
        if (crc !== this.#combined >>> 0) this.mismatch ??= mismatch('the bzip2 stream does not match its checksum');
        this.#feed.pos -= this.#bits >> 3;
        return undefined;
      }
      if (!magic.every((part, i) => part === BLOCK_MAGIC[i])) return broken('a block of the bzip2 stream is broken');
      const fault = yield* this.#one(crc);
      if (fault !== undefined) return fault;
    }
  }

  *#one(crc: number): Step<Fault | undefined> {
    if (this.#read(1) === 1) return unsupported('a bzip2 block of the old randomised kind is not read');
    const origin = this.#read(24);
    const used = this.#usedBytes();
    const selectors = yield* this.#tables(used.length + 2);
    if (typeof selectors === 'string') return faultOf(selectors);
    const count = yield* this.#symbols(used, selectors);
    if (typeof count === 'string') return faultOf(count);
    if (origin >= count) return broken('a bzip2 block starts outside itself');
    const found = yield* this.#output(count, origin);
    if (found !== crc) this.mismatch ??= mismatch('a bzip2 block does not match its checksum');
    this.#combined = ((this.#combined << 1) | (this.#combined >>> 31)) ^ found;
    return undefined;
  }

  /** Up to 24 bits, high first. */
  #read(count: number): number {
    while (this.#bits < count) {
      this.#hold = ((this.#hold & 0xffffff) << 8) | (this.#feed.bytes[this.#feed.pos++] ?? 0);
      this.#bits += 8;
    }
    this.#bits -= count;
    return (this.#hold >>> this.#bits) & ((1 << count) - 1);
  }

  /** Bits were read that the input does not have. */
  #over(): boolean {
    return this.#feed.pos - (this.#bits >> 3) > this.#feed.end;
  }

  #usedBytes(): number[] {
    const used: number[] = [];
    const groups = this.#read(16);
    for (let group = 0; group < 16; group++) {
      if ((groups & (0x8000 >> group)) === 0) continue;
      const bits = this.#read(16);
      for (let bit = 0; bit < 16; bit++) if ((bits & (0x8000 >> bit)) !== 0) used.push(group * 16 + bit);
    }
    return used;
  }

  /** Reads the code tables; answers which of them each group of symbols uses. */
  *#tables(alphabet: number): Step<Uint8Array | string> {
    const tables = this.#read(3);
    const count = this.#read(15);
    if (alphabet < 3 || tables < 2 || tables > 6 || count === 0) return 'the tables of a bzip2 block are broken';
    // More than fit are allowed by the reference reader, and not used.
    const selectors = new Uint8Array(Math.min(count, MAX_SELECTORS));
    const order = [0, 1, 2, 3, 4, 5];
    for (let i = 0; i < count; i++) {
      if ((i & 1023) === 0) yield* this.#feed.fill(PART);
      let index = 0;
      while (this.#read(1) === 1) if (++index >= tables) return 'a selector of a bzip2 block is broken';
      const [table = 0] = order.splice(index, 1);
      order.unshift(table);
      if (i < selectors.length) selectors[i] = table;
      if (this.#over()) return CUT;
    }
    this.#codes.length = 0;
    for (let table = 0; table < tables; table++) {
      yield* this.#feed.fill(PART);
      const lengths = new Uint8Array(alphabet);
      let length = this.#read(5);
      for (let symbol = 0; symbol < alphabet; symbol++) {
        for (let steps = 0; ; steps++) {
          if (length < 1 || length > MAX_CODE || steps > 2 * MAX_CODE) return 'a code of a bzip2 block is broken';
          if (this.#read(1) === 0) break;
          length += this.#read(1) === 0 ? 1 : -1;
        }
        lengths[symbol] = length;
      }
      if (this.#over()) return CUT;
      this.#codes.push(codeOf(lengths));
    }
    return selectors;
  }

  /** Undoes the codes and move-to-front into `#block`; answers how many bytes the block has. */
  *#symbols(used: readonly number[], selectors: Uint8Array): Step<number | string> {
    const front = Uint8Array.from(used);
    const end = used.length + 1;
    const block = this.#block;
    let count = 0;
    let run = 0;
    let weight = 1;
    for (const selector of selectors) {
      yield* this.#feed.fill(GROUP * 3 + 8);
      const code = this.#codes[selector];
      if (code === undefined) return 'a selector of a bzip2 block is broken';
      for (let i = 0; i < GROUP; i++) {
        const symbol = this.#symbol(code);
        if (symbol < 0) return 'a code of a bzip2 block is not defined';
        if (symbol < 2) {
          if (weight > this.#size) return 'a run of a bzip2 block is too long';
          run += weight << symbol;
          weight *= 2;
          continue;
        }
        if (run > 0) {
          if (count + run > this.#size) return 'a bzip2 block is too long';
          block.fill(front[0] ?? 0, count, count + run);
          count += run;
          run = 0;
          weight = 1;
        }
        if (symbol === end) return this.#over() ? CUT : count;
        if (count >= this.#size) return 'a bzip2 block is too long';
        const at = symbol - 1;
        const byte = front[at] ?? 0;
        front.copyWithin(1, 0, at);
        front[0] = byte;
        block[count++] = byte;
      }
      if (this.#over()) return CUT;
    }
    return 'a bzip2 block has no end';
  }

  #symbol(code: Code): number {
    while (this.#bits < MAX_CODE) {
      this.#hold = ((this.#hold & 0xffffff) << 8) | (this.#feed.bytes[this.#feed.pos++] ?? 0);
      this.#bits += 8;
    }
    const next = (this.#hold >>> (this.#bits - MAX_CODE)) & ((1 << MAX_CODE) - 1);
    const quick = code.quick[next >>> (MAX_CODE - QUICK)] ?? 0;
    if (quick !== 0) {
      this.#bits -= quick & 31;
      return quick >> 5;
    }
    for (let bits = QUICK + 1; bits <= MAX_CODE; bits++) {
      const value = next >>> (MAX_CODE - bits);
      if (value > (code.limit[bits] ?? -1)) continue;
      this.#bits -= bits;
      return code.symbols[value - (code.base[bits] ?? 0)] ?? -1;
    }
    return -1;
  }

  /** Undoes the sorting and the runs of four, in pieces; answers the checksum of what came out. */
  *#output(count: number, origin: number): Step<number> {
    const block = this.#block;
    const sums = new Int32Array(256);
    for (let i = 0; i < count; i++) sums[block[i] ?? 0] = (sums[block[i] ?? 0] ?? 0) + 1;
    for (let byte = 0, total = 0; byte < 256; byte++) {
      const here = sums[byte] ?? 0;
      sums[byte] = total;
      total += here;
    }
    for (let i = 0; i < count; i++) {
      const byte = (block[i] ?? 0) & 255;
      const to = sums[byte] ?? 0;
      sums[byte] = to + 1;
      block[to] = (block[to] ?? 0) | (i << 8);
    }
    const out = new Uint8Array(CHUNK + 256);
    let at = 0;
    let crc = -1;
    let position = (block[origin] ?? 0) >>> 8;
    let previous = -1;
    let same = 0;
    for (let i = 0; i < count; i++) {
      const entry = block[position] ?? 0;
      const byte = entry & 255;
      position = entry >>> 8;
      if (same === 4) {
        out.fill(previous, at, at + byte);
        at += byte;
        same = 0;
        previous = -1;
      } else {
        same = byte === previous ? same + 1 : 1;
        previous = byte;
        out[at++] = byte;
      }
      if (at >= CHUNK) {
        crc = bzip2Crc(out, at, crc);
        yield { bytes: out.subarray(0, at) };
        at = 0;
      }
    }
    crc = bzip2Crc(out, at, crc);
    if (at > 0) yield { bytes: out.subarray(0, at) };
    return ~crc >>> 0;
  }
}

const QUICK = 10;

interface Code {
  /** By the next ten bits: `symbol << 5 | bits`. */
  readonly quick: Uint16Array;
  /** Largest code of each length, and what to take from a code to get its place in `symbols`. */
  readonly limit: Int32Array;
  readonly base: Int32Array;
  readonly symbols: Uint16Array;
}

function codeOf(lengths: Uint8Array): Code {
  const symbols = new Uint16Array(lengths.length);
  const limit = new Int32Array(MAX_CODE + 1).fill(-1);
  const base = new Int32Array(MAX_CODE + 1);
  const quick = new Uint16Array(1 << QUICK);
  let code = 0;
  let index = 0;
  for (let bits = 1; bits <= MAX_CODE; bits++) {
    base[bits] = code - index;
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== bits) continue;
      symbols[index++] = symbol;
      if (bits <= QUICK) {
        const from = code << (QUICK - bits);
        quick.fill((symbol << 5) | bits, from, from + (1 << (QUICK - bits)));
      }
      code += 1;
    }
    limit[bits] = code - 1;
    code <<= 1;
  }
  return { quick, limit, base, symbols };
}
