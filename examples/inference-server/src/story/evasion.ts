// An evasion by answers alone, after HopSkipJump (Chen, Jordan and Wainwright, IEEE S&P 2020): walk along the boundary between two
// answers toward a given picture, feeling for its slope with noise, until what a person would still read as the old digit is read
// as another one.
import { mulberry32, PIXELS } from '../perceptron.js';
import { normal } from './chance.js';

/** The label of one picture; undefined when it was refused. */
export type AskLabel = (x: Float32Array) => Promise<number | undefined>;

export interface Hunt {
  readonly ask: AskLabel;
  /** The picture that is to be read wrongly, and how it is read. */
  readonly from: Float32Array;
  readonly label: number;
  /** A picture that is read otherwise: the walk begins there. */
  readonly other: Float32Array;
  /** Distance (root of the summed squares) at which the attacker is content. */
  readonly goal: number;
  readonly queries: number;
  readonly seed: number;
}

export interface Hunted {
  readonly found: boolean;
  readonly asked: number;
  readonly refused: number;
  /** Of the closest picture that is read wrongly. */
  readonly distance: number;
}

const FIRST_PROBES = 30;
const HALVINGS = 8;
const PATIENCE = 25;

export async function hunt({ ask, from, label, other, goal, queries, seed }: Hunt): Promise<Hunted> {
  const random = mulberry32(seed);
  let [asked, refused, inARow] = [0, 0, 0];
  const isOver = (): boolean => asked >= queries || inARow >= PATIENCE;
  /** Is it read wrongly? What is refused is taken for no. */
  const isWrong = async (x: Float32Array): Promise<boolean> => {
    if (isOver()) return false;
    asked += 1;
    const said = await ask(x);
    if (said !== undefined) {
      inARow = 0;
      return said !== label;
    }
    refused += 1;
    inARow += 1;
    return isOver() ? false : isWrong(x);
  };
  const toBoundary = async (x: Float32Array): Promise<Float32Array> => {
    let [near, far] = [0, 1];
    for (let halving = 0; halving < HALVINGS; halving += 1) {
      const middle = (near + far) / 2;
      if (await isWrong(between(from, x, middle))) far = middle;
      else near = middle;
    }
    return between(from, x, far);
  };

  let best = await toBoundary(other);
  for (let round = 1; !isOver() && distance(best, from) > goal; round += 1) {
    const reach = distance(best, from);
    const [sum, signed] = [new Float32Array(PIXELS), new Float32Array(PIXELS)];
    let sides = 0;
    const probes = Math.round(FIRST_PROBES * Math.sqrt(round));
    for (let probe = 0; probe < probes && !isOver(); probe += 1) {
      const noise = coarse(random);
      const scale = (0.1 * reach) / length(noise);
      const side = (await isWrong(best.map((value, i) => clip(value + scale * (noise[i] as number))))) ? 1 : -1;
      sides += side;
      for (let i = 0; i < PIXELS; i += 1) {
        sum[i] = (sum[i] as number) + (noise[i] as number);
        signed[i] = (signed[i] as number) + side * (noise[i] as number);
      }
    }
    // Without the mean of the answers: most probes may fall on one side.
    const mean = Math.abs(sides) === probes ? 0 : sides / probes;
    const slope = signed.map((value, i) => value - mean * (sum[i] as number));
    const direction = length(slope) || 1;
    for (let step = reach / Math.sqrt(round); step > reach / 100 && !isOver(); step /= 2) {
      const moved = best.map((value, i) => clip(value + (step / direction) * (slope[i] as number)));
      if (!(await isWrong(moved))) continue;
      const closer = await toBoundary(moved);
      if (distance(closer, from) < reach) best = closer;
      break;
    }
  }
  const reached = distance(best, from);
  return { found: reached <= goal, asked, refused, distance: reached };
}

/** Noise in squares of 2 x 2: pictures change so, and there is a fourth of it to feel for (Li et al., QEBA, CVPR 2020). */
function coarse(random: () => number): Float32Array {
  const half = Float32Array.from({ length: PIXELS / 4 }, () => normal(random));
  return Float32Array.from(
    { length: PIXELS },
    (_, i) => half[14 * (Math.floor(i / 28) >> 1) + ((i % 28) >> 1)] as number,
  );
}

const clip = (value: number): number => Math.min(1, Math.max(0, value));

function between(from: Float32Array, to: Float32Array, part: number): Float32Array {
  return from.map((value, i) => (1 - part) * value + part * (to[i] as number));
}

function length(x: Float32Array): number {
  return Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
}

function distance(a: Float32Array, b: Float32Array): number {
  return length(a.map((value, i) => value - (b[i] as number)));
}
