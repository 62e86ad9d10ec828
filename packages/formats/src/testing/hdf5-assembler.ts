// Writes HDF5 files byte by byte, for tests: superblock 0, object headers of version 1, links as messages. Old structures
// have no checksums, so that one byte can be changed and the file still be read by the real library.

/** Text is kept in a global heap, as h5py does; bytes are a text of fixed length, as PyTables does. */
export type AttributeValue = string | Uint8Array;

export interface GroupParts {
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly links?: Readonly<Record<string, Hdf5Node>>;
}

export interface DatasetParts {
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Default: bytes as numbers. */
  readonly type?: 'numbers' | 'floats' | 'opaque' | 'objects';
  /** Default: as many as there are in `data`. */
  readonly dims?: readonly number[];
  /** One run of bytes; for `objects`, each element of variable length. */
  readonly data?: Uint8Array | readonly Uint8Array[];
  /** Where the data is said to lie. */
  readonly address?: number;
  /** The data lies in this file. */
  readonly externalFile?: string;
  /** The dataset is put together from this file. */
  readonly virtualFile?: string;
}

export type Hdf5Node =
  | ({ readonly kind: 'group' } & GroupParts)
  | ({ readonly kind: 'dataset' } & DatasetParts)
  | { readonly kind: 'soft'; readonly path: string }
  | { readonly kind: 'external'; readonly file: string; readonly path: string }
  | { readonly kind: 'user'; readonly type: number }
  /** A link back to the root. */
  | { readonly kind: 'root' };

export const group = (parts: GroupParts = {}): Hdf5Node => ({ kind: 'group', ...parts });
export const dataset = (parts: DatasetParts = {}): Hdf5Node => ({ kind: 'dataset', ...parts });
export const externalLink = (file: string, path = '/'): Hdf5Node => ({ kind: 'external', file, path });

export interface FileParts extends GroupParts {
  /** Bytes before the superblock; their length must be 512, 1024 and so on. */
  readonly userBlock?: Uint8Array;
  readonly trailing?: Uint8Array;
}

const ROOT = 96;
const ROOT_SPACE = 4096;
const NOTHING = Buffer.alloc(8, 0xff);

export function hdf5(parts: FileParts = {}): Uint8Array {
  const writer = new Writer();
  const header = writer.header(writer.groupMessages(parts));
  if (header.length > ROOT_SPACE) throw new Error('the root has too many links for this assembler');
  const base = parts.userBlock?.length ?? 0;
  const body = writer.bytes(header);
  const eof = base + body.length + ROOT;
  const superblock = Buffer.concat([
    Buffer.from('894844460d0a1a0a', 'hex'),
    Buffer.from([0, 0, 0, 0, 0, 8, 8, 0]),
    u16(4),
    u16(16),
    u32(0),
    u64(base),
    NOTHING,
    u64(eof),
    NOTHING,
    u64(0),
    u64(ROOT),
    Buffer.alloc(24),
  ]);
  return Buffer.concat([parts.userBlock ?? Buffer.alloc(0), superblock, body, parts.trailing ?? Buffer.alloc(0)]);
}

class Writer {
  // The root's header comes first, so that a link can lead back to it.
  #blocks: Buffer[] = [];
  #at = ROOT + ROOT_SPACE;

  bytes(root: Buffer): Buffer {
    return Buffer.concat([root, Buffer.alloc(ROOT_SPACE - root.length), ...this.#blocks]);
  }

  place(bytes: Uint8Array): number {
    const address = this.#at;
    const padded = Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
    this.#blocks.push(padded);
    this.#at += padded.length;
    return address;
  }

  header(messages: readonly Buffer[]): Buffer {
    const body = Buffer.concat(messages);
    return Buffer.concat([Buffer.from([1, 0]), u16(messages.length), u32(1), u32(body.length), u32(0), body]);
  }

  groupMessages({ attributes = {}, links = {} }: GroupParts): readonly Buffer[] {
    const info = message(0x02, Buffer.concat([Buffer.from([0, 0]), NOTHING, NOTHING]));
    const targets = Object.entries(links).map(([name, node]) => message(0x06, this.#link(name, node)));
    return [info, ...targets, ...this.#attributes(attributes)];
  }

  #attributes(attributes: Readonly<Record<string, AttributeValue>>): readonly Buffer[] {
    return Object.entries(attributes).map(([name, value]) => message(0x0c, this.#attribute(name, value)));
  }

  #attribute(name: string, value: AttributeValue): Buffer {
    const type = typeof value === 'string' ? variable(TEXT, 1) : fixedText(value.length);
    const data = typeof value === 'string' ? this.#variableValue(Buffer.from(value)) : Buffer.from(value);
    const space = Buffer.alloc(8);
    space[0] = 1;
    const title = Buffer.from(`${name}\0`);
    const sizes = [u16(title.length), u16(type.length), u16(space.length)];
    return Buffer.concat([Buffer.from([1, 0]), ...sizes, pad(title), pad(type), space, data]);
  }

  #variableValue(bytes: Uint8Array): Buffer {
    const object = Buffer.concat([u16(1), u16(1), u32(0), u64(bytes.length), pad(bytes)]);
    const size = Math.max(4096, 32 + object.length);
    const rest = size - 16 - object.length;
    const free = Buffer.concat([u16(0), u16(0), u32(0), u64(rest), Buffer.alloc(rest - 16)]);
    const heap = Buffer.concat([Buffer.from('GCOL'), Buffer.from([1, 0, 0, 0]), u64(size), object, free]);
    return Buffer.concat([u32(bytes.length), u64(this.place(heap)), u32(1)]);
  }

  #link(name: string, node: Hdf5Node): Buffer {
    const title = Buffer.from(name);
    const hard = (address: number): Buffer => Buffer.concat([Buffer.from([1, 0, title.length]), title, u64(address)]);
    const other = (type: number, value: Uint8Array): Buffer =>
      Buffer.concat([Buffer.from([1, 8, type, title.length]), title, u16(value.length), value]);
    switch (node.kind) {
      case 'root':
        return hard(ROOT);
      case 'soft':
        return other(1, Buffer.from(node.path));
      case 'external':
        return other(64, Buffer.from(`\0${node.file}\0${node.path}\0`));
      case 'user':
        return other(node.type, Buffer.alloc(4));
      case 'group':
        return hard(this.place(this.header(this.groupMessages(node))));
      case 'dataset':
        return hard(this.place(this.header(this.#datasetMessages(node))));
    }
  }

  #datasetMessages(parts: DatasetParts): readonly Buffer[] {
    const { type = 'numbers', data = new Uint8Array(0), attributes = {} } = parts;
    const single = data instanceof Uint8Array ? data : Buffer.concat(data.map((one) => this.#variableValue(one)));
    const count = type === 'objects' ? (data as readonly Uint8Array[]).length : type === 'opaque' ? 1 : single.length;
    const dims = parts.dims ?? [type === 'floats' ? count / 4 : count];
    const space = Buffer.concat([Buffer.from([1, dims.length, 0, 0, 0, 0, 0, 0]), ...dims.map(u64)]);
    const kinds = { numbers: BYTE, floats: FLOAT, opaque: opaque(single.length), objects: variable(BYTE, 0) };
    const fill = Buffer.from([2, 2, 2, 0]);
    const messages = [message(0x01, space), message(0x03, kinds[type]), message(0x05, fill)];
    if (parts.externalFile !== undefined) messages.push(message(0x07, this.#externalFiles(parts.externalFile, single)));
    messages.push(message(0x08, this.#layout(parts, single)), ...this.#attributes(attributes));
    return messages;
  }

  #layout({ address, externalFile, virtualFile }: DatasetParts, data: Uint8Array): Buffer {
    if (virtualFile !== undefined) {
      const sources = Buffer.concat([Buffer.from([0]), u64(1), Buffer.from(`${virtualFile}\0/d\0`), Buffer.alloc(64)]);
      return Buffer.concat([Buffer.from([4, 3]), this.#variableValue(sources).subarray(4)]);
    }
    const where = externalFile !== undefined ? NOTHING : u64(address ?? (data.length === 0 ? 0 : this.place(data)));
    return Buffer.concat([Buffer.from([3, 1]), where, u64(data.length)]);
  }

  #externalFiles(file: string, data: Uint8Array): Buffer {
    const names = pad(Buffer.from(`\0\0\0\0\0\0\0\0${file}\0`));
    const segment = this.place(names);
    const heap = Buffer.concat([Buffer.from('HEAP\0\0\0\0'), u64(names.length), u64(1), u64(segment)]);
    const slot = Buffer.concat([u64(8), u64(0), u64(Math.max(1, data.length))]);
    return Buffer.concat([Buffer.from([1, 0, 0, 0]), u16(1), u16(1), u64(this.place(heap)), slot]);
  }
}

const BYTE = Buffer.concat([Buffer.from([0x10, 0, 0, 0]), u32(1), u16(0), u16(8)]);
const TEXT = Buffer.concat([Buffer.from([0x13, 0, 0, 0]), u32(1)]);
const FLOAT = Buffer.from('11201f000400000000002000170800177f000000', 'hex');

function fixedText(size: number): Buffer {
  return Buffer.concat([Buffer.from([0x13, 0, 0, 0]), u32(size)]);
}

function opaque(size: number): Buffer {
  return Buffer.concat([Buffer.from([0x15, 8, 0, 0]), u32(size), Buffer.alloc(8)]);
}

function variable(base: Buffer, type: number): Buffer {
  return Buffer.concat([Buffer.from([0x19, type, 0, 0]), u32(16), base]);
}

function message(type: number, data: Uint8Array): Buffer {
  const body = pad(data);
  return Buffer.concat([u16(type), u16(body.length), Buffer.alloc(4), body]);
}

function pad(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
