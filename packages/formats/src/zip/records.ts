// The records of a zip file, field by field (PKWARE APPNOTE 6.3.10). Every field is the attacker's and most stand twice.
import { crc32 } from 'node:zlib';

export const LOCAL = 0x04034b50;
export const CENTRAL = 0x02014b50;
export const END = 0x06054b50;
export const END64 = 0x06064b50;
export const LOCATOR64 = 0x07064b50;
export const DESCRIPTOR = 0x08074b50;

export const LOCAL_BYTES = 30;
export const CENTRAL_BYTES = 46;
export const END_BYTES = 22;

/** Flag bits: encrypted, sizes in a descriptor behind the data, strong encryption. */
export const FLAG = { encrypted: 0x1, descriptor: 0x8, patched: 0x20, strong: 0x40, masked: 0x2000 } as const;

/** What one header, central or local, says about an entry. */
export interface HeaderFields {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
  /** The name that the Unicode path extra field gives it instead (0x7075), where that is for this name. */
  readonly unicodeName?: string;
  /** A 64-bit extra field that nothing refers to gives another size. */
  readonly idleSize?: number;
}

export interface CentralFields extends HeaderFields {
  readonly offset: number;
  /** Unix mode in the upper half, where the maker wrote one. */
  readonly attributes: number;
  /** Bytes of the whole record. */
  readonly length: number;
}

export interface LocalFields extends HeaderFields {
  /** Bytes of the header with name and extra field: the data follows. */
  readonly length: number;
}

export function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A central record at `at`, or undefined when there is none or it is cut off. */
export function readCentral(bytes: Uint8Array, at: number): CentralFields | undefined {
  if (at + CENTRAL_BYTES > bytes.length) return undefined;
  const data = view(bytes);
  if (data.getUint32(at, true) !== CENTRAL) return undefined;
  const nameLength = data.getUint16(at + 28, true);
  const extraLength = data.getUint16(at + 30, true);
  const length = CENTRAL_BYTES + nameLength + extraLength + data.getUint16(at + 32, true);
  if (at + length > bytes.length) return undefined;
  const extraAt = at + CENTRAL_BYTES + nameLength;
  const extra = bytes.subarray(extraAt, extraAt + extraLength);
  const nameBytes = bytes.subarray(at + CENTRAL_BYTES, extraAt);
  const wide = wideFields(extra, [
    data.getUint32(at + 24, true),
    data.getUint32(at + 20, true),
    data.getUint32(at + 42, true),
  ]);
  return {
    name: entryName(nameBytes),
    ...oddExtras(extra, nameBytes, data.getUint32(at + 24, true), wide),
    flags: data.getUint16(at + 8, true),
    method: data.getUint16(at + 10, true),
    crc: data.getUint32(at + 16, true),
    size: wide[0] ?? 0,
    compressed: wide[1] ?? 0,
    offset: wide[2] ?? 0,
    attributes: data.getUint32(at + 38, true),
    length,
  };
}

/** A local header at the start of `bytes`, or undefined when there is none or it is cut off. */
export function readLocal(bytes: Uint8Array): LocalFields | undefined {
  if (bytes.length < LOCAL_BYTES) return undefined;
  const data = view(bytes);
  if (data.getUint32(0, true) !== LOCAL) return undefined;
  const nameLength = data.getUint16(26, true);
  const extraLength = data.getUint16(28, true);
  const length = LOCAL_BYTES + nameLength + extraLength;
  if (length > bytes.length) return undefined;
  const extra = bytes.subarray(LOCAL_BYTES + nameLength, length);
  const nameBytes = bytes.subarray(LOCAL_BYTES, LOCAL_BYTES + nameLength);
  const wide = wideFields(extra, [data.getUint32(22, true), data.getUint32(18, true)]);
  return {
    name: entryName(nameBytes),
    ...oddExtras(extra, nameBytes, data.getUint32(22, true), wide),
    flags: data.getUint16(6, true),
    method: data.getUint16(8, true),
    crc: data.getUint32(14, true),
    size: wide[0] ?? 0,
    compressed: wide[1] ?? 0,
    length,
  };
}

const ZIP64 = 1;
const UNICODE_PATH = 0x7075;

/** The content of the extra field of one kind. */
function extraField(extra: Uint8Array, kind: number): Uint8Array | undefined {
  const data = view(extra);
  for (let at = 0; at + 4 <= extra.length;) {
    const length = data.getUint16(at + 2, true);
    if (data.getUint16(at, true) === kind) return extra.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return undefined;
}

/** Replaces each 0xffffffff by its 64-bit value from the zip64 extra field, in the order that the format fixes. */
function wideFields(extra: Uint8Array, narrow: readonly number[]): readonly number[] {
  if (!narrow.includes(0xffffffff)) return narrow;
  const field = extraField(extra, ZIP64);
  if (field === undefined) return narrow;
  const data = view(field);
  let from = 0;
  return narrow.map((value) => {
    if (value !== 0xffffffff || from + 8 > field.length) return value;
    from += 8;
    return Number(data.getBigUint64(from - 8, true));
  });
}

/** What some readers take from extra fields, and others from the header. */
function oddExtras(
  extra: Uint8Array,
  name: Uint8Array,
  narrowSize: number,
  wide: readonly number[],
): Pick<HeaderFields, 'unicodeName' | 'idleSize'> {
  if (extra.length < 9) return {};
  const path = extraField(extra, UNICODE_PATH);
  const forThisName =
    path !== undefined && path.length > 5 && path[0] === 1 && view(path).getUint32(1, true) === crc32(name);
  const zip64 = narrowSize === 0xffffffff ? undefined : extraField(extra, ZIP64);
  // Without a field that refers to it, the order of its values is not fixed: the first may be any of those of the header.
  const first = zip64 !== undefined && zip64.length >= 8 ? Number(view(zip64).getBigUint64(0, true)) : undefined;
  return {
    ...(forThisName ? { unicodeName: entryName(path.subarray(5)) } : {}),
    ...(first === undefined || wide.includes(first) ? {} : { idleSize: first }),
  };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 where it is UTF-8, else one character a byte; so that a name is never lost and never two names one. */
function entryName(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}
