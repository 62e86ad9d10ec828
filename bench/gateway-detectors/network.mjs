// A small neural network (one hidden layer, softmax), trained by stochastic gradients with momentum: the victim and its copies.
import { mulberry32, shuffle } from '@vallum/stats';

export class Network {
  constructor({ inputs = 784, hidden = 32, classes = 10, seed = 1 }) {
    Object.assign(this, { inputs, hidden, classes });
    const random = mulberry32(seed);
    const weights = (n, fan) => Float32Array.from({ length: n }, () => (2 * random() - 1) * Math.sqrt(3 / fan));
    this.w1 = weights(inputs * hidden, inputs);
    this.b1 = new Float32Array(hidden);
    this.w2 = weights(hidden * classes, hidden);
    this.b2 = new Float32Array(classes);
    this.random = random;
  }

  /** @returns probabilities; the hidden layer stays in `this.h` */
  predict(x) {
    const { inputs, hidden, classes, w1, b1, w2, b2 } = this;
    const h = Float32Array.from(b1);
    for (let i = 0; i < inputs; i += 1) {
      const value = x[i];
      if (value === 0) continue;
      const from = i * hidden;
      for (let j = 0; j < hidden; j += 1) h[j] += value * w1[from + j];
    }
    const p = Float32Array.from(b2);
    for (let j = 0; j < hidden; j += 1) {
      if (h[j] <= 0) {
        h[j] = 0;
        continue;
      }
      for (let k = 0; k < classes; k += 1) p[k] += h[j] * w2[j * classes + k];
    }
    const top = Math.max(...p);
    let sum = 0;
    for (let k = 0; k < classes; k += 1) sum += p[k] = Math.exp(p[k] - top);
    for (let k = 0; k < classes; k += 1) p[k] /= sum;
    this.h = h;
    return p;
  }

  label(x) {
    const p = this.predict(x);
    return p.indexOf(Math.max(...p));
  }

  /** Gradient of the log-probability of class `k` by the input. */
  gradient(x, k) {
    const { inputs, hidden, classes, w1, w2 } = this;
    const p = this.predict(x);
    const back = new Float32Array(hidden);
    for (let j = 0; j < hidden; j += 1)
      if (this.h[j] > 0)
        for (let c = 0; c < classes; c += 1) back[j] += ((c === k ? 1 : 0) - p[c]) * w2[j * classes + c];
    return Float32Array.from({ length: inputs }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < hidden; j += 1) sum += back[j] * w1[i * hidden + j];
      return sum;
    });
  }

  /** @param rows of `{ x, p }`: p is a list of probabilities or the number of a class */
  train(rows, { epochs = 10, rate = 0.05, momentum = 0.9, batch = 16 } = {}) {
    const { inputs, hidden, classes, w1, b1, w2, b2 } = this;
    const speeds = [w1, b1, w2, b2].map((w) => new Float32Array(w.length));
    const gradients = speeds.map((w) => new Float32Array(w.length));
    for (let epoch = 0; epoch < epochs; epoch += 1) {
      const order = shuffle(rows, this.random);
      for (let from = 0; from < order.length; from += batch) {
        const part = order.slice(from, from + batch);
        for (const gradient of gradients) gradient.fill(0);
        const [g1, gb1, g2, gb2] = gradients;
        for (const { x, p: wanted } of part) {
          const p = this.predict(x);
          const h = this.h;
          const back = new Float32Array(hidden);
          for (let k = 0; k < classes; k += 1) {
            const error = p[k] - (typeof wanted === 'number' ? (wanted === k ? 1 : 0) : wanted[k]);
            gb2[k] += error;
            for (let j = 0; j < hidden; j += 1) {
              g2[j * classes + k] += error * h[j];
              if (h[j] > 0) back[j] += error * w2[j * classes + k];
            }
          }
          for (let j = 0; j < hidden; j += 1) gb1[j] += back[j];
          for (let i = 0; i < inputs; i += 1) {
            const value = x[i];
            if (value !== 0) for (let j = 0; j < hidden; j += 1) g1[i * hidden + j] += value * back[j];
          }
        }
        const step = (rate * (1 - epoch / epochs)) / part.length;
        [w1, b1, w2, b2].forEach((w, n) => {
          const [speed, gradient] = [speeds[n], gradients[n]];
          for (let i = 0; i < w.length; i += 1) {
            speed[i] = momentum * speed[i] - step * gradient[i];
            w[i] += speed[i];
          }
        });
      }
    }
    return this;
  }

  /** Part of the inputs for which both say the same. */
  agreement(other, rows) {
    return rows.filter(({ x }) => this.label(x) === other.label(x)).length / rows.length;
  }
}
