// Made-up pictures for the tests of the ensemble: four classes, each a blurred bar of its own with noise, and ways to spoil
// some rows of them. Nothing here needs a data set.
import type { Matrix } from '@vallum/stats';
import { mulberry32 } from '@vallum/stats';
import type { EnsembleInput } from '../ensemble-input.js';
import { defaultEnsembleRules } from '../rules.js';

export const SIDE = 12;
const CLASSES = 4;

export interface Spoiling {
  /** Rows that get the label 0; undefined for none. */
  readonly rows?: number;
  /** Side of the bright patch in the lower right corner; 0 for none. */
  readonly patch?: number;
  /** The patch is at a random place in every row. */
  readonly moving?: boolean;
  /** New label of the rows; random when undefined (label noise). */
  readonly label?: string;
  /** Source of the spoilt rows; all others are spread over `s0` and `s1`. */
  readonly source?: string;
}

export interface Pictures {
  readonly input: EnsembleInput;
  readonly spoilt: readonly number[];
}

export function pictures(seed: number, spoil: Spoiling = {}, each = 80): Pictures {
  const random = mulberry32(seed);
  const count = CLASSES * each;
  const values = new Float32Array(count * SIDE * SIDE);
  const labels = Array.from({ length: count }, (_, row) => String(row % CLASSES));
  const sources = labels.map((): string => (random() < 0.5 ? 's0' : 's1'));
  for (let row = 0; row < count; row += 1)
    draw(values.subarray(row * SIDE * SIDE, (row + 1) * SIDE * SIDE), row % CLASSES, random);
  const spoilt: number[] = [];
  const first = Math.floor(random() * 20);
  for (let row = first; spoilt.length < (spoil.rows ?? 0); row += 1) {
    if (labels[row] === spoil.label) continue;
    spoilt.push(row);
    labels[row] = spoil.label ?? String((row + 1 + Math.floor(random() * (CLASSES - 1))) % CLASSES);
    if (spoil.source !== undefined) sources[row] = spoil.source;
    const patch = spoil.patch ?? 0;
    const place = (): number => (spoil.moving === true ? Math.floor(random() * (SIDE - patch + 1)) : SIDE - patch);
    stamp(values.subarray(row * SIDE * SIDE, (row + 1) * SIDE * SIDE), patch, place(), place());
  }
  const features: Matrix = { rows: count, columns: SIDE * SIDE, values };
  const input: EnsembleInput = {
    ids: labels.map((_, row) => `r${row}`),
    labels,
    sources,
    features,
    image: { width: SIDE, height: SIDE, channels: 1 },
    seed: 1,
    rules: defaultEnsembleRules(),
    signal: new AbortController().signal,
    progress: () => undefined,
  };
  return { input, spoilt };
}

/** A bar: two classes stand, two lie, each at its own place, moved a little. */
function draw(into: Float32Array, kind: number, random: () => number): void {
  const at = (kind % 2 === 0 ? 3 : 7) + Math.floor(random() * 2);
  const from = 1 + Math.floor(random() * 2);
  for (let along = from; along < from + 8; along += 1)
    for (const [beside, ink] of [
      [0, 0.9],
      [1, 0.6],
    ] as const) {
      const [x, y] = kind < 2 ? [at + beside, along] : [along, at + beside];
      into[y * SIDE + x] = Math.round(100 * (ink + 0.1 * random())) / 100;
    }
}

function stamp(into: Float32Array, patch: number, left: number, top: number): void {
  for (let y = top; y < top + patch; y += 1) for (let x = left; x < left + patch; x += 1) into[y * SIDE + x] = 1;
}
