// Ways to copy a model through its answers. A thief asks until its queries are spent or the door stays shut; what it got trains a
// student of the victim's own form, for real.
import type { Digit } from '../perceptron.js';
import { mulberry32, PIXELS } from '../perceptron.js';
import type { Lesson } from './network.js';
import { Network, topOf } from './network.js';

/** Probabilities of one picture; undefined when it was refused. */
export type Ask = (x: Float32Array) => Promise<Float32Array | undefined>;

export interface Theft {
  readonly ask: Ask;
  /** Pictures of the thief's own, as the victim has never seen them. */
  readonly pool: readonly Digit[];
  readonly queries: number;
  readonly seed: number;
}

export interface Loot {
  /** Every answer, in order. */
  readonly lessons: readonly Lesson[];
  readonly asked: number;
  readonly refused: number;
}

/** Refusals in a row after which a thief goes home. */
const PATIENCE = 25;
/** Natural pictures that the thief of Papernot et al. begins with, and how far it steps. */
export const SEEDS = 100;
const STEP = 0.1;
const EPOCHS = 12;

class Bag {
  readonly lessons: Lesson[] = [];
  asked = 0;
  refused = 0;
  #inARow = 0;
  readonly #theft: Theft;

  constructor(theft: Theft) {
    this.#theft = theft;
  }

  get isOver(): boolean {
    return this.asked >= this.#theft.queries || this.#inARow >= PATIENCE;
  }

  async take(x: Float32Array): Promise<void> {
    if (this.isOver) return;
    this.asked += 1;
    const p = await this.#theft.ask(x);
    if (p === undefined) {
      this.refused += 1;
      this.#inARow += 1;
      return;
    }
    this.#inARow = 0;
    this.lessons.push({ x, p });
  }
}

export type Thief = (theft: Theft) => Promise<Loot>;

/** Noise of random brightness (Tramer et al., USENIX Security 2016). */
export const synthetic: Thief = async (theft) => {
  const bag = new Bag(theft);
  const random = mulberry32(theft.seed);
  while (!bag.isOver) {
    const [gain, part] = [random(), random()];
    await bag.take(Float32Array.from({ length: PIXELS }, () => (random() < part ? gain * random() : 0)));
  }
  return bag;
};

/** A few natural pictures, doubled again and again along the signs of the student's gradients (Papernot et al., AsiaCCS 2017). */
export const jacobian: Thief = async (theft) => {
  const { pool, queries, seed } = theft;
  const bag = new Bag(theft);
  const random = mulberry32(seed);
  for (const { pixels } of pool.slice(0, SEEDS)) await bag.take(pixels);
  while (!bag.isOver && bag.lessons.length > 0) {
    const student = studentOf(bag.lessons, seed);
    for (const { x, p } of bag.lessons.slice(0, queries - bag.asked)) {
      const gradient = student.gradient(x, topOf(p));
      const step = random() < 0.5 ? -STEP : STEP;
      await bag.take(x.map((value, i) => Math.min(1, Math.max(0, value + step * Math.sign(gradient[i] as number)))));
    }
  }
  return bag;
};

/** Pictures of the very kind that the model was made for, none twice (Orekondy et al., Knockoff Nets, CVPR 2019). */
export const natural: Thief = async (theft) => {
  const bag = new Bag(theft);
  for (const { pixels } of theft.pool) await bag.take(pixels);
  return bag;
};

export function studentOf(lessons: readonly Lesson[], seed: number): Network {
  return new Network(seed).train(lessons, EPOCHS);
}
