// Writes zip files field by field, so that a test can make any two of the places that speak of an entry disagree. Bytes
// only: nothing here is ever unpacked to disk or loaded.
import { crc32, deflateRawSync } from 'node:zlib';
import { CENTRAL, DESCRIPTOR, END, END64, LOCAL, LOCATOR64 } from '../zip/records.js';

export interface EntryFields {
  readonly name: string;
  readonly data: Uint8Array;
  readonly deflate?: boolean;
  /** The packed bytes themselves, where neither storing nor deflating makes them. */
  readonly packed?: Uint8Array;
  readonly flags?: number;
  /** What the local header says where it differs from the directory. */
  readonly local?: {
    readonly name?: string;
    readonly flags?: number;
    readonly method?: number;
    readonly size?: number;
    readonly crc?: number;
    readonly extra?: Uint8Array;
  };
  readonly method?: number;
  readonly crc?: number;
  /** What the directory says of the size of the packed data. */
  readonly packedSize?: number;
  /** Extra field in the directory. */
  readonly extra?: Uint8Array;
  /** What stands behind the data; the local header then gives no sizes. */
  readonly descriptor?: { readonly crc?: number; readonly packed?: number; readonly size?: number } | undefined;
  /** Unix mode. */
  readonly mode?: number;
  /** Leaves the entry out of the directory. */
  readonly hidden?: boolean;
  /** Leaves the local header and the data out: the directory points to those of the entry of this number. */
  readonly sharing?: number;
}

export interface ZipParts {
  readonly prefix?: Uint8Array;
  readonly suffix?: Uint8Array;
  readonly comment?: Uint8Array;
  /** What the end record says where it differs. */
  readonly end?: { readonly count?: number; readonly size?: number; readonly offset?: number };
  /** Adds a 64-bit end record, with what it says where it differs. */
  readonly end64?: { readonly count?: number; readonly size?: number; readonly offset?: number };
  /** Adds the length of the prefix to every offset, as tools do that know of it. */
  readonly absolute?: boolean;
}

export function zip(entries: readonly EntryFields[], parts: ZipParts = {}): Uint8Array {
  const prefix = parts.prefix ?? new Uint8Array(0);
  const base = parts.absolute === true ? prefix.length : 0;
  const body: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  const offsets: number[] = [];
  let offset = base;
  for (const entry of entries) {
    const packed = entry.packed ?? (entry.deflate === true ? deflateRawSync(entry.data) : entry.data);
    const method = entry.method ?? (entry.deflate === true ? 8 : 0);
    const sizes = { crc: entry.crc ?? crc32(entry.data), packed: packed.length, size: entry.data.length };
    const from = entry.sharing === undefined ? offset : (offsets[entry.sharing] ?? 0);
    offsets.push(from);
    if (entry.hidden !== true) directory.push(centralRecord(entry, method, sizes, from));
    if (entry.sharing !== undefined) continue;
    const block = Buffer.concat([localHeader(entry, method, sizes), packed, descriptorOf(entry, sizes)]);
    body.push(block);
    offset += block.length;
  }
  const records = Buffer.concat(directory);
  const said = { count: directory.length, size: records.length, offset };
  return Buffer.concat([
    prefix,
    ...body,
    records,
    ...(parts.end64 === undefined
      ? []
      : [end64({ ...said, ...parts.end64 }, prefix.length - base + offset + records.length)]),
    endRecord({ ...said, ...parts.end }, parts.comment ?? new Uint8Array(0)),
    parts.suffix ?? new Uint8Array(0),
  ]);
}

/** One extra field. */
export function extraField(kind: number, content: Uint8Array): Uint8Array {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(kind, 0);
  head.writeUInt16LE(content.length, 2);
  return Buffer.concat([head, content]);
}

/** The extra field that gives an entry of one name another. */
export function unicodePath(name: string, other: string): Uint8Array {
  const head = Buffer.alloc(5);
  head[0] = 1;
  head.writeUInt32LE(crc32(name), 1);
  return extraField(0x7075, Buffer.concat([head, Buffer.from(other)]));
}

/** 64-bit numbers, as the zip64 extra field has them. */
export function zip64Extra(...values: readonly number[]): Uint8Array {
  const content = Buffer.alloc(values.length * 8);
  values.forEach((value, index) => content.writeBigUInt64LE(BigInt(value), index * 8));
  return extraField(1, content);
}

interface Sizes {
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
}

const DESCRIPTOR_FLAG = 8;

function localHeader(entry: EntryFields, method: number, sizes: Sizes): Uint8Array {
  const { local = {}, descriptor } = entry;
  const nameBytes = Buffer.from(local.name ?? entry.name);
  const extra = local.extra ?? new Uint8Array(0);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(LOCAL, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE((local.flags ?? entry.flags ?? 0) | (descriptor === undefined ? 0 : DESCRIPTOR_FLAG), 6);
  header.writeUInt16LE(local.method ?? method, 8);
  const zero = { crc: 0, packed: 0, size: 0 };
  const said = { crc: local.crc ?? sizes.crc, packed: local.size ?? sizes.packed, size: local.size ?? sizes.size };
  writeSizes(header, 14, descriptor === undefined ? said : zero);
  header.writeUInt16LE(nameBytes.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, nameBytes, extra]);
}

function descriptorOf({ descriptor }: EntryFields, sizes: Sizes): Uint8Array {
  if (descriptor === undefined) return new Uint8Array(0);
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32LE(DESCRIPTOR, 0);
  writeSizes(bytes, 4, { ...sizes, ...descriptor });
  return bytes;
}

function centralRecord(entry: EntryFields, method: number, sizes: Sizes, offset: number): Uint8Array {
  const nameBytes = Buffer.from(entry.name);
  const extra = entry.extra ?? new Uint8Array(0);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(CENTRAL, 0);
  header.writeUInt16LE(20, 6);
  header.writeUInt16LE((entry.flags ?? 0) | (entry.descriptor === undefined ? 0 : DESCRIPTOR_FLAG), 8);
  header.writeUInt16LE(method, 10);
  writeSizes(header, 16, { ...sizes, packed: entry.packedSize ?? sizes.packed });
  header.writeUInt16LE(nameBytes.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE(((entry.mode ?? 0) * 65536) >>> 0, 38);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, nameBytes, extra]);
}

function writeSizes(header: Buffer, at: number, { crc, packed, size }: Sizes): void {
  header.writeUInt32LE(crc >>> 0, at);
  header.writeUInt32LE(packed, at + 4);
  header.writeUInt32LE(size, at + 8);
}

interface Place {
  readonly count: number;
  readonly size: number;
  readonly offset: number;
}

function endRecord({ count, size, offset }: Place, comment: Uint8Array): Uint8Array {
  const record = Buffer.alloc(22);
  record.writeUInt32LE(END, 0);
  record.writeUInt16LE(Math.min(count, 0xffff), 8);
  record.writeUInt16LE(Math.min(count, 0xffff), 10);
  record.writeUInt32LE(size, 12);
  record.writeUInt32LE(offset, 16);
  record.writeUInt16LE(comment.length, 20);
  return Buffer.concat([record, comment]);
}

/** The 64-bit end record and its locator, to stand at `at`. */
function end64({ count, size, offset }: Place, at: number): Uint8Array {
  const record = Buffer.alloc(76);
  record.writeUInt32LE(END64, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt16LE(45, 12);
  record.writeUInt16LE(45, 14);
  record.writeBigUInt64LE(BigInt(count), 24);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(size), 40);
  record.writeBigUInt64LE(BigInt(offset), 48);
  record.writeUInt32LE(LOCATOR64, 56);
  record.writeBigUInt64LE(BigInt(at), 64);
  record.writeUInt32LE(1, 72);
  return record;
}
