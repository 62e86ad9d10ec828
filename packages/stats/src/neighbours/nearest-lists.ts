// For each row its k nearest so far, in order. Ties go to the smaller row number, so the order in which blocks are
// visited does not show in the result.

export interface Neighbours {
  readonly k: number;
  /** Neighbours of row r, nearest first: `index[r * k]` to `index[r * k + k - 1]`; NONE where there are fewer. */
  readonly index: Uint32Array;
  /** Their distances; infinite where there are fewer. */
  readonly distance: Float64Array;
}

export const NONE = 0xffffffff;

export class NearestLists {
  /** For each row the distance of its k-th neighbour so far: what is further need not be offered. */
  readonly worst: Float64Array;
  readonly #k: number;
  readonly #index: Uint32Array;
  readonly #distance: Float64Array;

  constructor(rows: number, k: number) {
    this.#k = k;
    this.worst = new Float64Array(rows).fill(Infinity);
    this.#index = new Uint32Array(rows * k).fill(NONE);
    this.#distance = new Float64Array(rows * k).fill(Infinity);
  }

  offer(row: number, other: number, distance: number): void {
    const k = this.#k;
    const first = row * k;
    let at = first + k - 1;
    const worst = this.#distance[at] as number;
    if (distance > worst || (distance === worst && other > (this.#index[at] as number))) return;
    while (at > first) {
      const before = this.#distance[at - 1] as number;
      if (before < distance || (before === distance && (this.#index[at - 1] as number) < other)) break;
      this.#distance[at] = before;
      this.#index[at] = this.#index[at - 1] as number;
      at -= 1;
    }
    this.#distance[at] = distance;
    this.#index[at] = other;
    this.worst[row] = this.#distance[first + k - 1] as number;
  }

  finish(distanceOf: (squared: number) => number): Neighbours {
    return { k: this.#k, index: this.#index, distance: this.#distance.map(distanceOf) };
  }
}
