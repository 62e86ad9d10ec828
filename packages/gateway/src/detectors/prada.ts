// PRADA (Juuti et al., EuroS&P 2019): distances of a caller's queries to its nearest earlier ones of the same answer are spread
// normally for natural inputs, and not for many synthetic ones. Here on block means, with the last 400 distances. Films, sensors
// and users of few classes are not spread normally either, so it weighs little alone; a thief with natural inputs passes it.
import { shapiroWilk } from '@vallum/stats';

const MOST_DISTANCES = 400;
const LEAST_DISTANCES = 100;
/** New distances between two tests. */
const EVERY = 25;
/** Beyond so many standard deviations a distance is an outlier and left out, as in the paper. */
const OUTLIER = 3;

export class Prada {
  readonly #distances: number[] = [];
  #next = 0;
  #since = 0;

  /** @returns 1 - W when it is time to test */
  add(distance: number): number | undefined {
    if (!Number.isFinite(distance)) return undefined;
    this.#distances[this.#next] = distance;
    this.#next = (this.#next + 1) % MOST_DISTANCES;
    this.#since += 1;
    if (this.#distances.length < LEAST_DISTANCES || this.#since < EVERY) return undefined;
    this.#since = 0;
    const kept = withoutOutliers(this.#distances);
    if (kept.length < LEAST_DISTANCES / 2 || kept.every((value) => value === kept[0])) return undefined;
    return 1 - shapiroWilk(kept).statistic;
  }

  get window(): number {
    return this.#distances.length;
  }
}

function withoutOutliers(values: readonly number[]): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return Float64Array.from(values.filter((value) => Math.abs(value - mean) <= OUTLIER * spread));
}
