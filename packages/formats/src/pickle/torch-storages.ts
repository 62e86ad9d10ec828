// The storages of torch: what a persistent id says of one, and how the legacy format lays them out behind its five pickles.
// Layout: torch/serialization.py, _legacy_save: magic number, protocol, system, object, keys, then for each key in sorted
// order its number of elements in 8 bytes and the elements.
import type { Value } from './values.js';

export interface TorchStorage {
  readonly key: string;
  /** Bytes of one element, undefined for a type that is not known. */
  readonly width: number | undefined;
  /** Elements that the id announces; undefined for a number beyond any file. */
  readonly count: number | undefined;
}

/** PROTO n, LONG1 with 0x1950a86a20f9469cfc6c, STOP. */
const MAGIC = Buffer.from('8a0a6cfc9c46f9206aa850192e', 'hex');

const WIDTHS: Readonly<Record<string, number>> = {
  Bool: 1,
  Byte: 1,
  Char: 1,
  QInt8: 1,
  QUInt8: 1,
  QUInt4x2: 1,
  QUInt2x4: 1,
  Untyped: 1,
  Half: 2,
  BFloat16: 2,
  Short: 2,
  Float: 4,
  Int: 4,
  QInt32: 4,
  Double: 8,
  Long: 8,
  ComplexFloat: 8,
  ComplexDouble: 16,
};

/** Bytes of one element of `FloatStorage` and the like; undefined for other names. */
export function storageWidth(name: string): number | undefined {
  const kind = /^_?([A-Za-z0-9]+)Storage$/.exec(name)?.[1];
  return kind !== undefined && Object.hasOwn(WIDTHS, kind) ? WIDTHS[kind] : undefined;
}

/** The storage that a persistent id `('storage', type, key, location, count, ...)` names. */
export function readStorage(id: Value): TorchStorage | undefined {
  if (id.kind !== 'tuple' || id.size < 5) return undefined;
  const [tag, type, key, , count] = id.items;
  if (tag?.kind !== 'text' || tag.text !== 'storage' || type?.kind !== 'global' || key?.kind !== 'text')
    return undefined;
  return { key: key.text, width: storageWidth(type.name), count: count?.kind === 'int' ? count.value : undefined };
}

/** True for the first bytes of a legacy torch file. */
export function isLegacyTorch(head: Uint8Array): boolean {
  return head[0] === 0x80 && Buffer.compare(head.subarray(2, 2 + MAGIC.length), MAGIC) === 0;
}
