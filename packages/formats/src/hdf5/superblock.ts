// The superblock: where an HDF5 file begins, how wide its numbers are, and where its root is. It may stand at 0, 512,
// 1024 and so on, behind a user block that other programs read as they like (MATLAB's header is one).
import type { Parser } from '../bytes/parser.js';
import type { Address, Hdf5File } from './file.js';
import { Damage } from './file.js';

export const SIGNATURE = Buffer.from('894844460d0a1a0a', 'hex');

export interface Superblock {
  readonly version: number;
  /** Length of the user block. */
  readonly start: number;
  /** Where the file says that it ends. */
  readonly end: Address;
  readonly root: Address;
  readonly extension: Address;
}

/** Where the superblock stands; undefined when there is none. */
export function* findSuperblock(size: number, from = 0): Parser<number | undefined> {
  for (let at = from; at + 8 <= size; at = at === 0 ? 512 : at * 2) {
    const bytes = yield { offset: at, length: 8 };
    if (SIGNATURE.equals(bytes)) return at;
  }
  return undefined;
}

/** Sets the widths of the file's numbers as well. */
export function* readSuperblock(file: Hdf5File, start: number): Parser<Superblock> {
  const cursor = yield* file.upTo(start, 256);
  const version = cursor.skip(8).number(1);
  if (version > 3) throw new Damage(`the superblock has version ${version}`);
  if (version >= 2) {
    widths(file, cursor.number(1), cursor.number(1));
    cursor.skip(1);
    file.base = 0;
    const base = cursor.address();
    file.base = start;
    const extension = cursor.address();
    const end = cursor.address();
    return { version, start, end: settle(end, base), root: cursor.address(), extension };
  }
  cursor.skip(4);
  widths(file, cursor.number(1), cursor.number(1));
  cursor.skip(1 + 4 + 4 + (version === 1 ? 4 : 0));
  file.base = 0;
  const base = cursor.address();
  cursor.address();
  file.base = start;
  const end = cursor.address();
  cursor.address();
  cursor.skip(file.offsetSize);
  return { version, start, end: settle(end, base), root: cursor.address(), extension: undefined };
}

// The end counts from the start of the file, with the base that is written down even where the library takes another.
function settle(end: Address, base: Address): Address {
  return end === undefined ? undefined : end - (base ?? 0);
}

function widths(file: Hdf5File, offsets: number, lengths: number): void {
  for (const width of [offsets, lengths])
    if (width !== 2 && width !== 4 && width !== 8) throw new Damage(`the numbers have ${width} bytes`);
  file.offsetSize = offsets;
  file.lengthSize = lengths;
}
