// NumPy's .npy: a header that describes one array, then its bytes - or, for arrays of objects, a pickle (CVE-2019-6446).
// Layout: numpy/lib/format.py. The header is a Python literal that the attacker writes, and NumPy takes many spellings of an
// element type ('object', 'V8,O', '\x7cO'): only those that are plain beyond doubt count as numbers.
import type { Parser } from '../bytes/parser.js';
import { isObjectCode, readDtypeCode } from './dtype-code.js';
import type { Literal } from './python-literal.js';
import { readPythonLiteral } from './python-literal.js';

export interface NpyReport {
  readonly dtype: string;
  readonly dataStart: number;
  /** Bytes of data that the header announces; set where elements are plain numbers or texts. */
  readonly dataBytes?: number;
  /** The data is a pickle. */
  readonly objects: boolean;
  /** Why nobody can say what the data is; from `dataStart` on it may be a pickle. */
  readonly fault?: string;
}

const MAX_HEADER = 1024 * 1024;

export function* readNpy(size: number): Parser<NpyReport> {
  const head = Buffer.from(yield { offset: 0, length: 12 });
  if (head.length < 12) return broken('it is shorter than its header');
  const version = head[6] ?? 0;
  if (version < 1 || version > 3) return broken(`version ${version} of the format is not known`);
  const wide = version >= 2;
  const length = wide ? head.readUInt32LE(8) : head.readUInt16LE(8);
  const dataStart = (wide ? 12 : 10) + length;
  if (length > MAX_HEADER || dataStart > size) return broken('its header does not fit');
  const bytes = Buffer.from(yield { offset: wide ? 12 : 10, length });
  const header = readPythonLiteral(bytes.toString(version === 3 ? 'utf8' : 'latin1'));
  if (header?.kind !== 'dict') return broken('its header is not readable', dataStart);
  const descr = header.entries.get('descr');
  const elements = product(header.entries.get('shape'));
  if (descr === undefined || elements === undefined || header.entries.size !== 3)
    return broken('its header is not readable', dataStart);
  const dtype = descr.kind === 'text' ? descr.text.slice(0, 64) : 'a record';
  const width = widthOf(descr);
  if (width === undefined) return broken('its element type is not known to be plain numbers', dataStart);
  if (width === 'objects') return { dtype, dataStart, objects: true };
  return { dtype, dataStart, objects: false, dataBytes: elements * width };
}

/** Bytes of one element; a field with objects makes objects of all, and one in doubt makes all doubtful. */
function widthOf(descr: Literal): number | 'objects' | undefined {
  if (descr.kind === 'text') return isObjectCode(descr.text) ? 'objects' : readDtypeCode(descr.text)?.bytes;
  if (descr.kind !== 'list' || descr.items.length === 0) return undefined;
  let sum = 0;
  let objects = false;
  for (const field of descr.items) {
    if (field.kind !== 'tuple' || field.items.length < 2 || field.items.length > 3) return undefined;
    const [name, type, shape] = field.items;
    const width = type === undefined ? undefined : widthOf(type);
    const times = shape === undefined ? 1 : product(shape);
    if (name === undefined || !isName(name) || width === undefined || times === undefined) return undefined;
    if (width === 'objects') objects = true;
    else sum += width * times;
  }
  return objects ? 'objects' : sum;
}

/** A name, or a title and a name. */
function isName(name: Literal): boolean {
  if (name.kind !== 'tuple') return name.kind === 'text';
  return name.items.length === 2 && name.items.every(({ kind }) => kind === 'text');
}

function product(shape: Literal | undefined): number | undefined {
  if (shape?.kind !== 'tuple') return undefined;
  let elements = 1;
  for (const side of shape.items) {
    if (side.kind !== 'int') return undefined;
    elements *= side.value;
  }
  return elements;
}

function broken(fault: string, dataStart = 0): NpyReport {
  return { dtype: '', dataStart, objects: false, fault };
}
