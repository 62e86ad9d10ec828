// DDM: has the rate of errors risen above its best level by more than chance (Gama, Medas, Castillo and Rodrigues 2004)?
// Values are 0 (right) and 1 (wrong). The only one of these detectors that warns before it speaks of drift.
import type { JsonObject } from '@vallum/core';
import type { Fields } from '../profile/fields.js';
import { refuseInput } from '../samples.js';
import { requireRange } from './detector.js';
import type { StreamDetector, StreamStatus } from './detector.js';

export interface DdmOptions {
  readonly kind: 'ddm';
  /** Standard errors above the best level; default 3. */
  readonly threshold?: number;
  /** For a warning; default 2. */
  readonly warning?: number;
  /** Values before anything is said; default 30. */
  readonly warmUp?: number;
}

export class Ddm implements StreamDetector {
  readonly #options: Required<DdmOptions>;
  #n = 0;
  #errors = 0;
  /** Rate and standard error where their sum was lowest. */
  #best: { readonly rate: number; readonly error: number } | undefined;
  #score = -Infinity;

  constructor(options: DdmOptions) {
    this.#options = { threshold: 3, warning: 2, warmUp: 30, ...options };
    requireRange('threshold', this.#options.threshold, 0, Number.MAX_VALUE);
    requireRange('warning', this.#options.warning, 0, Number.MAX_VALUE);
    requireRange('warmUp', this.#options.warmUp, 1, 1e9);
  }

  get score(): number {
    return this.#score;
  }

  update(value: number): StreamStatus {
    if (value !== 0 && value !== 1)
      throw refuseInput(`errors are 0 or 1, not ${value}`, 'Give 1 for a wrong answer and 0 for a right one.');
    this.#n += 1;
    this.#errors += value;
    this.#score = -Infinity;
    if (this.#n <= this.#options.warmUp) return 'stable';
    const rate = this.#errors / this.#n;
    const error = Math.sqrt((rate * (1 - rate)) / this.#n);
    if (this.#best === undefined || rate + error <= this.#best.rate + this.#best.error) this.#best = { rate, error };
    // Without any error there is no scale yet: the first one is infinitely far.
    const above = rate + error - this.#best.rate;
    this.#score = above === 0 ? 0 : above / this.#best.error;
    if (this.#score > this.#options.threshold) {
      [this.#n, this.#errors, this.#best] = [0, 0, undefined];
      return 'drift';
    }
    return this.#score > this.#options.warning ? 'warning' : 'stable';
  }

  state(): JsonObject {
    const { threshold, warning, warmUp } = this.#options;
    return { kind: 'ddm', threshold, warning, warmUp, n: this.#n, errors: this.#errors, best: this.#best ?? null };
  }

  static from(fields: Fields): Ddm {
    const detector = new Ddm({
      kind: 'ddm',
      threshold: fields.number('threshold'),
      warning: fields.number('warning'),
      warmUp: fields.count('warmUp'),
    });
    detector.#n = fields.count('n');
    detector.#errors = fields.count('errors');
    if (detector.#errors > detector.#n) throw fields.wrong('errors', 'at most n');
    if (fields.raw('best') === null) return detector;
    const best = fields.object('best');
    const [rate, error] = [best.number('rate'), best.number('error')];
    if (rate < 0 || rate > 1 || error < 0 || error > 1) throw fields.wrong('best', 'a rate and its standard error');
    detector.#best = { rate, error };
    return detector;
  }
}
