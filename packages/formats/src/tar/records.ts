// The records of a tar file: v7, ustar and GNU headers (POSIX 1003.1, GNU tar manual), and the lines of a pax header.

export const BLOCK = 512;

export interface TarHeader {
  readonly name: string;
  readonly type: string;
  readonly linkName: string;
  /** Undefined when the field holds no number. */
  readonly size: number | undefined;
  readonly magic: 'ustar' | 'gnu' | 'none';
}

/** A header block whose checksum holds; undefined otherwise. */
export function readTarHeader(block: Uint8Array): TarHeader | undefined {
  if (block.length < BLOCK || !checksumHolds(block)) return undefined;
  const mark = Buffer.from(block.subarray(257, 265)).toString('latin1');
  const magic = mark === 'ustar  \0' ? 'gnu' : mark.startsWith('ustar') ? 'ustar' : 'none';
  const prefix = magic === 'ustar' ? text(block, 345, 155) : '';
  const name = text(block, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    type: String.fromCharCode(block[156] ?? 0),
    linkName: text(block, 157, 100),
    size: number(block, 124, 12),
    magic,
  };
}

export function isZero(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** The sum of the header's bytes with spaces in place of the sum itself; some old tools summed signed bytes. */
function checksumHolds(block: Uint8Array): boolean {
  const said = number(block, 148, 8);
  if (said === undefined || block[0] === 0) return false;
  let sum = 8 * 0x20;
  let signed = sum;
  for (let i = 0; i < BLOCK; i++) {
    if (i >= 148 && i < 156) continue;
    const byte = block[i] ?? 0;
    sum += byte;
    signed += byte < 128 ? byte : byte - 256;
  }
  return said === sum || said === signed;
}

/** Octal digits between spaces and NULs, or base 256 where the high bit says so. */
function number(block: Uint8Array, at: number, length: number): number | undefined {
  const first = block[at] ?? 0;
  if (first === 0x80) {
    let value = 0;
    for (let i = 1; i < length; i++) value = value * 256 + (block[at + i] ?? 0);
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const digits = Buffer.from(block.subarray(at, at + length)).toString('latin1');
  const found = /^[ \0]*([0-7]*)(?:[ \0]|$)/.exec(digits);
  return found === null ? undefined : Number.parseInt(found[1] === '' ? '0' : (found[1] ?? '0'), 8);
}

function text(block: Uint8Array, at: number, length: number): string {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return tarText(end < 0 ? field : field.subarray(0, end));
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 where it is UTF-8, else one character a byte. */
export function tarText(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

/** The records `<length> <key>=<value>\n` of a pax header; undefined when they are broken. */
export function readPax(bytes: Uint8Array): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  for (let at = 0; at < bytes.length && bytes[at] !== 0;) {
    const space = bytes.indexOf(0x20, at);
    const digits = space < 0 || space - at > 8 ? '' : Buffer.from(bytes.subarray(at, space)).toString('latin1');
    const length = /^\d+$/.test(digits) ? Number(digits) : 0;
    const equals = bytes.indexOf(0x3d, space);
    const end = at + length;
    if (end > bytes.length || end <= space + 2 || equals < 0 || equals >= end || bytes[end - 1] !== 0x0a)
      return undefined;
    fields.set(tarText(bytes.subarray(space + 1, equals)), tarText(bytes.subarray(equals + 1, end - 1)));
    at = end;
  }
  return fields;
}
