// The description of one NumPy array: shape, order, and the plain fields of an element. Whether it may hold objects, which
// are a pickle, is decided by the scanner's reader (pickle/npy.ts) before anything here looks at it.
import type { Source } from '../bytes/parser.js';
import { parseSource } from '../bytes/parser.js';
import { readNpy } from '../pickle/npy.js';
import type { Literal } from '../pickle/python-literal.js';
import { readPythonLiteral } from '../pickle/python-literal.js';
import { quoted, tableError } from '../table/errors.js';

export interface NpyField {
  /** Empty for an array without named fields. */
  readonly name: string;
  readonly code: string;
  /** Within one element. */
  readonly offset: number;
  readonly kind: 'b' | 'i' | 'u' | 'f' | 'M' | 'S' | 'U';
  /** Bytes; for texts of all characters. */
  readonly width: number;
  readonly bigEndian: boolean;
  /** Of a date: milliseconds of one unit. */
  readonly unitMs: number;
}

export interface NpyArray {
  readonly shape: readonly number[];
  readonly fortran: boolean;
  readonly fields: readonly NpyField[];
  /** Bytes of one element. */
  readonly itemSize: number;
  readonly dataStart: number;
}

const CODE = /^([<>|=]?)(?:([biufM?SU])(\d*))(?:\[(\d*)([A-Za-z]+)\])?$/;
const UNITS: Readonly<Record<string, number>> = {
  W: 604_800_000,
  D: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  ns: 1e-6,
};
const MAX_FIELDS = 100_000;

/** @throws VallumError `TABLE_NPY` for objects, for element types that are no plain values, and for a header that lies */
export async function readArray(source: Source, signal?: AbortSignal): Promise<NpyArray> {
  const report = await parseSource(readNpy(source.size), source, signal);
  if (report.objects)
    throw npyError('it holds Python objects, which only a pickle can hold', 'save it with allow_pickle=False');
  if (report.fault !== undefined) throw npyError(report.fault, 'save it again as plain numbers');
  const head = Buffer.from(await source.read(0, report.dataStart));
  const text = head.toString((head[6] ?? 0) === 3 ? 'utf8' : 'latin1', (head[6] ?? 1) >= 2 ? 12 : 10);
  const header = readPythonLiteral(text);
  const entries = header?.kind === 'dict' ? header.entries : undefined;
  const descr = entries?.get('descr');
  const order = entries?.get('fortran_order');
  const shape = entries?.get('shape');
  if (descr === undefined || order?.kind !== 'word' || order.word === 'None' || shape?.kind !== 'tuple')
    throw npyError('its header is not readable', 'save it again with numpy.save');
  const sides = shape.items.map((side) => (side.kind === 'int' ? side.value : NaN));
  const fields: NpyField[] = [];
  const itemSize = readFields(descr, '', 0, fields);
  const elements = sides.reduce((all, side) => all * side, 1);
  if (!Number.isSafeInteger(elements * itemSize) || itemSize === 0)
    throw npyError('its shape is no shape', 'save it again with numpy.save');
  const bytes = source.size - report.dataStart;
  if (elements * itemSize !== bytes)
    throw npyError(
      `its header announces ${elements * itemSize} bytes of data and there are ${bytes}`,
      'fetch the file again',
    );
  const fortran = order.word === 'True' && sides.length > 1;
  return { shape: sides, fortran, fields, itemSize, dataStart: report.dataStart };
}

export function npyError(why: string, fix: string): Error {
  return tableError('TABLE_NPY', `the array cannot be read: ${why}`, fix);
}

/** @returns bytes of the element */
function readFields(descr: Literal, name: string, offset: number, fields: NpyField[]): number {
  if (fields.length >= MAX_FIELDS)
    throw npyError(`an element has more than ${MAX_FIELDS} fields`, 'save a plain array');
  if (descr.kind === 'text') {
    const field = readField(descr.text, name, offset);
    fields.push(field);
    return field.width;
  }
  if (descr.kind !== 'list') throw npyError('its element type is not known', 'save a plain array');
  let size = 0;
  for (const item of descr.items) {
    const [title, type, sides] = item.kind === 'tuple' ? item.items : [];
    const key = title?.kind === 'tuple' ? title.items[1] : title;
    if (key?.kind !== 'text' || type === undefined)
      throw npyError('its element type is not known', 'save a plain array');
    const path = name === '' ? key.text : `${name}.${key.text}`;
    const times =
      sides?.kind === 'tuple' ? sides.items.reduce((all, s) => all * (s.kind === 'int' ? s.value : NaN), 1) : 1;
    if (!(times >= 0 && times <= MAX_FIELDS)) throw npyError('a field has too many values', 'save a plain array');
    for (let at = 0; at < times; at++)
      size += readFields(type, sides === undefined ? path : `${path}.${at}`, offset + size, fields);
  }
  return size;
}

function readField(code: string, name: string, offset: number): NpyField {
  const match = CODE.exec(code);
  const letter = match?.[2] === '?' ? 'b' : match?.[2];
  const width = match?.[2] === '?' ? 1 : Number(match?.[3] ?? NaN) * (letter === 'U' ? 4 : 1);
  const unit = letter === 'M' ? UNITS[match?.[5] ?? ''] : 1;
  const plain =
    (letter === 'b' && width === 1) ||
    ((letter === 'i' || letter === 'u') && [1, 2, 4, 8].includes(width)) ||
    (letter === 'f' && [2, 4, 8].includes(width)) ||
    (letter === 'M' && width === 8 && unit !== undefined) ||
    ((letter === 'S' || letter === 'U') && width <= 1024 * 1024);
  if (match === null || !plain)
    throw npyError(`its element type ${quoted(code)} is not read`, 'save plain numbers, booleans, dates or texts');
  const kind = letter;
  const unitMs = (unit ?? 1) * Number(match[4] === undefined || match[4] === '' ? 1 : match[4]);
  return { name, code, offset, kind, width, bigEndian: match[1] === '>', unitMs };
}
