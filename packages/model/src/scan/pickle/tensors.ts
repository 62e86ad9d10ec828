// Tensors as torch rebuilds them: a storage, an offset, a size and a stride, all written by whoever wrote the file. The
// numbers must stay within what the storage announces; loaders that believed them read and wrote outside of it.
import type { Value } from '@vallum/formats';
import { storageWidth } from '@vallum/formats';

/** Functions of `torch._utils` that take `(storage, offset, size, stride, ...)`. */
const REBUILDS: ReadonlySet<string> = new Set(
  ['_rebuild_tensor', '_rebuild_tensor_v2', '_rebuild_tensor_v3', '_rebuild_qtensor'].map(
    (name) => `torch._utils:${name}`,
  ),
);
const V3 = 'torch._utils:_rebuild_tensor_v3';
/** Bytes of one element by the name of a dtype that has no storage type of its own. */
const DTYPE_WIDTH = /^(?:uint|int|float|complex|bfloat)(\d+)/;

/** What is wrong with the numbers, or undefined. */
export function tensorFault(callee: string, args: Value): string | undefined {
  if (!REBUILDS.has(callee) || args.kind !== 'tuple') return undefined;
  const [storage, offsetValue, size, stride] = args.items;
  if (storage?.kind !== 'persistent' || storage.id.kind !== 'tuple') return undefined;
  const [, type, , , count] = storage.id.items;
  const held = natural(count);
  const offset = natural(offsetValue);
  if (held === undefined) return 'its storage has an impossible number of elements';
  if (offset === undefined) return 'its offset is negative or beyond any storage';
  if (size?.kind !== 'tuple' || stride?.kind !== 'tuple') return 'its size or stride is no tuple';
  if (size.size !== stride.size) return `it has ${size.size} sides and ${stride.size} strides`;
  if (size.size !== size.items.length) return `it has ${size.size} sides`;
  let last = offset;
  let empty = false;
  for (const [index, side] of size.items.entries()) {
    const length = natural(side);
    const step = natural(stride.items[index]);
    if (length === undefined || step === undefined) return 'a side or stride is negative or no number';
    empty ||= length === 0;
    last += (length - 1) * step;
  }
  const capacity = held * unit(callee, type, args.items[6]);
  if (empty || last < capacity) return undefined;
  return `it reaches element ${last} of a storage of ${Math.floor(capacity)}`;
}

/** Elements of the tensor in one element of the storage: not 1 only where an untyped storage counts bytes. */
function unit(callee: string, type: Value | undefined, dtype: Value | undefined): number {
  if (callee !== V3 || type?.kind !== 'global' || dtype?.kind !== 'global') return 1;
  const bits = DTYPE_WIDTH.exec(dtype.name)?.[1];
  return bits === undefined ? 1 : (storageWidth(type.name) ?? 1) / Math.max(1, Math.floor(Number(bits) / 8));
}

function natural(value: Value | undefined): number | undefined {
  return value?.kind === 'int' && value.value !== undefined && value.value >= 0 ? value.value : undefined;
}
