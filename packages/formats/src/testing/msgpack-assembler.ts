// Writes MessagePack for tests, value by value, with what no library would write: broken counts, keys that stand twice,
// arrays of Flax and msgpack-numpy that are not what they say. Bytes only.

export type Packed =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly Packed[]
  | Extension
  | Pairs
  | { readonly [key: string]: Packed };

export class Extension {
  readonly type: number;
  readonly data: Uint8Array;

  constructor(type: number, data: Uint8Array) {
    this.type = type;
    this.data = data;
  }
}

/** A map with the keys in this order, whatever they are, and perhaps twice. */
export class Pairs {
  readonly entries: readonly (readonly [Packed, Packed])[];

  constructor(...entries: readonly (readonly [Packed, Packed])[]) {
    this.entries = entries;
  }
}

/** A tag byte and a number of 1, 2, 4 or 8 bytes. */
function tagged(tag: number, width: 1 | 2 | 4, value: number): Buffer {
  const bytes = Buffer.alloc(1 + width);
  bytes[0] = tag;
  bytes.writeUIntBE(value, 1, width);
  return bytes;
}

function numberBytes(value: number): Uint8Array {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 32)
    return value < 128 ? Uint8Array.of(value) : tagged(0xce, 4, value);
  if (Number.isInteger(value) && value >= -32 && value < 0) return Uint8Array.of(256 + value);
  const bytes = Buffer.alloc(9);
  bytes[0] = 0xcb;
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

export function msgpack(value: Packed): Uint8Array {
  if (value === null) return Uint8Array.of(0xc0);
  if (typeof value === 'boolean') return Uint8Array.of(value ? 0xc3 : 0xc2);
  if (typeof value === 'number') return numberBytes(value);
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return Buffer.concat([
      bytes.length < 32 ? Uint8Array.of(0xa0 + bytes.length) : tagged(0xdb, 4, bytes.length),
      bytes,
    ]);
  }
  if (value instanceof Uint8Array) return Buffer.concat([tagged(0xc6, 4, value.length), value]);
  if (value instanceof Extension)
    return Buffer.concat([tagged(0xc9, 4, value.data.length), Uint8Array.of(value.type & 255), value.data]);
  if (Array.isArray(value)) {
    const items = value as readonly Packed[];
    const head = items.length < 16 ? Uint8Array.of(0x90 + items.length) : tagged(0xdd, 4, items.length);
    return Buffer.concat([head, ...items.map(msgpack)]);
  }
  const entries = value instanceof Pairs ? value.entries : Object.entries(value as Readonly<Record<string, Packed>>);
  const head = entries.length < 16 ? Uint8Array.of(0x80 + entries.length) : tagged(0xdf, 4, entries.length);
  return Buffer.concat([head, ...entries.flatMap(([key, one]) => [msgpack(key), msgpack(one)])]);
}

/** An array as `flax.serialization` writes it. */
export function flaxArray(shape: readonly number[], dtype: string, data: Uint8Array, type = 1): Extension {
  return new Extension(type, msgpack([shape, dtype, data]));
}

/** An array as msgpack-numpy writes it; of objects with the kind `O`. */
export function numpyArray(kind: string, type: Packed, shape: readonly number[], data: Uint8Array): Pairs {
  const key = (name: string): Packed => Buffer.from(name);
  return new Pairs(
    [key('nd'), true],
    [key('type'), type],
    [key('kind'), Buffer.from(kind)],
    [key('shape'), shape],
    [key('data'), data],
  );
}
