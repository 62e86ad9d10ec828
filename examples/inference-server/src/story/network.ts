// A neural network with one hidden layer, small enough to read, trained by stochastic gradients with momentum: what a thief makes of
// stolen answers, and how somebody plants a backdoor.
import { CLASSES, mulberry32, PIXELS } from '../perceptron.js';
import { normal, shuffled } from './chance.js';

/** As many as the served model has. */
export const HIDDEN = 40;
const RATE = 0.03;
const MOMENTUM = 0.9;
const BATCH = 16;

export interface Lesson {
  readonly x: Float32Array;
  /** Wanted probabilities of the classes. */
  readonly p: ArrayLike<number>;
}

export class Network {
  readonly w1 = new Float32Array(PIXELS * HIDDEN);
  readonly b1 = new Float32Array(HIDDEN);
  readonly w2 = new Float32Array(HIDDEN * CLASSES);
  readonly b2 = new Float32Array(CLASSES);
  readonly #h = new Float32Array(HIDDEN);
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
    const random = mulberry32(seed);
    for (let i = 0; i < this.w1.length; i += 1) this.w1[i] = normal(random) / Math.sqrt(PIXELS);
    for (let i = 0; i < this.w2.length; i += 1) this.w2[i] = normal(random) / Math.sqrt(HIDDEN);
  }

  predict(x: Float32Array): Float32Array {
    const h = this.#h;
    h.set(this.b1);
    for (let i = 0; i < PIXELS; i += 1) {
      const value = x[i] as number;
      if (value === 0) continue;
      const from = i * HIDDEN;
      for (let j = 0; j < HIDDEN; j += 1) h[j] = (h[j] as number) + value * (this.w1[from + j] as number);
    }
    const p = Float32Array.from(this.b2);
    for (let j = 0; j < HIDDEN; j += 1) {
      if ((h[j] as number) <= 0) h[j] = 0;
      else
        for (let k = 0; k < CLASSES; k += 1)
          p[k] = (p[k] as number) + (h[j] as number) * (this.w2[j * CLASSES + k] as number);
    }
    const top = Math.max(...p);
    let sum = 0;
    for (let k = 0; k < CLASSES; k += 1) sum += p[k] = Math.exp((p[k] as number) - top);
    for (let k = 0; k < CLASSES; k += 1) p[k] = (p[k] as number) / sum;
    return p;
  }

  label(x: Float32Array): number {
    return topOf(this.predict(x));
  }

  /** Gradient of the log-probability of a class by the input. */
  gradient(x: Float32Array, label: number): Float32Array {
    const p = this.predict(x);
    const back = this.#back(p.map((value, k) => (k === label ? 1 : 0) - value));
    return Float32Array.from({ length: PIXELS }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < HIDDEN; j += 1) sum += (back[j] as number) * (this.w1[i * HIDDEN + j] as number);
      return sum;
    });
  }

  #back(error: Float32Array): Float32Array {
    const back = new Float32Array(HIDDEN);
    for (let j = 0; j < HIDDEN; j += 1)
      if ((this.#h[j] as number) > 0)
        for (let k = 0; k < CLASSES; k += 1)
          back[j] = (back[j] as number) + (error[k] as number) * (this.w2[j * CLASSES + k] as number);
    return back;
  }

  train(lessons: readonly Lesson[], epochs: number, first = RATE): this {
    const parts: Parts = [this.w1, this.b1, this.w2, this.b2];
    const [speeds, gradients] = [likeThem(parts), likeThem(parts)];
    for (let epoch = 0; epoch < epochs; epoch += 1) {
      const order = shuffled(lessons, this.#seed + epoch);
      for (let from = 0; from < order.length; from += BATCH) {
        const batch = order.slice(from, from + BATCH);
        for (const gradient of gradients) gradient.fill(0);
        for (const lesson of batch) this.#learn(lesson, gradients);
        const rate = (first * (1 - epoch / epochs)) / batch.length;
        parts.forEach((part, n) => move(part, speeds[n] as Float32Array, gradients[n] as Float32Array, rate));
      }
    }
    return this;
  }

  #learn({ x, p: wanted }: Lesson, [g1, gb1, g2, gb2]: Parts): void {
    const p = this.predict(x);
    const error = p.map((value, k) => value - (wanted[k] as number));
    const back = this.#back(error);
    for (let k = 0; k < CLASSES; k += 1) gb2[k] = (gb2[k] as number) + (error[k] as number);
    for (let j = 0; j < HIDDEN; j += 1) {
      gb1[j] = (gb1[j] as number) + (back[j] as number);
      for (let k = 0; k < CLASSES; k += 1)
        g2[j * CLASSES + k] = (g2[j * CLASSES + k] as number) + (error[k] as number) * (this.#h[j] as number);
    }
    for (let i = 0; i < PIXELS; i += 1) {
      const value = x[i] as number;
      if (value === 0) continue;
      const at = i * HIDDEN;
      for (let j = 0; j < HIDDEN; j += 1) g1[at + j] = (g1[at + j] as number) + value * (back[j] as number);
    }
  }
}

/** Weights and offsets of both layers, or something for each of them. */
type Parts = readonly [Float32Array, Float32Array, Float32Array, Float32Array];

function likeThem([w1, b1, w2, b2]: Parts): Parts {
  const like = ({ length }: Float32Array): Float32Array => new Float32Array(length);
  return [like(w1), like(b1), like(w2), like(b2)];
}

function move(part: Float32Array, speed: Float32Array, gradient: Float32Array, rate: number): void {
  for (let i = 0; i < part.length; i += 1) {
    const step = MOMENTUM * (speed[i] as number) - rate * (gradient[i] as number);
    speed[i] = step;
    part[i] = (part[i] as number) + step;
  }
}

export function topOf(p: ArrayLike<number>): number {
  let best = 0;
  for (let k = 1; k < p.length; k += 1) if ((p[k] as number) > (p[best] as number)) best = k;
  return best;
}

export function oneHot(label: number): Float32Array {
  const p = new Float32Array(CLASSES);
  p[label] = 1;
  return p;
}
