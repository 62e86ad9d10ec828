// A perceptron with one hidden layer: rectified linear units, then softmax. Trained by stochastic gradient descent with
// momentum on cross-entropy; deterministic by seed.

export const PIXELS = 784;
export const CLASSES = 10;

export interface Perceptron {
  readonly hidden: number;
  /** hidden x PIXELS. */
  readonly w1: Float32Array;
  readonly b1: Float32Array;
  /** CLASSES x hidden. */
  readonly w2: Float32Array;
  readonly b2: Float32Array;
}

export interface Digit {
  readonly pixels: Float32Array;
  readonly label: number;
}

const MOMENTUM = 0.9;
const BATCH = 32;

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

/** Probabilities of the ten digits. @param pixels 784 numbers from 0 to 1 */
export function predict(model: Perceptron, pixels: ArrayLike<number>): Float32Array {
  const layer = new Float32Array(model.hidden);
  return forward(model, pixels, layer);
}

export interface Training {
  readonly hidden: number;
  readonly epochs: number;
  readonly rate: number;
  readonly seed: number;
}

export function train(digits: readonly Digit[], { hidden, epochs, rate, seed }: Training): Perceptron {
  const random = mulberry32(seed);
  const drawn = (count: number, inputs: number): Float32Array =>
    Float32Array.from({ length: count }, () => (random() * 2 - 1) * Math.sqrt(6 / inputs));
  const model: Perceptron = {
    hidden,
    w1: drawn(hidden * PIXELS, PIXELS),
    b1: new Float32Array(hidden),
    w2: drawn(CLASSES * hidden, hidden),
    b2: new Float32Array(CLASSES),
  };
  const parts = [model.w1, model.b1, model.w2, model.b2];
  const gradients = parts.map(({ length }) => new Float32Array(length));
  const speeds = parts.map(({ length }) => new Float32Array(length));
  const order = Uint32Array.from(digits.keys());
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    shuffle(order, random);
    // The steps get shorter, so that the end is calm.
    const step = rate / (1 + epoch / 3);
    for (let from = 0; from < order.length; from += BATCH) {
      const batch = order.subarray(from, from + BATCH);
      for (const index of batch) {
        const digit = digits[index];
        if (digit !== undefined) backward(model, digit, gradients);
      }
      for (const [at, part] of parts.entries()) move(part, gradients[at], speeds[at], step / batch.length);
    }
  }
  return model;
}

function forward({ hidden, w1, b1, w2, b2 }: Perceptron, pixels: ArrayLike<number>, layer: Float32Array): Float32Array {
  for (let unit = 0; unit < hidden; unit += 1) {
    let sum = b1[unit] ?? 0;
    for (let i = 0, at = unit * PIXELS; i < PIXELS; i += 1) sum += (w1[at + i] ?? 0) * (pixels[i] ?? 0);
    layer[unit] = sum > 0 ? sum : 0;
  }
  const scores = Array.from({ length: CLASSES }, (_, name) => {
    let sum = b2[name] ?? 0;
    for (let unit = 0; unit < hidden; unit += 1) sum += (w2[name * hidden + unit] ?? 0) * (layer[unit] ?? 0);
    return sum;
  });
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return Float32Array.from(powers, (power) => power / total);
}

function backward(model: Perceptron, { pixels, label }: Digit, gradients: readonly Float32Array[]): void {
  const { hidden, w2 } = model;
  const [g1, h1, g2, h2] = gradients as readonly [Float32Array, Float32Array, Float32Array, Float32Array];
  const layer = new Float32Array(hidden);
  const errors = forward(model, pixels, layer);
  errors[label] = (errors[label] ?? 0) - 1;
  const blame = new Float32Array(hidden);
  for (let name = 0; name < CLASSES; name += 1) {
    const error = errors[name] ?? 0;
    h2[name] = (h2[name] ?? 0) + error;
    for (let unit = 0, at = name * hidden; unit < hidden; unit += 1) {
      g2[at + unit] = (g2[at + unit] ?? 0) + error * (layer[unit] ?? 0);
      blame[unit] = (blame[unit] ?? 0) + error * (w2[at + unit] ?? 0);
    }
  }
  for (let unit = 0; unit < hidden; unit += 1) {
    const error = blame[unit] ?? 0;
    if ((layer[unit] ?? 0) <= 0 || error === 0) continue;
    h1[unit] = (h1[unit] ?? 0) + error;
    for (let i = 0, at = unit * PIXELS; i < PIXELS; i += 1) g1[at + i] = (g1[at + i] ?? 0) + error * (pixels[i] ?? 0);
  }
}

function move(part: Float32Array, gradient?: Float32Array, speed?: Float32Array, step = 0): void {
  if (gradient === undefined || speed === undefined) return;
  for (let i = 0; i < part.length; i += 1) {
    speed[i] = MOMENTUM * (speed[i] ?? 0) - step * (gradient[i] ?? 0);
    part[i] = (part[i] ?? 0) + (speed[i] ?? 0);
    gradient[i] = 0;
  }
}

/** In place (Fisher and Yates). */
export function shuffle(order: Uint32Array, random: () => number): void {
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    const held = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = held;
  }
}
