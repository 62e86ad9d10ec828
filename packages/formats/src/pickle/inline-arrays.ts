// joblib writes an array's bytes straight into the pickle stream, behind the wrapper object that describes it. A reader
// that does not know this takes array bytes for opcodes; so the stream is read both ways, and this file is joblib's way.
// Layout: joblib/numpy_pickle.py, NumpyArrayWrapper.read_array.
import type { Value } from './values.js';

const INLINE_MODULE = 'joblib.numpy_pickle';
const INLINE_CLASS = 'NumpyArrayWrapper';

const SIMPLE_DTYPE = /^[<>|=]?[biufcmMSUV?](\d{0,9})$/;
const LONG_SIDE = 2 ** 48;

/** `raw` bytes to skip, a nested pickle for arrays of objects, or undefined when the wrapper does not say. */
export interface InlineArray {
  readonly padded: boolean;
  readonly content: { readonly kind: 'raw'; readonly bytes: number } | { readonly kind: 'pickle' };
}

export function readInlineArray(entries: ReadonlyMap<string, Value>): InlineArray | undefined {
  const shape = entries.get('shape');
  const dtype = entries.get('dtype');
  if (shape?.kind !== 'tuple' || shape.size !== shape.items.length || dtype?.kind !== 'result') return undefined;
  const code = dtype.args.kind === 'tuple' ? dtype.args.items[0] : undefined;
  if (code?.kind !== 'text') return undefined;
  const padded = entries.get('numpy_array_alignment_bytes')?.kind === 'int';
  if (/^[<>|=]?O8?$/.test(code.text)) return { padded: false, content: { kind: 'pickle' } };
  const match = SIMPLE_DTYPE.exec(code.text);
  if (match === null) return undefined;
  let bytes = Number(match[1] === '' ? 1 : match[1]) * (code.text.includes('U') ? 4 : 1);
  for (const side of shape.items) {
    if (side.kind !== 'int' || side.value === undefined || side.value < 0) return undefined;
    bytes *= side.value;
    if (bytes > LONG_SIDE) return undefined;
  }
  return { padded, content: { kind: 'raw', bytes } };
}

/** True for an object of joblib's wrapper class, however it was built. */
export function isInlineWrapper(value: Value): boolean {
  const made = value.kind === 'instance' ? value.of : value.kind === 'result' ? reconstructed(value.args) : undefined;
  return made?.kind === 'global' && made.module === INLINE_MODULE && made.name === INLINE_CLASS;
}

/** `copyreg._reconstructor(cls, base, state)`: protocol 0 and 1 build objects so. */
function reconstructed(args: Value): Value | undefined {
  return args.kind === 'tuple' ? args.items[0] : undefined;
}
