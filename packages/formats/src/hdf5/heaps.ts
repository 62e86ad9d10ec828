// Heaps: where names, texts of variable length and large sets of links and attributes are kept.
import type { Parser } from '../bytes/parser.js';
import type { Address, Hdf5File } from './file.js';
import { Cursor, Damage } from './file.js';
import { readTree2 } from './trees.js';

/** The names of an old group. */
export class LocalHeap {
  readonly #file: Hdf5File;
  readonly #address: number;
  readonly #length: number;

  private constructor(file: Hdf5File, address: number, length: number) {
    this.#file = file;
    this.#address = address;
    this.#length = length;
  }

  static *open(file: Hdf5File, address: Address): Parser<LocalHeap> {
    const cursor = (yield* file.upTo(address, 64)).expect('HEAP').skip(4);
    const length = cursor.length();
    cursor.length();
    const data = cursor.address();
    if (data === undefined || data + length > file.size) throw new Damage('a heap of names lies outside the file');
    return new LocalHeap(file, data, length);
  }

  *text(offset: number): Parser<string> {
    if (!(offset >= 0 && offset < this.#length)) throw new Damage(`a name lies at ${offset}, outside its heap`);
    for (let length = 256; ; length *= 8) {
      const room = Math.min(length, this.#length - offset);
      const bytes = yield* this.#file.bytes(this.#address + offset, room);
      const end = bytes.indexOf(0);
      if (end >= 0 || room === this.#length - offset) return bytes.toString('utf8', 0, end < 0 ? room : end);
    }
  }
}

/** Objects of variable length, shared by the whole file. */
export class GlobalHeaps {
  readonly #file: Hdf5File;
  readonly #collections = new Map<number, ReadonlyMap<number, { readonly offset: number; readonly length: number }>>();

  constructor(file: Hdf5File) {
    this.#file = file;
  }

  *find(address: Address, index: number): Parser<{ readonly offset: number; readonly length: number }> {
    if (address === undefined) throw new Damage('a value of variable length has no address');
    let objects = this.#collections.get(address);
    if (objects === undefined) {
      objects = yield* this.#read(address);
      if (this.#collections.size >= 256) this.#collections.delete(this.#collections.keys().next().value ?? 0);
      this.#collections.set(address, objects);
    }
    const found = objects.get(index);
    if (found === undefined) throw new Damage(`the heap at ${address} has no object ${index}`);
    return found;
  }

  /** Every object of one heap. */
  *all(address: number): Parser<readonly { readonly offset: number; readonly length: number }[]> {
    return [...(yield* this.#read(address)).values()];
  }

  *#read(address: number): Parser<ReadonlyMap<number, { readonly offset: number; readonly length: number }>> {
    const objects = new Map<number, { offset: number; length: number }>();
    const head = (yield* this.#file.upTo(address, 24)).expect('GCOL');
    const size = head.skip(4).length();
    const width = this.#file.lengthSize;
    // In a file that is cut off, what is there is still read.
    const end = Math.min(address + size, this.#file.size);
    for (let at = address + Math.ceil((8 + width) / 8) * 8; at + 8 + width <= end;) {
      const cursor = yield* this.#file.cursor(at, 8 + width);
      const index = cursor.number(2);
      const length = cursor.skip(6).length();
      if (index === 0) break;
      if (at + 8 + width + length > end) throw new Damage('an object of a global heap lies outside it');
      objects.set(index, { offset: at + 8 + width, length });
      at += 8 + width + Math.ceil(length / 8) * 8;
    }
    return objects;
  }
}

/** Large sets of links and attributes. */
export class FractalHeap {
  readonly #file: Hdf5File;
  readonly #idLength: number;
  readonly #filtered: boolean;
  readonly #huge: Address;
  readonly #width: number;
  readonly #start: number;
  readonly #maxDirect: number;
  readonly #offsetBytes: number;
  readonly #lengthBytes: number;
  readonly #root: Address;
  readonly #rows: number;
  #hugeIds: ReadonlyMap<number, { readonly address: Address; readonly length: number }> | undefined;

  private constructor(file: Hdf5File, cursor: Cursor) {
    this.#file = file;
    if (cursor.expect('FRHP').number(1) !== 0) throw new Damage('a heap of an unknown version');
    this.#idLength = cursor.number(2);
    this.#filtered = cursor.number(2) > 0;
    cursor.skip(1);
    const maxManaged = cursor.number(4);
    cursor.length();
    this.#huge = cursor.address();
    cursor.length();
    cursor.address();
    for (let field = 0; field < 8; field++) cursor.length();
    this.#width = cursor.number(2);
    this.#start = cursor.length();
    this.#maxDirect = cursor.length();
    const bits = cursor.number(2);
    cursor.skip(2);
    this.#root = cursor.address();
    this.#rows = cursor.number(2);
    const powers = [this.#start, this.#maxDirect].every((size) => size >= 1 && Number.isInteger(Math.log2(size)));
    if (!powers || this.#width < 1 || bits > 64 || this.#maxDirect < this.#start)
      throw new Damage('the sizes of a heap do not fit');
    this.#offsetBytes = Math.ceil(bits / 8);
    const bytesFor = (value: number): number => Math.max(1, Math.ceil(Math.floor(Math.log2(Math.max(2, value))) / 8));
    this.#lengthBytes = Math.min(bytesFor(this.#maxDirect), bytesFor(maxManaged));
  }

  static *open(file: Hdf5File, address: Address): Parser<FractalHeap> {
    return new FractalHeap(file, yield* file.upTo(address, 256));
  }

  /** The object of an id as it stands in an index. */
  *object(id: Buffer): Parser<Cursor> {
    this.#file.step();
    const cursor = new Cursor(this.#file, id);
    const first = cursor.number(1);
    const kind = (first >> 4) & 3;
    if (kind === 2) {
      const extended = this.#idLength - 1 > 16;
      const length = extended ? ((first & 15) << 8) + cursor.number(1) + 1 : (first & 15) + 1;
      return new Cursor(this.#file, cursor.take(length));
    }
    if (this.#filtered) throw new Damage('a heap is compressed');
    if (kind === 1) return yield* this.#hugeObject(cursor);
    if (kind !== 0) throw new Damage('an object of a heap is of an unknown kind');
    const offset = cursor.number(this.#offsetBytes);
    return yield* this.#file.cursor(yield* this.#place(offset), cursor.number(this.#lengthBytes));
  }

  *#hugeObject(cursor: Cursor): Parser<Cursor> {
    if (this.#file.offsetSize + this.#file.lengthSize <= this.#idLength - 1) {
      const address = cursor.address();
      return yield* this.#file.cursor(address, cursor.length());
    }
    const key = cursor.number(Math.min(cursor.left, 8));
    this.#hugeIds ??= yield* this.#readHuge();
    const found = this.#hugeIds.get(key);
    if (found === undefined) throw new Damage('a large object of a heap is missing');
    return yield* this.#file.cursor(found.address, found.length);
  }

  *#readHuge(): Parser<ReadonlyMap<number, { readonly address: Address; readonly length: number }>> {
    const ids = new Map<number, { address: Address; length: number }>();
    for (const record of yield* readTree2(this.#file, this.#huge)) {
      const cursor = new Cursor(this.#file, record);
      const address = cursor.address();
      const length = cursor.length();
      ids.set(cursor.length(), { address, length });
    }
    return ids;
  }

  #rowSize(row: number): number {
    return row === 0 ? this.#start : this.#start * 2 ** (row - 1);
  }

  /** Where in the file the heap's byte `offset` stands. */
  *#place(offset: number): Parser<number> {
    let block = this.#root;
    if (block === undefined) throw new Damage('a heap is empty');
    let rows = this.#rows;
    let within = offset;
    if (rows === 0) {
      if (within >= this.#start) throw new Damage('an object lies outside its heap');
      return block + within;
    }
    for (let level = 0; level < 32; level++) {
      let row = 0;
      while (row < rows && within >= this.#rowSize(row) * this.#width) within -= this.#rowSize(row++) * this.#width;
      if (row >= rows) throw new Damage('an object lies outside its heap');
      const size = this.#rowSize(row);
      const column = Math.floor(within / size);
      within -= column * size;
      const entry = row * this.#width + column;
      const head = 5 + this.#file.offsetSize + this.#offsetBytes;
      // No row of an indirect block has filtered entries here, so every entry is an address.
      const cursor: Cursor = yield* this.#file.cursor(
        block + head + entry * this.#file.offsetSize,
        this.#file.offsetSize,
      );
      (yield* this.#file.cursor(block, 4)).expect('FHIB');
      block = cursor.address();
      if (block === undefined) throw new Damage('a block of a heap is missing');
      if (size <= this.#maxDirect) return block + within;
      rows = Math.log2(size) - Math.log2(this.#start * this.#width) + 1;
    }
    throw new Damage('a heap is nested too deep');
  }
}
