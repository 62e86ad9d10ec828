// Writes tar files block by block, so that a test can make its headers disagree. Bytes only: nothing is ever unpacked.
const BLOCK = 512;

export interface TarFields {
  readonly name: string;
  readonly data?: Uint8Array;
  /** One letter; default a regular file. */
  readonly type?: string;
  readonly target?: string;
  /** What the header says of the size. */
  readonly size?: number;
  /** Writes the size in base 256. */
  readonly wide?: boolean;
  readonly magic?: 'ustar' | 'gnu' | 'none';
  /** Breaks the checksum. */
  readonly broken?: boolean;
}

/** Entries, and the two blocks of zeros that end an archive unless `end` says otherwise. */
export function tar(entries: readonly TarFields[], end: Uint8Array = new Uint8Array(2 * BLOCK)): Uint8Array {
  return Buffer.concat([...entries.map(entryBytes), end]);
}

/** The header that gives the next entry other fields: `path`, `linkpath`, `size`. */
export function pax(fields: Readonly<Record<string, string>>, type: 'x' | 'g' = 'x'): TarFields {
  const lines = Object.entries(fields).map(([key, value]) => paxLine(`${key}=${value}\n`));
  return { name: 'PaxHeaders/x', type, data: Buffer.from(lines.join('')) };
}

/** The header that gives the next entry a long name (`L`) or a long target (`K`). */
export function longName(name: string, type: 'L' | 'K' = 'L'): TarFields {
  return { name: '././@LongLink', type, data: Buffer.from(`${name}\0`), magic: 'gnu' };
}

function paxLine(rest: string): string {
  const length = Buffer.byteLength(rest) + 1;
  const digits = String(length).length;
  const total = length + digits + (String(length + digits).length > digits ? 1 : 0);
  return `${total} ${rest}`;
}

function entryBytes(fields: TarFields): Uint8Array {
  const { name, data = new Uint8Array(0), type = '0', target = '', magic = 'ustar' } = fields;
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  writeSize(header, fields.size ?? data.length, fields.wide === true);
  header.write('00000000000\0', 136);
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write(target, 157, 100);
  if (magic === 'ustar') header.write('ustar\x0000', 257);
  if (magic === 'gnu') header.write('ustar  \0', 257);
  const sum = header.reduce((total, byte) => total + byte, 0) + (fields.broken === true ? 1 : 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, data, new Uint8Array((BLOCK - (data.length % BLOCK)) % BLOCK)]);
}

function writeSize(header: Buffer, size: number, wide: boolean): void {
  if (!wide) header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(size), 128);
  }
}
