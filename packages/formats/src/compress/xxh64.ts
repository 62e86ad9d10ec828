// xxHash, 64 bits, seed 0: the checksum of zstd frames, of which 32 bits are kept. 64-bit numbers are pairs of halves.
const P1 = [0x9e3779b1, 0x85ebca87] as const;
const P2 = [0xc2b2ae3d, 0x27d4eb4f] as const;
const P3 = [0x165667b1, 0x9e3779f9] as const;
const P4 = [0x85ebca77, 0xc2b2ae63] as const;
const P5 = [0x27d4eb2f, 0x165667c5] as const;

/** A 64-bit number that is changed in place: eight bytes of input fit in it as they stand. */
class Word {
  high: number;
  low: number;

  constructor(high: number, low: number) {
    this.high = high | 0;
    this.low = low | 0;
  }

  add(high: number, low: number): this {
    const sum = (this.low >>> 0) + (low >>> 0);
    this.high = (this.high + high + (sum > 0xffffffff ? 1 : 0)) | 0;
    this.low = sum | 0;
    return this;
  }

  times([high, low]: readonly [number, number]): this {
    const a = this.low >>> 0;
    const [a0, a1, b0, b1] = [a & 0xffff, a >>> 16, low & 0xffff, low >>> 16];
    const middle = a1 * b0 + (((a0 * b0) >>> 16) >>> 0);
    const middle2 = a0 * b1 + (middle & 0xffff);
    const top = a1 * b1 + Math.floor(middle / 65536) + Math.floor(middle2 / 65536);
    this.high = (top + Math.imul(this.high, low) + Math.imul(this.low, high)) | 0;
    this.low = Math.imul(this.low, low);
    return this;
  }

  rotate(by: number): this {
    const { high, low } = this;
    const [from, to] = by < 32 ? [high, low] : [low, high];
    const part = by & 31;
    this.high = part === 0 ? from : (from << part) | (to >>> (32 - part));
    this.low = part === 0 ? to : (to << part) | (from >>> (32 - part));
    return this;
  }

  xor(high: number, low: number): this {
    this.high ^= high;
    this.low ^= low;
    return this;
  }

  shiftXor(by: number): this {
    const { high, low } = this;
    return by < 32 ? this.xor(high >>> by, (low >>> by) | (high << (32 - by))) : this.xor(0, high >>> (by - 32));
  }
}

/** The lower 32 bits of the hash, in pieces. */
export class Xxh64 {
  readonly #lanes = [
    new Word(P1[0], P1[1]).add(P2[0], P2[1]),
    new Word(P2[0], P2[1]),
    new Word(0, 0),
    new Word(~P1[0], ~P1[1]).add(0, 1),
  ];
  readonly #rest = Buffer.alloc(32);
  readonly #word = new Word(0, 0);
  #filled = 0;
  #length = 0;

  update(bytes: Uint8Array): void {
    let at = 0;
    this.#length += bytes.length;
    if (this.#filled > 0) {
      at = Math.min(32 - this.#filled, bytes.length);
      this.#rest.set(bytes.subarray(0, at), this.#filled);
      this.#filled += at;
      if (this.#filled < 32) return;
      this.#stripes(this.#rest, 0, 32);
      this.#filled = 0;
    }
    const stop = at + ((bytes.length - at) & ~31);
    this.#stripes(bytes, at, stop);
    this.#rest.set(bytes.subarray(stop));
    this.#filled = bytes.length - stop;
  }

  #stripes(bytes: Uint8Array, from: number, to: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = from; at < to;)
      for (const lane of this.#lanes) {
        const word = this.#load(view, at).times(P2);
        lane.add(word.high, word.low).rotate(31).times(P1);
        at += 8;
      }
  }

  #load(view: DataView, at: number): Word {
    this.#word.low = view.getInt32(at, true);
    this.#word.high = view.getInt32(at + 4, true);
    return this.#word;
  }

  digest(): number {
    const hash = new Word(P5[0], P5[1]);
    if (this.#length >= 32) {
      hash.high = hash.low = 0;
      const turns = [1, 7, 12, 18];
      const lanes = this.#lanes.map(({ high, low }) => new Word(high, low));
      lanes.forEach(({ high, low }, i) => {
        const turned = new Word(high, low).rotate(turns[i] ?? 0);
        hash.add(turned.high, turned.low);
      });
      for (const lane of lanes) {
        lane.times(P2).rotate(31).times(P1);
        hash.xor(lane.high, lane.low).times(P1).add(P4[0], P4[1]);
      }
    }
    hash.add(Math.floor(this.#length / 2 ** 32), this.#length % 2 ** 32);
    const view = new DataView(this.#rest.buffer, this.#rest.byteOffset, 32);
    let at = 0;
    for (; at + 8 <= this.#filled; at += 8) {
      const word = this.#load(view, at).times(P2).rotate(31).times(P1);
      hash.xor(word.high, word.low).rotate(27).times(P1).add(P4[0], P4[1]);
    }
    if (at + 4 <= this.#filled) {
      const word = new Word(0, view.getInt32(at, true)).times(P1);
      hash.xor(word.high, word.low).rotate(23).times(P2).add(P3[0], P3[1]);
      at += 4;
    }
    for (; at < this.#filled; at++) {
      const word = new Word(0, view.getUint8(at)).times(P5);
      hash.xor(word.high, word.low).rotate(11).times(P1);
    }
    return hash.shiftXor(33).times(P2).shiftXor(29).times(P3).shiftXor(32).low >>> 0;
  }
}
