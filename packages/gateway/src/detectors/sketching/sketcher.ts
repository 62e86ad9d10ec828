// From an inspected request to sketches of its rows. Runs in the worker, after the answer went out.
import type { Inspected } from '../../protocol/inspected.js';
import type { RowSketch } from '../sketch.js';
import { Layouts } from './blocks.js';
import { hashKey, mixWord } from './keyed-hash.js';
import { cellsOf, numberRow, textOf } from './rows.js';
import { scaleOf } from './scale.js';
import type { Range } from './scale.js';
import { sketchTableRow } from './table.js';
import { TensorSketch } from './tensor.js';
import { sketchText } from './text.js';

/** Rows of one request that are sketched; of a larger batch these are drawn, and each stands for several. */
export const MOST_ROWS = 16;

export interface SketcherOptions {
  readonly kind: 'tensor' | 'table' | 'text';
  /** Of this gateway, at least 16 random bytes, the same in all its workers. Who has it can aim at fingerprints. */
  readonly secret: Uint8Array;
  /** Learned ranges by name of input or column. */
  readonly ranges?: ReadonlyMap<string, Range>;
}

/** @returns nothing for a request without values of the kind */
export type Sketcher = (inspected: Inspected) => readonly RowSketch[];

export function makeSketcher({ kind, secret, ranges }: SketcherOptions): Sketcher {
  const key = hashKey(secret);
  const layouts = new Layouts();
  const tensors = new TensorSketch(key);
  const known: ReadonlyMap<string, Range> = ranges ?? new Map<string, Range>();
  let turn = 0;

  const one = (inspected: Inspected, row: number): Omit<RowSketch, 'row' | 'rows'> | undefined => {
    if (kind === 'text') {
      const text = textOf(inspected, row);
      return text === '' ? undefined : sketchText(key, text);
    }
    if (kind === 'table') {
      const cells = cellsOf(inspected, row, known);
      return cells.length === 0 ? undefined : sketchTableRow(key, cells);
    }
    const found = numberRow(inspected, row);
    if (found === undefined || found.numbers.length === 0) return undefined;
    const { tensor, numbers, shape } = found;
    const scale = scaleOf(numbers, tensor.datatype, known.get(tensor.name));
    return tensors.of(numbers, scale, layouts.of(shape, numbers.length));
  };

  return (inspected) => {
    const rows = Math.max(1, inspected.rows);
    const drawn = Math.min(MOST_ROWS, rows);
    const sketches: RowSketch[] = [];
    for (let i = 0; i < drawn; i += 1) {
      // Where in its share a row is drawn depends on the secret: nobody can hide rows between those that are looked at.
      turn = (turn + 1) >>> 0;
      const place = rows === drawn ? 0 : mixWord(key, turn) / 2 ** 32;
      const row = Math.min(rows - 1, Math.floor(((i + place) * rows) / drawn));
      const sketch = one(inspected, row);
      if (sketch !== undefined) sketches.push({ row, rows: rows / drawn, ...sketch });
    }
    return sketches;
  };
}
