// What is kept of one caller's queries on one route: distinct inputs as block means, and what each was asked again with.
// At most 256 inputs of 64 blocks (64 KiB), and it begins small: 2,000 busy callers take about 150 MB, idle ones next to nothing.
import { squaredTo } from './distance.js';

const MOST = 256;
const WIDTH = 64;
const FIRST = 16;
const MOST_CONTENTS = 512;

export interface Found {
  /** Place of the nearest earlier input, -1 for none. */
  readonly place: number;
  readonly distance: number;
  /** Queries since the nearest one came, or was nearest to another: few in a film. */
  readonly since: number;
  /** Distance to the nearest earlier input with the same answer; infinite for none. */
  readonly ofLabel: number;
  /** Earlier inputs, and the parts of them that lie within a cell of this one, and that do so with another answer. */
  readonly count: number;
  readonly crowd: number;
  readonly mixed: number;
}

export class QueryMemory {
  #means = new Float32Array(0);
  #labels = new Int32Array(0);
  #lineages = new Float64Array(0);
  #hits = new Uint16Array(0);
  #isolated = new Uint8Array(0);
  #touched = new Float64Array(0);
  #queries = 0;
  #count = 0;
  #next = 0;
  readonly #contents = new Set<number>();

  /** True when this very input was here not long ago. */
  repeats(content: number): boolean {
    if (this.#contents.has(content)) return true;
    if (this.#contents.size >= MOST_CONTENTS) {
      const oldest = this.#contents.values().next().value;
      if (oldest !== undefined) this.#contents.delete(oldest);
    }
    this.#contents.add(content);
    return false;
  }

  /** @param cell how far neighbours usually lie apart; 0 when that is not known */
  find(means: Float32Array, label: number | undefined, cell: number): Found {
    let [place, least, ofLabel, crowd, mixed] = [-1, Infinity, Infinity, 0, 0];
    const own = label ?? -1;
    for (let at = 0; at < this.#count; at += 1) {
      const squared = squaredTo(means, this.#means, at * WIDTH);
      if (squared < least) [place, least] = [at, squared];
      const isSame = this.#labels[at] === own;
      if (isSame && squared < ofLabel) ofLabel = squared;
      if (squared >= cell * cell) continue;
      crowd += 1;
      if (!isSame) mixed += 1;
    }
    this.#queries += 1;
    const since = place < 0 ? Infinity : this.#queries - (this.#touched[place] as number);
    if (place >= 0) this.#touched[place] = this.#queries;
    const count = this.#count;
    const part = (of: number): number => (count === 0 ? 0 : of / count);
    return {
      place,
      distance: Math.sqrt(least),
      since,
      ofLabel: Math.sqrt(ofLabel),
      count,
      crowd: part(crowd),
      mixed: part(mixed),
    };
  }

  /** @param isolated far from everything before it: no frame of a film, nor a copy of a copy */
  add(means: Float32Array, label: number | undefined, lineage: number, isolated: boolean): void {
    const at = this.#next;
    if (at >= this.#labels.length) this.#grow(Math.min(MOST, Math.max(FIRST, 2 * at)));
    this.#means.fill(0, at * WIDTH, (at + 1) * WIDTH);
    this.#means.set(means.subarray(0, WIDTH), at * WIDTH);
    this.#labels[at] = label ?? -1;
    this.#lineages[at] = lineage;
    this.#hits[at] = 0;
    this.#isolated[at] = isolated ? 1 : 0;
    this.#touched[at] = this.#queries;
    this.#next = (at + 1) % MOST;
    this.#count = Math.max(this.#count, at + 1);
  }

  /** A changed copy of the input at this place came. @returns how many by now, 0 where the input was not isolated */
  hit(place: number): number {
    if (this.#isolated[place] !== 1) return 0;
    this.#hits[place] = Math.min(65_535, (this.#hits[place] as number) + 1);
    return this.#hits[place];
  }

  lineageAt(place: number): number | undefined {
    return this.#lineages[place];
  }

  #grow(size: number): void {
    const copy = <A extends { set(from: A): void }>(made: A, from: A): A => (made.set(from), made);
    this.#means = copy(new Float32Array(size * WIDTH), this.#means);
    this.#labels = copy(new Int32Array(size), this.#labels);
    this.#lineages = copy(new Float64Array(size), this.#lineages);
    this.#hits = copy(new Uint16Array(size), this.#hits);
    this.#touched = copy(new Float64Array(size), this.#touched);
    this.#isolated = copy(new Uint8Array(size), this.#isolated);
  }
}
