// Writes zip files field by field, so that a test can make the two headers of an entry disagree. Bytes only.
import { crc32, deflateRawSync } from 'node:zlib';
import { CENTRAL, END, LOCAL } from '../zip/records.js';

export interface EntryFields {
  readonly name: string;
  readonly data: Uint8Array;
  readonly deflate?: boolean;
  readonly flags?: number;
  /** What the local header says where it differs from the directory. */
  readonly local?: {
    readonly name?: string;
    readonly flags?: number;
    readonly method?: number;
    readonly size?: number;
  };
  readonly method?: number;
  readonly crc?: number;
  /** Unix mode. */
  readonly mode?: number;
  /** Leaves the entry out of the directory. */
  readonly hidden?: boolean;
}

export interface ZipParts {
  readonly prefix?: Uint8Array;
  readonly suffix?: Uint8Array;
}

export function zip(entries: readonly EntryFields[], parts: ZipParts = {}): Uint8Array {
  const prefix = parts.prefix ?? new Uint8Array(0);
  const body: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const entry of entries) {
    const packed = entry.deflate === true ? deflateRawSync(entry.data) : entry.data;
    const method = entry.method ?? (entry.deflate === true ? 8 : 0);
    const crc = entry.crc ?? crc32(entry.data);
    const common = { crc, packed: packed.length, size: entry.data.length };
    const { local } = entry;
    const localSize = local?.size ?? packed.length;
    const header = localHeader(local?.name ?? entry.name, local?.flags ?? entry.flags ?? 0, local?.method ?? method, {
      ...common,
      packed: localSize,
      size: local?.size ?? entry.data.length,
    });
    if (entry.hidden !== true)
      directory.push(centralRecord(entry.name, entry.flags ?? 0, method, common, offset, (entry.mode ?? 0) * 65536));
    body.push(header, packed);
    offset += header.length + packed.length;
  }
  const records = Buffer.concat(directory);
  return Buffer.concat([
    prefix,
    ...body,
    records,
    endRecord(directory.length, records.length, offset),
    parts.suffix ?? new Uint8Array(0),
  ]);
}

interface Sizes {
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
}

function localHeader(name: string, flags: number, method: number, sizes: Sizes): Uint8Array {
  const nameBytes = Buffer.from(name);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(LOCAL, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt16LE(method, 8);
  writeSizes(header, 14, sizes);
  header.writeUInt16LE(nameBytes.length, 26);
  return Buffer.concat([header, nameBytes]);
}

function centralRecord(
  name: string,
  flags: number,
  method: number,
  sizes: Sizes,
  offset: number,
  attributes: number,
): Uint8Array {
  const nameBytes = Buffer.from(name);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(CENTRAL, 0);
  header.writeUInt16LE(20, 6);
  header.writeUInt16LE(flags, 8);
  header.writeUInt16LE(method, 10);
  writeSizes(header, 16, sizes);
  header.writeUInt16LE(nameBytes.length, 28);
  header.writeUInt32LE(attributes >>> 0, 38);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, nameBytes]);
}

function writeSizes(header: Buffer, at: number, { crc, packed, size }: Sizes): void {
  header.writeUInt32LE(crc >>> 0, at);
  header.writeUInt32LE(packed, at + 4);
  header.writeUInt32LE(size, at + 8);
}

function endRecord(count: number, size: number, offset: number): Uint8Array {
  const record = Buffer.alloc(22);
  record.writeUInt32LE(END, 0);
  record.writeUInt16LE(count, 8);
  record.writeUInt16LE(count, 10);
  record.writeUInt32LE(size, 12);
  record.writeUInt32LE(offset, 16);
  return record;
}
