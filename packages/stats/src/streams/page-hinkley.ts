// Page-Hinkley: has the mean moved away from what it was on average so far (Page 1954; Hinkley 1971)? Both directions.
// Cheap and quick for steps, blind to a change so slow that the average follows.
import type { JsonObject } from '@vallum/core';
import { writtenObject } from '../profile/fields.js';
import type { Fields } from '../profile/fields.js';
import { requireFinite, requireRange } from './detector.js';
import type { StreamDetector, StreamStatus } from './detector.js';

export interface PageHinkleyOptions {
  readonly kind: 'page-hinkley';
  /** Sum of deviations that is too large, in units of the values; default 50. Calibrate it. */
  readonly threshold?: number;
  /** Deviation that is tolerated, in units of the values; default 0.005. */
  readonly delta?: number;
  /** Weight of the past sum for each new value; default 0.9999. */
  readonly alpha?: number;
  /** No drift before as many values; default 30. */
  readonly minInstances?: number;
}

interface Sums {
  readonly n: number;
  readonly mean: number;
  readonly up: number;
  readonly down: number;
  readonly least: number;
  readonly most: number;
}

const NOTHING: Sums = { n: 0, mean: 0, up: 0, down: 0, least: Infinity, most: -Infinity };

export class PageHinkley implements StreamDetector {
  readonly #options: Required<PageHinkleyOptions>;
  #sums = NOTHING;
  #score = -Infinity;

  constructor(options: PageHinkleyOptions) {
    this.#options = { threshold: 50, delta: 0.005, alpha: 0.9999, minInstances: 30, ...options };
    requireRange('threshold', this.#options.threshold, 0, Number.MAX_VALUE);
    requireRange('delta', this.#options.delta, 0, Number.MAX_VALUE);
    requireRange('alpha', this.#options.alpha, 0, 1);
    requireRange('minInstances', this.#options.minInstances, 1, 1e9);
  }

  get score(): number {
    return this.#score;
  }

  update(value: number): StreamStatus {
    requireFinite(value);
    const { delta, alpha, minInstances, threshold } = this.#options;
    const before = this.#sums;
    const n = before.n + 1;
    const mean = before.mean + (value - before.mean) / n;
    const up = alpha * before.up + value - mean - delta;
    const down = alpha * before.down + value - mean + delta;
    const [least, most] = [Math.min(before.least, up), Math.max(before.most, down)];
    this.#sums = { n, mean, up, down, least, most };
    this.#score = n < minInstances ? -Infinity : Math.max(up - least, most - down);
    if (!(this.#score > threshold)) return 'stable';
    this.#sums = NOTHING;
    return 'drift';
  }

  state(): JsonObject {
    const { threshold, delta, alpha, minInstances } = this.#options;
    const { n, mean, up, down, least, most } = this.#sums;
    const sums = n === 0 ? null : { n, mean, up, down, least, most };
    return writtenObject({ kind: 'page-hinkley', threshold, delta, alpha, minInstances, sums });
  }

  static from(fields: Fields): PageHinkley {
    const detector = new PageHinkley({
      kind: 'page-hinkley',
      threshold: fields.number('threshold'),
      delta: fields.number('delta'),
      alpha: fields.number('alpha'),
      minInstances: fields.count('minInstances'),
    });
    if (fields.raw('sums') === null) return detector;
    const sums = fields.object('sums');
    const [up, down] = [sums.number('up'), sums.number('down')];
    const [least, most] = [sums.number('least'), sums.number('most')];
    if (least > up || most < down) throw sums.wrong('least', 'an extreme of the sums');
    detector.#sums = { n: sums.count('n'), mean: sums.number('mean'), up, down, least, most };
    return detector;
  }
}
