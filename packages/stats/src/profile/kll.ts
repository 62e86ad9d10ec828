// A sketch of quantiles with random error: Karnin, Lang and Liberty 2016 (arXiv 1603.05346). Level h holds values that stand
// for 2^h each; a full level sorts itself and sends every second value up. Below the smallest levels a sampler takes one
// value out of 2^h, so that a value costs next to nothing once there are many. The certified bins are the answer to
// "how wrong at most"; this one is for comparing with other tools and for windows without a reference.
import { mulberry32 } from '../random.js';
import { refuse } from '../refuse.js';

/** Capacity of each level, relative to the one above. */
const SHRINK = 2 / 3;
const SMALLEST = 8;
const FEW = 32;
/** Room of a level that is empty: a table may have 100,000 columns and a row. */
const FIRST = 8;

/** As JSON. The weight of an item in `levels[i]` is 2^(height + i). */
export interface QuantileSketch {
  readonly k: number;
  /** Values seen. */
  readonly n: number;
  /** The sampler takes one value of 2^height. */
  readonly height: number;
  readonly levels: readonly (readonly number[])[];
  /** What the sampler holds: a value and how many it stands for so far. */
  readonly held: readonly [number, number] | null;
}

interface Level {
  /** Grows with what it holds, up to k + 2. */
  items: Float64Array;
  size: number;
  capacity: number;
}

export class Kll {
  readonly #k: number;
  readonly #random: () => number;
  /** Levels that fit above the sampler. */
  readonly #depth: number;
  #n = 0;
  #height = 0;
  readonly #levels: Level[] = [];
  #held = 0;
  #heldWeight = 0;

  /** @param k size of the largest level; the error falls as 1/k. @param seed whole number: the same stream and seed give the same sketch */
  constructor({ k = 200, seed }: { readonly k?: number; readonly seed: number }) {
    if (!Number.isInteger(k) || k < SMALLEST || k > 65_535)
      throw refuse(`k is a whole number from 8 to 65535, not ${k}`);
    this.#k = k;
    this.#random = mulberry32(seed);
    this.#depth = 1 + Math.ceil(Math.log(k / SMALLEST) / -Math.log(SHRINK));
    this.#addLevel();
  }

  get n(): number {
    return this.#n;
  }

  /** The first `count` values of an array, none NaN. */
  add(values: Float64Array, count = values.length): void {
    this.#n += count;
    let at = 0;
    while (at < count) {
      const block = 2 ** this.#height;
      if (this.#heldWeight === 0 && count - at >= block) {
        // A whole block: one draw, and the others are not even looked at.
        this.#push(values[at + (block === 1 ? 0 : Math.floor(this.#random() * block))] as number, 0);
        at += block;
      } else {
        this.#sample(values[at] as number, 1);
        at += 1;
      }
      if (this.#levels.length > this.#depth) this.#settle();
    }
  }

  /** The sampler: of two weighted values one survives, by chance in proportion to their weights (section 3 of the paper). */
  #sample(value: number, weight: number): void {
    const block = 2 ** this.#height;
    const sum = this.#heldWeight + weight;
    if (sum <= block) {
      if (this.#random() * sum < weight) this.#held = value;
      this.#heldWeight = sum === block ? 0 : sum;
      if (sum === block) this.#push(this.#held, 0);
      return;
    }
    const newIsHeavier = weight > this.#heldWeight;
    const heavy = newIsHeavier ? value : this.#held;
    const heavyWeight = newIsHeavier ? weight : this.#heldWeight;
    if (!newIsHeavier) {
      this.#held = value;
      this.#heldWeight = weight;
    }
    if (this.#random() * block < heavyWeight) this.#push(heavy, 0);
  }

  #push(value: number, level: number): void {
    const to = this.#levels[level] as Level;
    if (to.size === to.items.length) to.items = this.#resized(to.items, 2 * to.size);
    to.items[to.size] = value;
    to.size += 1;
    if (to.size > to.capacity) this.#compact(level, to);
  }

  #compact(level: number, from: Level): void {
    if (level === this.#levels.length - 1) this.#addLevel();
    const { items, size } = from;
    sortInPlace(items, size);
    // With an odd count, the largest stays behind.
    const even = size - (size % 2);
    for (let i = this.#random() < 0.5 ? 0 : 1; i < even; i += 2) this.#push(items[i] as number, level + 1);
    items[0] = items[size - 1] as number;
    from.size = size - even;
  }

  #addLevel(): void {
    this.#levels.push({ items: new Float64Array(FIRST), size: 0, capacity: 0 });
    this.#setCapacities();
  }

  /** With room for at least `least` items. */
  #resized(items: Float64Array, least: number): Float64Array {
    const larger = new Float64Array(Math.min(this.#k + 2, Math.max(FIRST, least)));
    larger.set(items);
    return larger;
  }

  #setCapacities(): void {
    const top = this.#levels.length - 1;
    this.#levels.forEach((level, i) => (level.capacity = Math.max(SMALLEST, Math.ceil(this.#k * SHRINK ** (top - i)))));
  }

  /** After whole additions only: levels must not move while values are on their way up. */
  #settle(): void {
    while (this.#levels.length > this.#depth) this.#raise();
  }

  /** The lowest level becomes part of the sampler. */
  #raise(): void {
    const lowest = this.#levels.shift() as Level;
    const weight = 2 ** this.#height;
    this.#setCapacities();
    this.#height += 1;
    for (const item of lowest.items.subarray(0, lowest.size)) this.#sample(item, weight);
  }

  /** Adds what another sketch with the same k has seen. */
  merge(other: Kll): void {
    if (other.#k !== this.#k) throw refuse(`sketches with k = ${this.#k} and k = ${other.#k} do not merge`);
    const theirs = other.toJson();
    this.#n += theirs.n;
    while (this.#height < theirs.height) {
      if (this.#levels.length === 1) this.#addLevel();
      this.#raise();
    }
    theirs.levels.forEach((items, i) => {
      for (const item of items) this.#addWeighted(item, theirs.height + i);
    });
    if (theirs.held !== null) this.#sample(...theirs.held);
    this.#settle();
  }

  #addWeighted(item: number, height: number): void {
    if (height < this.#height) {
      this.#sample(item, 2 ** height);
      return;
    }
    while (this.#levels.length <= height - this.#height) this.#addLevel();
    this.#push(item, height - this.#height);
    this.#settle();
  }

  toJson(): QuantileSketch {
    const levels = this.#levels.map(({ items, size }) => Array.from(items.slice(0, size).sort()));
    const held: [number, number] | null = this.#heldWeight === 0 ? null : [this.#held, this.#heldWeight];
    return { k: this.#k, n: this.#n, height: this.#height, levels, held };
  }

  static fromJson(value: QuantileSketch, seed: number): Kll {
    const sketch = new Kll({ k: value.k, seed });
    sketch.#n = value.n;
    sketch.#height = value.height;
    while (sketch.#levels.length < value.levels.length) sketch.#addLevel();
    value.levels.forEach((items, i) => {
      const level = sketch.#levels[i] as Level;
      level.items = sketch.#resized(level.items, items.length);
      level.items.set(items);
      level.size = items.length;
    });
    [sketch.#held, sketch.#heldWeight] = value.held ?? [0, 0];
    return sketch;
  }
}

/** Most levels hold a handful of values, for which a library sort costs more than the sorting. */
function sortInPlace(items: Float64Array, size: number): void {
  if (size > FEW) {
    items.subarray(0, size).sort();
    return;
  }
  for (let i = 1; i < size; i += 1) {
    const item = items[i] as number;
    let at = i;
    for (; at > 0 && (items[at - 1] as number) > item; at -= 1) items[at] = items[at - 1] as number;
    items[at] = item;
  }
}

/** The smallest kept value with at least a share q of the weight at or below it. */
export function sketchQuantile(sketch: QuantileSketch, q: number): number {
  if (!(q >= 0 && q <= 1)) throw refuse(`a quantile lies between 0 and 1, not at ${q}`);
  const items = weighted(sketch);
  const total = items.reduce((sum, [, weight]) => sum + weight, 0);
  let sum = 0;
  const found = items.find(([, weight]) => (sum += weight) >= q * total) ?? items.at(-1);
  if (found === undefined) throw refuse('an empty sketch has no quantiles');
  return found[0];
}

/** Estimated share of values <= x. */
export function sketchRank(sketch: QuantileSketch, x: number): number {
  let below = 0;
  let total = 0;
  for (const [item, weight] of weighted(sketch)) {
    total += weight;
    if (item <= x) below += weight;
  }
  if (total === 0) throw refuse('an empty sketch has no ranks');
  return below / total;
}

function weighted(sketch: QuantileSketch): (readonly [number, number])[] {
  const items = sketch.levels.flatMap((level, i) => level.map((item) => [item, 2 ** (sketch.height + i)] as const));
  if (sketch.held !== null) items.push([sketch.held[0], sketch.held[1]]);
  return items.sort(([a], [b]) => a - b);
}
