// An array of NumPy as one matrix in memory: features, activations, probabilities. All dimensions behind the first are
// columns.
import type { Source } from '../bytes/parser.js';
import { tableError } from '../table/errors.js';
import { TABLE_DEFAULTS } from '../table/limits.js';
import { RowReader } from './array-columns.js';
import { npyError } from './array.js';
import { openArray, openArrays } from './arrays-of.js';
import { numberAt } from './values.js';

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Row by row; 32 bits where the file has no more. */
  readonly values: Float32Array | Float64Array;
}

export interface MatrixOptions {
  /** The array of an .npz that holds several. */
  readonly array?: string;
  /** Of the matrix in memory; default 2 GiB. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

const BLOCK = 1024 * 1024;

/** @throws VallumError `TABLE_NPY` (records, texts, integers that a double does not hold), `TABLE_NPZ`, `TABLE_LIMIT` */
export async function readMatrix(source: Source, options: MatrixOptions = {}): Promise<Matrix> {
  const head = await source.read(0, 4);
  const open = Buffer.from(head).toString('latin1').startsWith('PK')
    ? await theArray(source, options)
    : await openArray(source, options.signal);
  const [field, ...more] = open.array.fields;
  if (field === undefined || more.length > 0 || !['b', 'i', 'u', 'f'].includes(field.kind))
    throw npyError('a matrix has numbers of one type', 'save the features alone');
  const { rows, cells: columns } = open;
  const single = field.kind === 'f' && field.width <= 4;
  const maxBytes = options.maxBytes ?? 2 * 1024 ** 3;
  if (rows * columns * (single ? 4 : 8) > maxBytes)
    throw tableError(
      'TABLE_LIMIT',
      `a matrix of ${rows} x ${columns} needs more than ${maxBytes} bytes`,
      'take a sample of its rows',
    );
  const values = single ? new Float32Array(rows * columns) : new Float64Array(rows * columns);
  const rounded = (): void => {
    throw npyError('it has integers that a double does not hold', 'save it as float64');
  };
  const reader = new RowReader(open);
  const block = open.array.fortran ? rows : Math.max(1, Math.floor(BLOCK / Math.max(1, columns)));
  for (let start = 0; start < rows; start += block) {
    const count = Math.min(block, rows - start);
    await reader.load(start, count);
    for (let column = 0; column < columns; column++) {
      options.signal?.throwIfAborted();
      const { data, at, step } = await reader.cell(column, count);
      for (let row = 0; row < count; row++)
        values[(start + row) * columns + column] = numberAt(data, at + row * step, field, rounded);
    }
  }
  return { rows, columns, values };
}

async function theArray(source: Source, options: MatrixOptions): ReturnType<typeof openArray> {
  const arrays = await openArrays(source, TABLE_DEFAULTS.maxUnpackedBytes, options.array, options.signal);
  const [only, ...more] = [...arrays.values()];
  if (only === undefined || more.length > 0)
    throw tableError(
      'TABLE_NPZ',
      `it holds ${arrays.size} arrays: ${[...arrays.keys()].slice(0, 8).join(', ').slice(0, 200)}`,
      'name one array',
    );
  return only;
}
