// Logistic regression over hashed words, trained with AdaGrad (Duchi, Hazan, Singer 2011). Deterministic by seed.
import { BITS } from './features.js';

export interface Example {
  readonly buckets: Uint32Array;
  /** 1 for spam. */
  readonly target: 0 | 1;
}

export interface LinearModel {
  readonly weights: Float32Array;
  readonly bias: number;
}

const EPOCHS = 20;
const RATE = 0.5;
const BIAS_RATE = 0.15;
const RIDGE = 1e-5;

/** Seeded generator, uniform in [0, 1). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function train(examples: readonly Example[], seed: number): LinearModel {
  const size = 2 ** BITS;
  const weights = new Float64Array(size);
  const squares = new Float64Array(size).fill(0.01);
  let bias = 0;
  let biasSquares = 0.01;
  const random = mulberry32(seed);
  const order = Uint32Array.from(examples.keys());
  for (let epoch = 0; epoch < EPOCHS; epoch += 1) {
    shuffle(order, random);
    for (const index of order) {
      const example = examples[index];
      if (example === undefined) continue;
      const { buckets, target } = example;
      const value = 1 / Math.sqrt(buckets.length || 1);
      const error = sigmoid(bias + dot(weights, buckets) * value) - target;
      for (const bucket of buckets) {
        const gradient = error * value + RIDGE * (weights[bucket] ?? 0);
        squares[bucket] = (squares[bucket] ?? 0) + gradient * gradient;
        weights[bucket] = (weights[bucket] ?? 0) - (RATE * gradient) / Math.sqrt(squares[bucket] ?? 1);
      }
      biasSquares += error * error;
      bias -= (BIAS_RATE * error) / Math.sqrt(biasSquares);
    }
  }
  return { weights: Float32Array.from(weights), bias: Math.fround(bias) };
}

/** Probability of spam. */
export function predict({ weights, bias }: LinearModel, buckets: Uint32Array): number {
  return sigmoid(bias + dot(weights, buckets) / Math.sqrt(buckets.length || 1));
}

function dot(weights: Float32Array | Float64Array, buckets: Uint32Array): number {
  let sum = 0;
  for (const bucket of buckets) sum += weights[bucket] ?? 0;
  return sum;
}

function sigmoid(score: number): number {
  return 1 / (1 + Math.exp(-score));
}

function shuffle(order: Uint32Array, random: () => number): void {
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    const held = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = held;
  }
}
