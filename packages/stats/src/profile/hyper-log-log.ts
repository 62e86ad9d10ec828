// How many distinct values a column has: HyperLogLog (Flajolet, Fusy, Gandouet and Meunier 2007) with 4096 registers and
// Ertl's estimator (arXiv 1702.01284, algorithm 6), which needs no tables of corrections. Standard error 1.6 %.
import { hashWords, secondHash, wordsOf } from './hash.js';

const LOG_REGISTERS = 12;
const REGISTERS = 1 << LOG_REGISTERS;
/** Bits of the hash behind the index; the rank of a value is at most one more. */
const RANK_BITS = 64 - LOG_REGISTERS;
/** The rank is a digit, so that a register is one character. */
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Fewer registers than this are listed one by one. */
const SPARSE = 512;
/** Up to so many are kept one by one too: a table may have 100,000 columns and a row. */
const FEW = 64;

/** As JSON: one character per register, or [index, rank] pairs by index while there are few. */
export type DistinctSketch = string | readonly (readonly [number, number])[];

/** Relative standard error of an estimate: 1.04 / sqrt(registers). */
export const DISTINCT_ERROR = 1.04 / Math.sqrt(REGISTERS);

export class HyperLogLog {
  /** Ranks by index, while there are few. */
  readonly #few = new Map<number, number>();
  #registers: Uint8Array | undefined;

  /** The first `n` values; equal numbers count once, whatever their sign of zero (callers have normalised it). */
  addNumbers(values: Float64Array, n: number): void {
    const words = new Int32Array(values.buffer, values.byteOffset, 2 * n);
    for (let i = 0; i < n; i += 1) this.#add(words[2 * i] as number, words[2 * i + 1] as number);
  }

  addText(text: string): void {
    const { low, high } = wordsOf(text);
    this.#add(low, high);
  }

  #add(low: number, high: number): void {
    const hash = hashWords(low, high);
    const index = hash >>> (32 - LOG_REGISTERS);
    const rest = hash << LOG_REGISTERS;
    let rank = Math.clz32(rest) + 1;
    // All of the first half is used up once in a million values; only then is the second one worth its time.
    if (rest === 0) rank = 32 - LOG_REGISTERS + Math.clz32(secondHash(low, high)) + 1;
    this.#raise(index, rank);
  }

  #raise(index: number, rank: number): void {
    const registers = this.#registers;
    if (registers === undefined) this.#raiseFew(index, rank);
    else if (rank > (registers[index] as number)) registers[index] = rank;
  }

  #raiseFew(index: number, rank: number): void {
    if (rank <= (this.#few.get(index) ?? 0)) return;
    this.#few.set(index, rank);
    if (this.#few.size <= FEW) return;
    this.#registers = new Uint8Array(REGISTERS);
    for (const [at, each] of this.#few) this.#registers[at] = each;
    this.#few.clear();
  }

  /** Index and rank of the registers that are not empty, by index. */
  #pairs(): [number, number][] {
    if (this.#registers === undefined) return [...this.#few].sort(([a], [b]) => a - b);
    return Array.from(this.#registers, (rank, i): [number, number] => [i, rank]).filter(([, rank]) => rank > 0);
  }

  merge(other: HyperLogLog): void {
    for (const [index, rank] of other.#pairs()) this.#raise(index, rank);
  }

  estimate(): number {
    const histogram = new Array<number>(RANK_BITS + 2).fill(0);
    const pairs = this.#pairs();
    histogram[0] = REGISTERS - pairs.length;
    for (const [, rank] of pairs) histogram[rank] = (histogram[rank] as number) + 1;
    let z = REGISTERS * tau(1 - (histogram[RANK_BITS + 1] as number) / REGISTERS);
    for (let rank = RANK_BITS; rank >= 1; rank -= 1) z = (z + (histogram[rank] as number)) / 2;
    z += REGISTERS * sigma(histogram[0] / REGISTERS);
    return (REGISTERS * REGISTERS) / (2 * Math.LN2 * z);
  }

  toJson(): DistinctSketch {
    const pairs = this.#pairs();
    if (this.#registers === undefined || pairs.length < SPARSE) return pairs;
    return Array.from(this.#registers, (rank) => DIGITS[rank]).join('');
  }

  /** Undefined when this is not what `toJson` writes. */
  static fromJson(value: unknown): HyperLogLog | undefined {
    const sketch = new HyperLogLog();
    if (typeof value === 'string') {
      if (value.length !== REGISTERS) return undefined;
      for (let i = 0; i < REGISTERS; i += 1) {
        const rank = DIGITS.indexOf(value[i] as string);
        if (rank < 0 || rank > RANK_BITS + 1) return undefined;
        if (rank > 0) sketch.#raise(i, rank);
      }
      return sketch;
    }
    if (!Array.isArray(value) || value.length >= SPARSE) return undefined;
    let previous = -1;
    for (const pair of value as readonly unknown[]) {
      if (!Array.isArray(pair) || pair.length !== 2) return undefined;
      const [index, rank] = pair as [unknown, unknown];
      if (!isWhole(index, REGISTERS - 1) || !isWhole(rank, RANK_BITS + 1)) return undefined;
      if (index <= previous || rank === 0) return undefined;
      sketch.#raise(index, rank);
      previous = index;
    }
    return sketch;
  }
}

function isWhole(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
}

/** x + sum of x^(2^k) 2^(k-1), for registers that are still empty. */
function sigma(share: number): number {
  if (share === 1) return Infinity;
  let x = share;
  let sum = share;
  for (let weight = 1, before = -1; sum !== before; weight += weight) {
    before = sum;
    x *= x;
    sum += x * weight;
  }
  return sum;
}

/** For registers that are full. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let sum = 1 - share;
  for (let weight = 1, before = -1; sum !== before;) {
    before = sum;
    x = Math.sqrt(x);
    weight /= 2;
    sum -= (1 - x) ** 2 * weight;
  }
  return sum / 3;
}
