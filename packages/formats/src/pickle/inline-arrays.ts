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
  if (/^[<>|=]?O8?$/.test(code.text)) return { padded: false, content: { kind: 'pickle' } };
  let bytes = itemBytes(code.text, dtype.state);
  if (bytes === undefined) return undefined;
  for (const side of shape.items) {
    if (side.kind !== 'int' || side.value === undefined || side.value < 0) return undefined;
    bytes *= side.value;
    if (bytes > LONG_SIDE) return undefined;
  }
  return { padded, content: { kind: 'raw', bytes } };
}

/** Bytes of one element. Texts and records take their size from the state, which must agree with the code. */
function itemBytes(code: string, state: Value | undefined): number | undefined {
  const match = SIMPLE_DTYPE.exec(code);
  if (match === null) return undefined;
  const bytes = Number(match[1] === '' ? 1 : match[1]) * (code.includes('U') ? 4 : 1);
  if (!/[SUV]/.test(code) || state === undefined) return bytes;
  const size = state.kind === 'tuple' ? state.items[5] : undefined;
  return size?.kind === 'int' && size.value === bytes ? bytes : undefined;
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
