// The LZMA state machine (Pavlov's LZMA specification of 2015): a range coder that feeds a dictionary. Shared by .lzma,
// xz, 7z and zip method 14. The dictionary grows with what comes out, so that a header that asks for 4 GiB costs nothing.
import type { Fault } from './unpacker.js';
import { broken, cutOff, unsupported } from './unpacker.js';
import type { Feed } from './feed.js';

const TOP = 2 ** 24;
const HALF = 1024;
const STATES = 12;
const MIN_MATCH = 2;
/** Input of one symbol: fewer than 60 coded bits, a byte each at the very worst, within the zeros behind the feed. */
export const LZMA_SYMBOL_BYTES = 48;
const LONGEST = 273;
const FIRST_WINDOW = 256 * 1024;
/** What `xz -9` asks for; a stream that reaches further back is not read. */
export const MAX_DICTIONARY = 64 * 1024 * 1024;
/** An LZMA2 chunk that is stored has this many bytes at most. */
export const MAX_STORED = 64 * 1024;

/** Where the probabilities of each kind begin. */
const IS_MATCH = 0;
const IS_REP = IS_MATCH + STATES * 16;
const IS_REP_G0 = IS_REP + STATES;
const IS_REP_G1 = IS_REP_G0 + STATES;
const IS_REP_G2 = IS_REP_G1 + STATES;
const IS_REP0_LONG = IS_REP_G2 + STATES;
const SLOT = IS_REP0_LONG + STATES * 16;
const SPECIAL = SLOT + 4 * 64;
const ALIGN = SPECIAL + 128;
const LENGTH = ALIGN + 16;
const LENGTH_SIZE = 2 + 16 * 8 * 2 + 256;
const REP_LENGTH = LENGTH + LENGTH_SIZE;
const LITERAL = REP_LENGTH + LENGTH_SIZE;

export interface LzmaProperties {
  readonly lc: number;
  readonly lp: number;
  readonly pb: number;
}

export function lzmaProperties(byte: number): LzmaProperties | undefined {
  if (byte >= 225) return undefined;
  return { lc: byte % 9, lp: Math.trunc(byte / 9) % 5, pb: Math.trunc(byte / 45) };
}

export class LzmaDecoder {
  /** It met the marker that ends a stream of unknown length. */
  ended = false;
  #probabilities = new Uint16Array(0);
  #literalMask = 0;
  #lc = 0;
  #positionMask = 0;
  #state = 0;
  readonly #reps = Int32Array.of(0, 0, 0, 0);
  #range = -1;
  #code = 0;
  readonly #dictionary: number;
  readonly #widest: number;
  #window: Uint8Array;
  /** Next place in the window. */
  #at = 0;
  #emitted = 0;
  /** Bytes since the dictionary was last emptied. */
  #total = 0;

  /** @param dictionary bytes that a match may reach back */
  constructor(dictionary: number) {
    this.#dictionary = Math.max(4096, Math.min(dictionary, MAX_DICTIONARY));
    // A quarter more than the dictionary, so that what is kept is moved once for every quarter that comes out.
    this.#widest = Math.trunc(this.#dictionary * 1.25) + FIRST_WINDOW;
    this.#window = new Uint8Array(Math.min(this.#widest, FIRST_WINDOW));
  }

  setProperties({ lc, lp, pb }: LzmaProperties): void {
    this.#lc = lc;
    this.#literalMask = (1 << lp) - 1;
    this.#positionMask = (1 << pb) - 1;
    const size = LITERAL + (0x300 << (lc + lp));
    if (this.#probabilities.length !== size) this.#probabilities = new Uint16Array(size);
  }

  resetState(): void {
    this.#probabilities.fill(HALF);
    this.#state = 0;
    this.#reps.fill(0);
  }

  resetDictionary(): void {
    this.#total = 0;
  }

  /** Takes the five bytes that begin a run of the range coder. */
  start(feed: Feed): Fault | undefined {
    const { bytes, pos } = feed;
    if (feed.left < 5) return cutOff('the LZMA data is cut off');
    if (bytes[pos] !== 0) return broken('the LZMA data does not begin as it should');
    this.#range = -1;
    this.#code = 0;
    for (let i = 1; i < 5; i++) this.#code = (this.#code << 8) | (bytes[pos + i] ?? 0);
    feed.pos += 5;
    return undefined;
  }

  /** The range coder is where a well-formed stream leaves it. */
  get finished(): boolean {
    return this.#code === 0;
  }

  get #stop(): number {
    return this.#window.length - MAX_STORED - LONGEST;
  }

  /** So much came out that it has to be taken before more can. */
  get full(): boolean {
    return this.#at >= this.#stop;
  }

  /** What came out since the last call; valid until the next call of `next`. */
  fresh(): Uint8Array {
    return this.#window.subarray(this.#emitted, this.#at);
  }

  /** Goes on behind what was taken. */
  next(): void {
    this.#emitted = this.#at;
    if (!this.full) return;
    if (this.#window.length < this.#widest) {
      // At once: memory that is not written to costs nothing, and copies that are left behind do.
      const wider = new Uint8Array(this.#widest);
      wider.set(this.#window.subarray(0, this.#at));
      this.#window = wider;
    }
    if (!this.full) return;
    const kept = Math.min(this.#dictionary, this.#at);
    this.#window.copyWithin(0, this.#at - kept, this.#at);
    this.#at = kept;
    this.#emitted = kept;
  }

  /** Bytes that are stored as they are, between LZMA chunks; at most `MAX_STORED`. */
  store(bytes: Uint8Array): void {
    this.#window.set(bytes, this.#at);
    this.#at += bytes.length;
    this.#total += bytes.length;
  }

  #length(feed: Feed, base: number, positionState: number): number {
    if (this.#bit(feed, base) === 0) return this.#tree(feed, base + 2 + positionState * 8, 3);
    if (this.#bit(feed, base + 1) === 0) return 8 + this.#tree(feed, base + 130 + positionState * 8, 3);
    return 16 + this.#tree(feed, base + 258, 8);
  }

  #tree(feed: Feed, base: number, bits: number): number {
    let node = 1;
    for (let i = 0; i < bits; i++) node = (node << 1) | this.#bit(feed, base + node);
    return node - (1 << bits);
  }

  #reverse(feed: Feed, base: number, bits: number): number {
    let node = 1;
    let value = 0;
    for (let i = 0; i < bits; i++) {
      const bit = this.#bit(feed, base + node);
      node = (node << 1) | bit;
      value |= bit << i;
    }
    return value;
  }

  #bit(feed: Feed, index: number): number {
    const probability = this.#probabilities[index] ?? 0;
    const bound = Math.imul(this.#range >>> 11, probability);
    let bit = 0;
    if (this.#code >>> 0 < bound >>> 0) {
      this.#range = bound;
      this.#probabilities[index] = probability + ((2048 - probability) >> 5);
    } else {
      this.#range = (this.#range - bound) | 0;
      this.#code = (this.#code - bound) | 0;
      this.#probabilities[index] = probability - (probability >> 5);
      bit = 1;
    }
    if (this.#range >>> 0 < TOP) {
      this.#range <<= 8;
      this.#code = (this.#code << 8) | (feed.bytes[feed.pos++] ?? 0);
    }
    return bit;
  }

  #direct(feed: Feed, bits: number): number {
    let value = 0;
    for (let i = 0; i < bits; i++) {
      this.#range >>>= 1;
      const bit = this.#code >>> 0 >= this.#range >>> 0 ? 1 : 0;
      if (bit === 1) this.#code = (this.#code - this.#range) | 0;
      value = (value << 1) | bit;
      if (this.#range >>> 0 < TOP) {
        this.#range <<= 8;
        this.#code = (this.#code << 8) | (feed.bytes[feed.pos++] ?? 0);
      }
    }
    return value;
  }

  #distance(feed: Feed, length: number): number {
    const slot = this.#tree(feed, SLOT + Math.min(length, 3) * 64, 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = (2 | (slot & 1)) << bits;
    if (slot < 14) return base + this.#reverse(feed, SPECIAL + base - slot, bits);
    return (base + (this.#direct(feed, bits - 4) << 4) + this.#reverse(feed, ALIGN, 4)) | 0;
  }

  /**
   * Decodes until `limit` bytes came out, the window is full, the input at hand is nearly used up or the stream ends.
   * @param limit bytes that may still come out
   * @param inputEnd place in the feed's bytes behind which nothing belongs to this run; all of it is then at hand
   * @returns how many bytes came out, or a fault
   */
  run(feed: Feed, limit: number, inputEnd?: number): number | Fault {
    const before = this.#total;
    const most = before + limit;
    const end = inputEnd ?? feed.end;
    const stop = feed.last || inputEnd !== undefined ? end + 1 : end - LZMA_SYMBOL_BYTES;
    const full = this.#stop;
    while (this.#total < most && this.#at < full && feed.pos < stop) {
      const positionState = this.#total & this.#positionMask;
      if (this.#bit(feed, IS_MATCH + this.#state * 16 + positionState) === 0) {
        this.#literal(feed);
        continue;
      }
      let length: number;
      if (this.#bit(feed, IS_REP + this.#state) === 0) {
        this.#reps.copyWithin(1, 0, 3);
        length = this.#length(feed, LENGTH, positionState);
        this.#state = this.#state < 7 ? 7 : 10;
        const distance = this.#distance(feed, length);
        this.#reps[0] = distance;
        if (distance === -1) {
          this.ended = true;
          break;
        }
      } else {
        if (this.#total === 0) return broken('the LZMA data points before its start');
        const short = this.#repeated(feed, positionState);
        if (short) {
          length = 1 - MIN_MATCH;
          this.#state = this.#state < 7 ? 9 : 11;
        } else {
          length = this.#length(feed, REP_LENGTH, positionState);
          this.#state = this.#state < 7 ? 8 : 11;
        }
      }
      const fault = this.#copy((this.#reps[0] ?? 0) + 1, length + MIN_MATCH, most);
      if (fault !== undefined) return fault;
    }
    if (feed.pos > end) return cutOff('the LZMA data is cut off');
    return this.#total - before;
  }

  /** Which of the last four distances is taken; true for a single byte of the last one. */
  #repeated(feed: Feed, positionState: number): boolean {
    const reps = this.#reps;
    const state = this.#state;
    if (this.#bit(feed, IS_REP_G0 + state) === 0)
      return this.#bit(feed, IS_REP0_LONG + state * 16 + positionState) === 0;
    let which = 1;
    if (this.#bit(feed, IS_REP_G1 + state) === 1) which = 2 + this.#bit(feed, IS_REP_G2 + state);
    const distance = reps[which] ?? 0;
    reps.copyWithin(1, 0, which);
    reps[0] = distance;
    return false;
  }

  #literal(feed: Feed): void {
    const probabilities = this.#probabilities;
    const previous = this.#total === 0 ? 0 : this.#byteBack(1);
    const context = ((this.#total & this.#literalMask) << this.#lc) + (previous >> (8 - this.#lc));
    const base = LITERAL + 0x300 * context;
    const bytes = feed.bytes;
    let range = this.#range;
    let code = this.#code;
    let pos = feed.pos;
    let symbol = 1;
    let match = this.#state >= 7 ? this.#byteBack((this.#reps[0] ?? 0) + 1) : 0;
    let matching = this.#state >= 7;
    while (symbol < 0x100) {
      let index = base + symbol;
      let matchBit = 0;
      if (matching) {
        matchBit = (match >> 7) & 1;
        match <<= 1;
        index = base + ((1 + matchBit) << 8) + symbol;
      }
      const probability = probabilities[index] ?? 0;
      const bound = Math.imul(range >>> 11, probability);
      if (code >>> 0 < bound >>> 0) {
        range = bound;
        probabilities[index] = probability + ((2048 - probability) >> 5);
        symbol <<= 1;
        if (matchBit !== 0) matching = false;
      } else {
        range = (range - bound) | 0;
        code = (code - bound) | 0;
        probabilities[index] = probability - (probability >> 5);
        symbol = (symbol << 1) | 1;
        if (matchBit === 0) matching = false;
      }
      if (range >>> 0 < TOP) {
        range <<= 8;
        code = (code << 8) | (bytes[pos++] ?? 0);
      }
    }
    this.#range = range;
    this.#code = code;
    feed.pos = pos;
    this.#window[this.#at++] = symbol & 255;
    this.#total += 1;
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6;
  }

  #byteBack(distance: number): number {
    return this.#window[this.#at - distance] ?? 0;
  }

  #copy(distance: number, length: number, most: number): Fault | undefined {
    if (distance <= 0 || distance > this.#total) return broken('the LZMA data points before its start');
    if (distance > this.#at) return unsupported(`it reaches further back than ${this.#dictionary} bytes`);
    if (this.#total + length > most) return broken('the LZMA data is longer than it says');
    const window = this.#window;
    const end = this.#at + length;
    for (let to = this.#at, from = to - distance; to < end;) window[to++] = window[from++] ?? 0;
    this.#at = end;
    this.#total += length;
    return undefined;
  }
}
