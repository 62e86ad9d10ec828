// The two arrays that newer files index their chunks with: fixed, where the dataset cannot grow, and extensible, where it
// grows in one direction: elements in an index block, then in blocks that double in size.
import type { Parser } from '../bytes/parser.js';
import type { Address, Cursor, Hdf5File } from './file.js';
import { Damage } from './file.js';

export interface Indexed {
  readonly address: Address;
  /** Undefined where chunks are not filtered, and all of one size. */
  readonly length: number | undefined;
  readonly mask: number;
}

function entry(file: Hdf5File, cursor: Cursor, size: number, filtered: boolean): Indexed {
  file.step();
  const address = cursor.address();
  if (!filtered) return { address, length: undefined, mask: 0 };
  const length = cursor.number(size - file.offsetSize - 4);
  return { address, length, mask: cursor.number(4) };
}

export function* readFixedArray(file: Hdf5File, address: Address, most: number): Parser<readonly Indexed[]> {
  const head = (yield* file.upTo(address, 64)).expect('FAHD').skip(1);
  const filtered = head.number(1) === 1;
  const size = head.number(1);
  const perPage = 2 ** head.number(1);
  const count = head.length();
  const block = head.address();
  if (block === undefined) return [];
  const entries: Indexed[] = [];
  const pages = count > perPage ? Math.ceil(count / perPage) : 0;
  const prefix = 6 + file.offsetSize + (pages === 0 ? 0 : Math.ceil(pages / 8) + 4);
  (yield* file.cursor(block, 4)).expect('FADB');
  for (let page = 0; page < Math.max(1, pages) && entries.length <= most; page++) {
    const here = pages === 0 ? Math.min(count, most + 1) : Math.min(perPage, count - page * perPage);
    const cursor = yield* file.cursor(block + prefix + page * (perPage * size + 4), here * size);
    for (let index = 0; index < here; index++) entries.push(entry(file, cursor, size, filtered));
  }
  return entries;
}

export function* readExtensibleArray(file: Hdf5File, address: Address, most: number): Parser<readonly Indexed[]> {
  const head = (yield* file.upTo(address, 96)).expect('EAHD').skip(1);
  const filtered = head.number(1) === 1;
  const size = head.number(1);
  const bits = head.number(1);
  const inIndex = head.number(1);
  const least = head.number(1);
  const pointers = head.number(1);
  const perPage = 2 ** head.number(1);
  for (let field = 0; field < 4; field++) head.length();
  const used = Math.min(head.length(), most + 1);
  head.length();
  const index = head.address();
  if (index === undefined) return [];
  if (least < 1 || pointers < 1 || bits > 64) throw new Damage('the sizes of an index do not fit');
  const array = new ExtensibleArray(file, { filtered, size, offsetBytes: Math.ceil(bits / 8), least, perPage, used });
  yield* array.read(index, inIndex, pointers, 1 + bits - Math.floor(Math.log2(least)));
  return array.entries;
}

interface Shape {
  readonly filtered: boolean;
  readonly size: number;
  readonly offsetBytes: number;
  /** Elements of the smallest data block. */
  readonly least: number;
  readonly perPage: number;
  /** Elements that were ever set. */
  readonly used: number;
}

class ExtensibleArray {
  readonly entries: Indexed[] = [];
  readonly #file: Hdf5File;
  readonly #shape: Shape;

  constructor(file: Hdf5File, shape: Shape) {
    this.#file = file;
    this.#shape = shape;
  }

  /** Super block `level` has 2^(level/2) data blocks of 2^((level+1)/2) times the least number of elements. */
  *read(address: number, inIndex: number, pointers: number, levels: number): Parser<void> {
    const { offsetSize } = this.#file;
    const direct = 2 * Math.floor(Math.log2(pointers));
    const blocks = 2 * (pointers - 1);
    const supers = Math.max(0, levels - direct);
    const length = 6 + offsetSize + inIndex * this.#shape.size + (blocks + supers) * offsetSize;
    const cursor = (yield* this.#file.cursor(address, length)).expect('EAIB').skip(2 + offsetSize);
    this.#take(cursor, inIndex);
    let level = 0;
    for (; level < direct && !this.#full(); level++)
      for (let block = 0; block < 2 ** Math.floor(level / 2) && !this.#full(); block++)
        yield* this.#dataBlock(cursor.address(), level);
    if (this.#full()) return;
    for (; level < levels && !this.#full(); level++) yield* this.#superBlock(cursor.address(), level);
  }

  #full(): boolean {
    return this.entries.length >= this.#shape.used;
  }

  #elements(level: number): number {
    return 2 ** Math.floor((level + 1) / 2) * this.#shape.least;
  }

  #take(cursor: Cursor, count: number): void {
    for (let index = 0; index < count && !this.#full(); index++)
      this.entries.push(entry(this.#file, cursor, this.#shape.size, this.#shape.filtered));
  }

  *#superBlock(address: Address, level: number): Parser<void> {
    const blocks = 2 ** Math.floor(level / 2);
    const count = this.#elements(level);
    if (address === undefined) return this.#missing(blocks * count);
    const pages = count > this.#shape.perPage ? count / this.#shape.perPage : 0;
    const { offsetSize } = this.#file;
    const prefix = 6 + offsetSize + this.#shape.offsetBytes + blocks * Math.ceil(pages / 8);
    const cursor = (yield* this.#file.cursor(address, prefix + blocks * offsetSize)).expect('EASB');
    cursor.skip(prefix - 4);
    for (let block = 0; block < blocks && !this.#full(); block++) yield* this.#dataBlock(cursor.address(), level);
  }

  *#dataBlock(address: Address, level: number): Parser<void> {
    const count = this.#elements(level);
    if (address === undefined) return this.#missing(count);
    const { perPage, size, offsetBytes } = this.#shape;
    (yield* this.#file.cursor(address, 4)).expect('EADB');
    const paged = count > perPage;
    let at = address + 6 + this.#file.offsetSize + offsetBytes + (paged ? 4 : 0);
    for (let left = count; left > 0 && !this.#full(); left -= perPage) {
      const here = Math.min(left, paged ? perPage : count, this.#shape.used - this.entries.length);
      this.#take(yield* this.#file.cursor(at, here * size), here);
      at += perPage * size + 4;
    }
  }

  #missing(count: number): void {
    for (let index = 0; index < count && !this.#full(); index++) {
      this.#file.step();
      this.entries.push({ address: undefined, length: undefined, mask: 0 });
    }
  }
}
