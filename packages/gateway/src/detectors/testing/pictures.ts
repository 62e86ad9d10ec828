// Pictures for tests: three soft spots on 28 x 28 pixels, and queries about them.
import { mulberry32 } from '@vallum/stats';
import { Baseline } from '../baseline.js';
import { DetectorDesk } from '../desk.js';
import type { DeskSettings } from '../desk.js';
import type { QuerySketch } from '../sketch.js';
import { makeSketcher } from '../sketching/sketcher.js';
import type { Sketcher } from '../sketching/sketcher.js';
import type { Inspected, InputTensor } from '../../protocol/inspected.js';

const SIDE = 28;

export function picture(random: () => number): Float32Array {
  const x = new Float32Array(SIDE * SIDE);
  for (let spot = 0; spot < 3; spot += 1) {
    const [row, column] = [4 + 20 * random(), 4 + 20 * random()];
    const width = 3 + 12 * random();
    for (let i = 0; i < x.length; i += 1) {
      const apart = (Math.floor(i / SIDE) - row) ** 2 + ((i % SIDE) - column) ** 2;
      x[i] = Math.min(1, (x[i] as number) + Math.exp(-apart / width));
    }
  }
  return x;
}

export function noisy(x: Float32Array, by: number, random: () => number): Float32Array {
  return x.map((value) => Math.min(1, Math.max(0, value + by * (2 * random() - 1))));
}

export function inspected(inputs: readonly InputTensor[], rows = 1): Inspected {
  const elements = inputs.reduce((sum, { numbers, texts }) => sum + (numbers?.length ?? texts?.length ?? 0), 0);
  return { inputs, rows, elements, stream: false, forward: Buffer.alloc(0), headers: {} };
}

export const SECRET = Buffer.alloc(32, 7);

export function pictureSketcher(secret: Uint8Array = SECRET): Sketcher {
  return makeSketcher({ kind: 'tensor', secret, ranges: new Map([['image', { minimum: 0, maximum: 1 }]]) });
}

export function asRequest(x: Float32Array): Inspected {
  return inspected([{ name: 'image', datatype: 'FP32', shape: [1, x.length], numbers: x }]);
}

const sketcher = pictureSketcher();
let decisions = 0;

export function query(x: Float32Array, more: Partial<QuerySketch> = {}): QuerySketch {
  const [sketch] = sketcher(asRequest(x));
  if (sketch === undefined) throw new Error('no sketch');
  decisions += 1;
  return {
    ...sketch,
    decision: `d${decisions}`,
    at: decisions * 1_000,
    principal: 'ada',
    group: more.principal ?? 'ada',
    route: 'oip/m',
    own: false,
    kind: 'tensor',
    cost: 1,
    ...more,
  };
}

export function baselineOf(seed: number, count = 200): Baseline {
  const random = mulberry32(seed);
  const made = Baseline.of(Array.from({ length: count }, () => query(picture(random)).means));
  if (made === undefined) throw new Error('no baseline');
  return made;
}

export function desk(more: Partial<DeskSettings> = {}): DetectorDesk {
  return new DetectorDesk({
    halfLifeSeconds: 3_600,
    blocksPerHour: 10,
    random: mulberry32(3),
    routes: new Map([['oip/m', { most: 'block', baseline: baselineOf(1) }]]),
    ...more,
  });
}
