// Writes FlatBuffers by hand, for tests: a TFLite model of the parts that a scanner looks at. Each object stands behind
// the one that points at it, because offsets only lead forward.
import { tfNode } from './tensorflow-assembler.js';

export type Flat =
  | { readonly number: number; readonly bytes: 1 | 4 | 8 }
  | { readonly text: string }
  | { readonly raw: Uint8Array }
  | { readonly integers: readonly number[] }
  | { readonly texts: readonly string[] }
  | { readonly tables: readonly FlatTable[] }
  | { readonly table: FlatTable };

/** Fields by their number. */
export type FlatTable = Readonly<Record<number, Flat>>;

export function flatBuffer(root: FlatTable, identifier: string): Uint8Array {
  const writer = new Writer();
  writer.number(0, 4);
  writer.bytes(Buffer.from(identifier));
  writer.point(0, () => writer.table(root));
  return writer.done();
}

class Writer {
  #bytes = Buffer.alloc(0);

  done(): Uint8Array {
    return this.#bytes;
  }

  bytes(bytes: Uint8Array): number {
    const at = this.#bytes.length;
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    return at;
  }

  number(value: number, length: 1 | 4 | 8): number {
    const bytes = Buffer.alloc(length);
    if (length === 8) bytes.writeBigUInt64LE(BigInt(value));
    else bytes.writeIntLE(value > 0x7fffffff ? value - 2 ** 32 : value, 0, length);
    return this.bytes(bytes);
  }

  /** Writes an object at the end and the offset to it at `at`. */
  point(at: number, write: () => number): void {
    const target = write();
    this.#bytes.writeUInt32LE(target - at, at);
  }

  table(table: FlatTable): number {
    const numbers = Object.keys(table).map(Number);
    const count = Math.max(-1, ...numbers) + 1;
    const offsets = new Array<number>(count).fill(0);
    let size = 4;
    for (const number of numbers) {
      offsets[number] = size;
      const value = table[number];
      size += value !== undefined && 'number' in value ? value.bytes : 4;
    }
    const vtable = Buffer.alloc(4 + count * 2);
    vtable.writeUInt16LE(vtable.length, 0);
    vtable.writeUInt16LE(size, 2);
    for (const [index, offset] of offsets.entries()) vtable.writeUInt16LE(offset, 4 + index * 2);
    this.bytes(vtable);
    const at = this.number(vtable.length, 4);
    const later: [number, Flat][] = [];
    for (const number of numbers) {
      const value = table[number];
      if (value === undefined) continue;
      if ('number' in value) this.number(value.number, value.bytes);
      else later.push([this.number(0, 4), value]);
    }
    for (const [place, value] of later) this.point(place, () => this.#object(value));
    return at;
  }

  #object(value: Flat): number {
    if ('table' in value) return this.table(value.table);
    if ('text' in value) return this.#vector(Buffer.from(`${value.text}\0`), Buffer.byteLength(value.text));
    if ('raw' in value) return this.#vector(value.raw, value.raw.length);
    if ('integers' in value) {
      const at = this.number(value.integers.length, 4);
      for (const one of value.integers) this.number(one, 4);
      return at;
    }
    if ('texts' in value) {
      const at = this.number(value.texts.length, 4);
      const places = value.texts.map(() => this.number(0, 4));
      for (const [index, place] of places.entries())
        this.point(place, () => this.#object({ text: value.texts[index] ?? '' }));
      return at;
    }
    if (!('tables' in value)) return this.number(0, 4);
    const at = this.number(value.tables.length, 4);
    const places = value.tables.map(() => this.number(0, 4));
    for (const [index, place] of places.entries()) this.point(place, () => this.table(value.tables[index] ?? {}));
    return at;
  }

  #vector(bytes: Uint8Array, length: number): number {
    const at = this.number(length, 4);
    this.bytes(bytes);
    return at;
  }
}

const CUSTOM = 32;

export interface LiteOperator {
  /** Number of a built-in operator, or the name of a custom one. */
  readonly code: number | string;
  readonly inputs?: readonly number[];
  readonly outputs?: readonly number[];
  readonly options?: Uint8Array;
}

export interface LiteParts {
  readonly operators?: readonly LiteOperator[];
  /** Index of the buffer of each tensor of two floats. */
  readonly tensors?: readonly number[];
  readonly buffers?: readonly FlatTable[];
  readonly external?: readonly string[];
  readonly metadata?: readonly { readonly name: string; readonly buffer: number }[];
  readonly inputs?: readonly number[];
}

const u32 = (number: number): Flat => ({ number, bytes: 4 });

export function tflite(parts: LiteParts = {}): Uint8Array {
  const operators = parts.operators ?? [{ code: 0 }];
  const codes = operators.map(({ code }): FlatTable => {
    const custom: FlatTable = typeof code === 'string' ? { 1: { text: code } } : {};
    const number = typeof code === 'string' ? CUSTOM : code;
    return { 0: { number, bytes: 1 }, ...custom, 3: u32(number) };
  });
  const nodes = operators.map(({ inputs = [0], outputs = [1], options }, index): FlatTable => ({
    0: u32(index),
    1: { integers: inputs },
    2: { integers: outputs },
    ...(options === undefined ? {} : { 5: { raw: options } }),
  }));
  const tensors = (parts.tensors ?? [1, 0]).map((buffer, index): FlatTable => ({
    0: { integers: [2] },
    1: { number: 0, bytes: 1 },
    2: u32(buffer),
    3: { text: `t${index}` },
  }));
  const subgraph: FlatTable = {
    0: { tables: tensors },
    1: { integers: parts.inputs ?? [0] },
    2: { integers: [1] },
    3: { tables: nodes },
  };
  const metadata = (parts.metadata ?? []).map(({ name, buffer }): FlatTable => ({ 0: { text: name }, 1: u32(buffer) }));
  const external = (parts.external ?? []).map((name): FlatTable => ({ 0: { text: name } }));
  return flatBuffer(
    {
      0: u32(3),
      1: { tables: codes },
      2: { tables: [subgraph] },
      3: { text: 'test' },
      4: { tables: parts.buffers ?? [{}, { 0: { raw: new Uint8Array(8) } }] },
      6: { tables: metadata },
      ...(external.length === 0 ? {} : { 8: { tables: external } }),
    },
    'TFL3',
  );
}

/** The options of a Flex operator: a FlexBuffer of the name and the definition, which must be short here. */
export function flexOptions(op: string, definition: Uint8Array = tfNode('node', op)): Uint8Array {
  const text = (bytes: Uint8Array): Uint8Array => Buffer.concat([Uint8Array.of(bytes.length), bytes, Uint8Array.of(0)]);
  const first = text(Buffer.from(op));
  const second = text(definition);
  const vector = first.length + second.length + 1;
  const offsets = [vector - 1, vector + 1 - (first.length + 1)];
  const type = (5 << 2) | 0;
  return Buffer.concat([first, second, Uint8Array.of(2, ...offsets, type, type), Uint8Array.of(4, (10 << 2) | 0, 1)]);
}

/** An operator of TensorFlow inside TFLite. */
export function flexOperator(op: string, runs = op): LiteOperator {
  return { code: `Flex${op}`, options: flexOptions(runs) };
}
