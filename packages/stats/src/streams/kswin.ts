// KSWIN: do the newest values of a window look like ones drawn from its older part (Raab, Heusinger and Schleif 2020)? Sees
// changes of shape, not only of the mean. Its alpha is that of one test: there is a test at every value, so false alarms come
// much more often than alpha says, unless the threshold is calibrated.
import type { JsonObject } from '@vallum/core';
import { doubleOf, writtenObject } from '../profile/fields.js';
import type { Fields } from '../profile/fields.js';
import { ksStatisticSorted, ksTest } from '../tests/ks.js';
import { refuseInput } from '../samples.js';
import { requireFinite, requireRange } from './detector.js';
import type { StreamDetector, StreamStatus } from './detector.js';
import { mulberry32 } from '../random.js';

export interface KswinOptions {
  readonly kind: 'kswin';
  /** Of one test; default 0.005. Ignored where a threshold is given. */
  readonly alpha?: number;
  /** Drift where the distance of the distribution functions is above it. */
  readonly threshold?: number;
  /** Values kept; default 100. */
  readonly window?: number;
  /** Newest values, and how many older ones are drawn; default 30. */
  readonly newest?: number;
  /** Whole number; default 1. */
  readonly seed?: number;
}

const MOST_KEPT = 10_000;
/** A smaller distance is no drift, however sure it is: as in the authors' program. */
const LEAST_DISTANCE = 0.1;

export class Kswin implements StreamDetector {
  readonly #threshold: number;
  readonly #size: number;
  readonly #newest: number;
  readonly #seed: number;
  /** Older values are drawn by a seed that belongs to the count of values: so the state needs no generator. */
  #count = 0;
  #window: number[] = [];
  #score = -Infinity;

  constructor({ alpha = 0.005, threshold, window = 100, newest = 30, seed = 1 }: KswinOptions) {
    requireRange('window', window, 2, MOST_KEPT);
    requireRange('newest', newest, 1, window / 2);
    requireRange('alpha', alpha, 0, 1);
    if (!Number.isInteger(window) || !Number.isInteger(newest) || !Number.isSafeInteger(seed))
      throw refuseInput('window, newest and seed are whole numbers');
    this.#threshold = threshold ?? Math.max(LEAST_DISTANCE, criticalDistance(newest, alpha));
    requireRange('threshold', this.#threshold, 0, 1);
    [this.#size, this.#newest, this.#seed] = [window, newest, seed];
  }

  get score(): number {
    return this.#score;
  }

  update(value: number): StreamStatus {
    requireFinite(value);
    this.#count += 1;
    this.#window.push(value);
    if (this.#window.length > this.#size) this.#window.shift();
    this.#score = this.#window.length < this.#size ? -Infinity : this.#distance();
    if (!(this.#score > this.#threshold)) return 'stable';
    this.#window = this.#window.slice(-this.#newest);
    return 'drift';
  }

  #distance(): number {
    const random = mulberry32(this.#seed + Math.imul(this.#count, 0x9e3779b9));
    const older = Float64Array.from(this.#window.slice(0, this.#size - this.#newest));
    // Drawn without repetition: the first part of a shuffle.
    for (let i = 0; i < this.#newest; i += 1) {
      const other = i + Math.floor(random() * (older.length - i));
      [older[i], older[other]] = [older[other] as number, older[i] as number];
    }
    return ksStatisticSorted(
      older.subarray(0, this.#newest).sort(),
      Float64Array.from(this.#window.slice(-this.#newest)).sort(),
    );
  }

  state(): JsonObject {
    return writtenObject({
      kind: 'kswin',
      threshold: this.#threshold,
      window: this.#size,
      newest: this.#newest,
      seed: this.#seed,
      count: this.#count,
      values: [...this.#window],
    });
  }

  static from(fields: Fields): Kswin {
    const detector = new Kswin({
      kind: 'kswin',
      threshold: fields.number('threshold'),
      window: fields.count('window'),
      newest: fields.count('newest'),
      seed: fields.number('seed'),
    });
    detector.#count = fields.count('count');
    detector.#window = fields.list('values', detector.#size).map((item) => {
      const value = doubleOf(item);
      if (value === undefined) throw fields.wrong('values', 'a list of numbers');
      return value;
    });
    return detector;
  }
}

/** The largest distance of two samples of n that is still less than significant: drift lies above it. */
function criticalDistance(n: number, alpha: number): number {
  let steps = n;
  while (steps > 0 && pOfSteps(n, steps) <= alpha) steps -= 1;
  return steps / n;
}

function pOfSteps(n: number, steps: number): number {
  const ramp = Float64Array.from({ length: n }, (_, i) => i);
  // Moved by `steps` places, the distance is steps / n.
  return ksTest(
    ramp,
    ramp.map((value) => value + steps - 0.5),
    { method: 'exact' },
  ).p;
}
