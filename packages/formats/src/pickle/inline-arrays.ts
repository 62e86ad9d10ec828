// joblib writes an array's bytes straight into the pickle stream, behind the wrapper object that describes it. A reader
// that does not know this takes array bytes for opcodes; so the stream is read both ways, and this file is joblib's way.
// Layout: joblib/numpy_pickle.py, NumpyArrayWrapper.read_array.
import { isObjectCode, readDtypeCode } from './dtype-code.js';
import type { Value } from './values.js';

const INLINE_MODULE = 'joblib.numpy_pickle';
const INLINE_CLASS = 'NumpyArrayWrapper';

/** NPY_ITEM_REFCOUNT in numpy/ndarraytypes.h: elements hold Python objects. */
const HAS_OBJECTS = 1;
const LONG_SIDE = 2 ** 48;

/** `raw` bytes to skip, a nested pickle for arrays of objects, or undefined when the wrapper does not say. */
export interface InlineArray {
  readonly padded: boolean;
  readonly content: { readonly kind: 'raw'; readonly bytes: number } | { readonly kind: 'pickle' };
}

/** Undefined where the state does not say beyond doubt how long the array is: guessing wrong would hide opcodes. */
export function readInlineArray(wrapper: Value): InlineArray | undefined {
  if (wrapper.kind !== 'dict' || !wrapper.whole || wrapper.entries === undefined) return undefined;
  const { entries } = wrapper;
  const shape = entries.get('shape');
  const dtype = entries.get('dtype');
  if (shape?.kind !== 'tuple' || shape.size !== shape.items.length || dtype?.kind !== 'result') return undefined;
  const code = dtype.args.kind === 'tuple' && isDtype(dtype.callee) ? dtype.args.items[0] : undefined;
  if (code?.kind !== 'text') return undefined;
  const alignment = entries.get('numpy_array_alignment_bytes');
  if (alignment !== undefined && alignment.kind !== 'int' && alignment.kind !== 'none') return undefined;
  const padded = alignment?.kind === 'int';
  const element = readElement(code.text, dtype.state);
  if (element === undefined) return undefined;
  if (element === 'objects') return { padded: false, content: { kind: 'pickle' } };
  let bytes = element;
  for (const side of shape.items) {
    if (side.kind !== 'int' || side.value === undefined || side.value < 0) return undefined;
    bytes *= side.value;
    if (bytes > LONG_SIDE) return undefined;
  }
  return { padded, content: { kind: 'raw', bytes } };
}

/**
 * Bytes of one element, or `objects`. NumPy does not work out whether a type holds objects: it believes the flags of the
 * state (`arraydescr_setstate`, since version 3 of the state), whatever the code and the fields say; and so does joblib.
 */
function readElement(code: string, state: Value | undefined): number | 'objects' | undefined {
  const coded = isObjectCode(code) ? 'objects' : readDtypeCode(code);
  if (state === undefined) return typeof coded === 'object' ? coded.bytes : coded;
  if (coded === undefined || state.kind !== 'tuple' || (state.size !== 8 && state.size !== 9)) return undefined;
  const [version, , subtype, , , size, , flags] = state.items;
  if (version?.kind !== 'int' || (version.value !== 3 && version.value !== 4) || subtype?.kind !== 'none')
    return undefined;
  if (flags?.kind !== 'int' || flags.value === undefined || Math.abs(flags.value) > 0xffff) return undefined;
  if ((flags.value & HAS_OBJECTS) !== 0) return 'objects';
  // Objects that are said to be none: no writer says so.
  if (coded === 'objects') return undefined;
  if (!coded.sized) return coded.bytes;
  return size?.kind === 'int' && size.value === coded.bytes ? coded.bytes : undefined;
}

export function isDtype(callee: Value): boolean {
  return callee.kind === 'global' && callee.module === 'numpy' && callee.name === 'dtype';
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
