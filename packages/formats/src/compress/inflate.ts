// Deflate (RFC 1951) and its 64 KiB variant of PKWARE. Our own rather than zlib's, because a scanner needs what zlib does
// not give: every byte that came out before a fault (a loader that reads in pieces has run it by then), and the exact
// offset at which the stream ended, where further bytes may hide.
import { broken, cutOff } from './unpacker.js';
import type { Fault, Unpacked, Unpacker } from './unpacker.js';
import { Feed } from './feed.js';
import { Huffman } from './huffman.js';

const HISTORY = 64 * 1024;
const CHUNK = 256 * 1024;
const FULL = HISTORY + CHUNK;
/** The first window; most entries of an archive are small. */
const FIRST = 8 * 1024;
/** What one symbol can add: 258 bytes, or this many in the variant. */
const LONGEST = 258;
const LONGEST_WIDE = 65538;
/** A dynamic header has at most 14 + 19 * 3 + 316 * 14 bits. */
const HEADER_BYTES = 600;
/** Input of one length and distance. */
const SYMBOL_BYTES = 12;

const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const LENGTH_BASE = series([3, 4, 5, 6, 7, 8, 9, 10], [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5]); // prettier-ignore
const DISTANCE_BASE = series([1, 2, 3, 4], [0, 0, 0, 0, ...Array.from({ length: 28 }, (_, index) => 1 + (index >> 1))]);

interface Series {
  readonly base: Int32Array;
  readonly extra: Uint8Array;
}

/** Each base is the one before, plus what its extra bits can say. */
function series(start: readonly number[], extra: readonly number[]): Series {
  const base = new Int32Array(extra.length);
  for (let i = 0; i < extra.length; i++) base[i] = start[i] ?? (base[i - 1] ?? 0) + 2 ** (extra[i - 1] ?? 0);
  return { base, extra: Uint8Array.from(extra) };
}

/** The last length of deflate says 258 and nothing more; that of the variant has sixteen extra bits. */
function lengths(wide: boolean): Series {
  return {
    base: Int32Array.from([...LENGTH_BASE.base, wide ? 3 : 258]),
    extra: Uint8Array.from([...LENGTH_BASE.extra, wide ? 16 : 0]),
  };
}

const NARROW = lengths(false);
const WIDE = lengths(true);

const FIXED_LENGTHS = Uint8Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
const FIXED = { literals: new Huffman(FIXED_LENGTHS), distances: new Huffman(new Uint8Array(30).fill(5)) };

type State = 'header' | 'stored' | 'codes' | 'end';

export interface InflateOptions {
  /** PKWARE's deflate64, method 9 of a zip. */
  readonly wide?: boolean;
  /** Sees every piece before it is yielded, for a checksum. */
  readonly seen?: (bytes: Uint8Array) => void;
}

/** Unpacks from where the feed stands; leaves it behind the stream's last byte. */
export function* inflate(
  feed: Feed,
  { wide = false, seen }: InflateOptions = {},
): Generator<{ offset: number; length: number } | { bytes: Uint8Array }, Fault | undefined, Uint8Array> {
  const machine = new Inflater(feed, wide);
  for (;;) {
    yield* feed.fill(machine.wanted);
    const fault = machine.run();
    const done = fault !== undefined || machine.state === 'end';
    if (machine.full || done) {
      const bytes = machine.fresh();
      if (bytes.length > 0) {
        seen?.(bytes);
        yield { bytes };
      }
      machine.slide();
    }
    if (done) return fault;
  }
}

/** A bare deflate stream, as in a zip. */
export function* unpackDeflate(size: number, offset = 0, wide = false): Unpacker {
  const feed = new Feed(size, offset);
  const fault = yield* inflate(feed, { wide });
  const done: Unpacked = { end: feed.offset };
  return fault === undefined ? done : { ...done, fault };
}

class Inflater {
  state: State = 'header';
  readonly #feed: Feed;
  readonly #lengths: Series;
  readonly #maxDistanceCode: number;
  readonly #longest: number;
  #out: Uint8Array;
  /** Room in the window; it grows until it is full. */
  #room = FIRST;
  #at = 0;
  #emitted = 0;
  #hold = 0;
  #bits = 0;
  #last = false;
  #stored = 0;
  #literals = FIXED.literals;
  #distances = FIXED.distances;

  constructor(feed: Feed, wide: boolean) {
    this.#feed = feed;
    this.#lengths = wide ? WIDE : NARROW;
    this.#maxDistanceCode = wide ? 31 : 29;
    this.#longest = wide ? LONGEST_WIDE : LONGEST;
    this.#out = new Uint8Array(FIRST + this.#longest);
  }

  get wanted(): number {
    return this.state === 'header' ? HEADER_BYTES : this.state === 'stored' ? 1 : SYMBOL_BYTES;
  }

  get full(): boolean {
    return this.#at >= FULL;
  }

  #widen(): void {
    this.#room = Math.min(FULL, this.#room * 4);
    const wider = new Uint8Array(this.#room + this.#longest);
    wider.set(this.#out.subarray(0, this.#at));
    this.#out = wider;
  }

  fresh(): Uint8Array {
    return this.#out.subarray(this.#emitted, this.#at);
  }

  slide(): void {
    const kept = Math.min(HISTORY, this.#at);
    this.#out.copyWithin(0, this.#at - kept, this.#at);
    this.#at = kept;
    this.#emitted = kept;
  }

  /** Goes on until the output is full, the input at hand is used up, the stream ends or a fault shows. */
  run(): Fault | undefined {
    for (;;) {
      const fault = this.state === 'header' ? this.#header() : this.state === 'stored' ? this.#copy() : this.#codes();
      if (fault !== undefined || this.#overrun()) {
        this.#giveBack();
        return fault ?? cutOff('the compressed data is cut off');
      }
      // The assertion widens what the calls above may have changed.
      if (this.state === 'end') return void this.#giveBack();
      if (this.#at >= this.#room && this.#room < FULL) this.#widen();
      if (this.full || (!this.#feed.last && this.#feed.left < this.wanted)) return undefined;
    }
  }

  #overrun(): boolean {
    return this.#feed.pos - (this.#bits >> 3) > this.#feed.end;
  }

  #giveBack(): void {
    this.#feed.pos -= this.#bits >> 3;
    this.#bits = 0;
    this.#hold = 0;
  }

  #need(count: number): number {
    while (this.#bits < count) {
      this.#hold |= (this.#feed.bytes[this.#feed.pos++] ?? 0) << this.#bits;
      this.#bits += 8;
    }
    const value = this.#hold & ((1 << count) - 1);
    this.#hold >>>= count;
    this.#bits -= count;
    return value;
  }

  #header(): Fault | undefined {
    if (this.#last) return void (this.state = 'end');
    this.#last = this.#need(1) === 1;
    const type = this.#need(2);
    if (type === 3) return broken('a block of the compressed data is of no known type');
    if (type === 0) {
      this.#giveBack();
      const length = this.#need(16);
      if ((this.#need(16) ^ 0xffff) !== length) return broken('a stored block contradicts its own length');
      this.#stored = length;
      this.state = 'stored';
      return undefined;
    }
    this.state = 'codes';
    if (type === 2) return this.#dynamic();
    this.#literals = FIXED.literals;
    this.#distances = FIXED.distances;
    return undefined;
  }

  #dynamic(): Fault | undefined {
    const literals = this.#need(5) + 257;
    const distances = this.#need(5) + 1;
    const count = this.#need(4) + 4;
    const first = new Uint8Array(19);
    for (let i = 0; i < count; i++) first[ORDER[i] ?? 0] = this.#need(3);
    const codes = new Huffman(first);
    const found = new Uint8Array(literals + distances);
    for (let i = 0; i < found.length;) {
      const symbol = this.#symbol(codes);
      if (symbol < 0) return broken('a code of the compressed data is not defined');
      if (symbol < 16) found[i++] = symbol;
      else {
        const repeat = symbol === 16 ? 3 + this.#need(2) : symbol === 17 ? 3 + this.#need(3) : 11 + this.#need(7);
        if (i + repeat > found.length || (symbol === 16 && i === 0))
          return broken('the code lengths of the compressed data run over');
        found.fill(symbol === 16 ? (found[i - 1] ?? 0) : 0, i, i + repeat);
        i += repeat;
      }
    }
    this.#literals = new Huffman(found.subarray(0, literals));
    this.#distances = new Huffman(found.subarray(literals));
    if (codes.oversubscribed || this.#literals.oversubscribed || this.#distances.oversubscribed)
      return broken('the codes of the compressed data contradict one another');
    return undefined;
  }

  #symbol(codes: Huffman): number {
    while (this.#bits < 15) {
      this.#hold |= (this.#feed.bytes[this.#feed.pos++] ?? 0) << this.#bits;
      this.#bits += 8;
    }
    const found = codes.look(this.#hold);
    if (found < 0) return -1;
    this.#hold >>>= found & 15;
    this.#bits -= found & 15;
    return found >> 4;
  }

  #copy(): Fault | undefined {
    const feed = this.#feed;
    const count = Math.min(this.#stored, feed.left, this.#room - this.#at);
    if (count > 0) this.#out.set(feed.bytes.subarray(feed.pos, feed.pos + count), this.#at);
    this.#at += count;
    feed.pos += count;
    this.#stored -= count;
    if (this.#stored === 0) this.state = 'header';
    else if (feed.last && feed.left <= 0) return cutOff('the compressed data is cut off');
    return undefined;
  }

  #codes(): Fault | undefined {
    const feed = this.#feed;
    const input = feed.bytes;
    const out = this.#out;
    const stop = feed.last ? feed.end + 8 : feed.end - SYMBOL_BYTES + 1;
    const { base: lengthBase, extra: lengthExtra } = this.#lengths;
    const { base: distanceBase, extra: distanceExtra } = DISTANCE_BASE;
    const literals = this.#literals;
    const quick = literals.table;
    const room = this.#room;
    let pos = feed.pos;
    let at = this.#at;
    let hold = this.#hold;
    let bits = this.#bits;
    let fault: Fault | undefined;
    while (pos < stop && at < room) {
      while (bits < 16) {
        hold |= (input[pos++] ?? 0) << bits;
        bits += 8;
      }
      let found = quick[hold & 1023] ?? 0;
      if (found === 0) found = literals.look(hold);
      if (found < 0) {
        fault = broken('a code of the compressed data is not defined');
        break;
      }
      hold >>>= found & 15;
      bits -= found & 15;
      let symbol = found >> 4;
      if (symbol < 256) {
        out[at++] = symbol;
        continue;
      }
      if (symbol === 256) {
        this.state = 'header';
        break;
      }
      symbol -= 257;
      if (symbol > 28) {
        fault = broken('a length of the compressed data is not defined');
        break;
      }
      while (bits < 16) {
        hold |= (input[pos++] ?? 0) << bits;
        bits += 8;
      }
      let more = lengthExtra[symbol] ?? 0;
      const length = (lengthBase[symbol] ?? 0) + (hold & ((1 << more) - 1));
      hold >>>= more;
      bits -= more;
      while (bits < 15) {
        hold |= (input[pos++] ?? 0) << bits;
        bits += 8;
      }
      found = this.#distances.look(hold);
      const code = found >> 4;
      if (found < 0 || code > this.#maxDistanceCode) {
        fault = broken('a distance of the compressed data is not defined');
        break;
      }
      hold >>>= found & 15;
      bits -= found & 15;
      more = distanceExtra[code] ?? 0;
      while (bits < more) {
        hold |= (input[pos++] ?? 0) << bits;
        bits += 8;
      }
      const distance = (distanceBase[code] ?? 0) + (hold & ((1 << more) - 1));
      hold >>>= more;
      bits -= more;
      if (distance > at) {
        fault = broken('the compressed data points before its start');
        break;
      }
      const end = at + length;
      if (distance === 1) out.fill(out[at - 1] ?? 0, at, end);
      else if (length > 24 && distance >= length) out.copyWithin(at, at - distance, end - distance);
      else for (let from = at - distance, to = at; to < end;) out[to++] = out[from++] ?? 0;
      at = end;
    }
    feed.pos = pos;
    this.#at = at;
    this.#hold = hold;
    this.#bits = bits;
    return fault;
  }
}
