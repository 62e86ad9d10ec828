// Cuts a request into its rows, as the kind of route reads them.
import type { Inspected, InputTensor, NumberArray } from '../../protocol/inspected.js';
import type { Range } from './scale.js';
import type { Cell } from './table.js';

/** Cells of a row that are looked at, over all inputs. */
const MOST_CELLS = 65_536;

/** Elements of one row of an input, or undefined when it has no rows of its own. */
function rowSize({ shape }: InputTensor, rows: number): number | undefined {
  if (shape.length === 0 || shape[0] !== rows || rows === 0) return undefined;
  return shape.slice(1).reduce((product, size) => product * size, 1);
}

export interface NumberRow {
  readonly tensor: InputTensor;
  readonly numbers: NumberArray;
  /** Without the batch dimension. */
  readonly shape: readonly number[];
}

/** The largest input of numbers decides: smaller ones beside it are lengths, masks or settings. */
export function numberRow({ inputs, rows }: Inspected, row: number): NumberRow | undefined {
  let tensor: InputTensor | undefined;
  for (const input of inputs)
    if (input.numbers !== undefined && input.numbers.length > (tensor?.numbers?.length ?? 0)) tensor = input;
  if (tensor?.numbers === undefined) return undefined;
  const size = rowSize(tensor, rows);
  if (size === undefined || size === 0) return { tensor, numbers: tensor.numbers, shape: tensor.shape };
  const numbers = tensor.numbers.subarray(row * size, (row + 1) * size);
  return { tensor, numbers, shape: tensor.shape.slice(1) };
}

/** Values of all columns; a range is looked up by column, and by `column[i]` where an input has several. */
export function cellsOf({ inputs, rows }: Inspected, row: number, ranges: ReadonlyMap<string, Range>): readonly Cell[] {
  const cells: Cell[] = [];
  const rangeOf = (input: InputTensor, size: number, i: number): Range | undefined =>
    ranges.size === 0
      ? undefined
      : (ranges.get(size === 1 ? input.name : `${input.name}[${i}]`) ?? ranges.get(input.name));
  for (const input of inputs) {
    const values = input.numbers ?? input.texts ?? [];
    const size = rowSize(input, rows) ?? values.length;
    const begin = rowSize(input, rows) === undefined ? 0 : row * size;
    for (let i = 0; i < size && cells.length < MOST_CELLS; i += 1) {
      const value = values[begin + i];
      if (value === undefined) break;
      cells.push({ value, range: rangeOf(input, size, i) });
    }
  }
  return cells;
}

/** Texts of the row, or all of them where the request is one conversation. */
export function textOf({ inputs, rows }: Inspected, row: number): string {
  const parts: string[] = [];
  for (const input of inputs) {
    const texts = input.texts ?? [];
    const size = rowSize(input, rows);
    parts.push(...(size === undefined ? texts : texts.slice(row * size, (row + 1) * size)));
  }
  return parts.join('\n');
}
