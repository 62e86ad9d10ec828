// CUSUM, two-sided, on standardised values: the fastest way to see a step of known size in the mean (Page 1954; optimal by
// Moustakides 1986). Mean and standard deviation are those of the reference and do not move: a slow poisoner cannot drag
// them along.
import type { JsonObject } from '@vallum/core';
import { writtenObject } from '../profile/fields.js';
import type { Fields } from '../profile/fields.js';
import { requireFinite, requireRange } from './detector.js';
import type { StreamDetector, StreamStatus } from './detector.js';

export interface CusumOptions {
  readonly kind: 'cusum';
  /** Of the reference. */
  readonly mean: number;
  /** Standard deviation of the reference, above 0. */
  readonly deviation: number;
  /** Tolerated shift in standard deviations, half of the one that is to be found; default 0.5. */
  readonly slack?: number;
  /** In standard deviations; default 5. Calibrate it. */
  readonly threshold?: number;
}

export class Cusum implements StreamDetector {
  readonly #options: Required<CusumOptions>;
  #up = 0;
  #down = 0;
  #score = 0;

  constructor(options: CusumOptions) {
    this.#options = { slack: 0.5, threshold: 5, ...options };
    requireRange('mean', this.#options.mean, -Number.MAX_VALUE, Number.MAX_VALUE);
    requireRange('deviation', this.#options.deviation, Number.MIN_VALUE, Number.MAX_VALUE);
    requireRange('slack', this.#options.slack, 0, Number.MAX_VALUE);
    requireRange('threshold', this.#options.threshold, 0, Number.MAX_VALUE);
  }

  get score(): number {
    return this.#score;
  }

  update(value: number): StreamStatus {
    requireFinite(value);
    const { mean, deviation, slack, threshold } = this.#options;
    const z = (value - mean) / deviation;
    this.#up = Math.max(0, this.#up + z - slack);
    this.#down = Math.max(0, this.#down - z - slack);
    this.#score = Math.max(this.#up, this.#down);
    if (!(this.#score > threshold)) return 'stable';
    [this.#up, this.#down] = [0, 0];
    return 'drift';
  }

  state(): JsonObject {
    const { mean, deviation, slack, threshold } = this.#options;
    return writtenObject({ kind: 'cusum', mean, deviation, slack, threshold, up: this.#up, down: this.#down });
  }

  static from(fields: Fields): Cusum {
    const detector = new Cusum({
      kind: 'cusum',
      mean: fields.number('mean'),
      deviation: fields.number('deviation'),
      slack: fields.number('slack'),
      threshold: fields.number('threshold'),
    });
    detector.#up = fields.number('up');
    detector.#down = fields.number('down');
    if (detector.#up < 0 || detector.#down < 0) throw fields.wrong('up', 'at least 0');
    return detector;
  }
}
