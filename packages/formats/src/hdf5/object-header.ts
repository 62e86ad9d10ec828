// An object header: the list of messages of a group, a dataset or a named type, in blocks that continue one another. A
// hostile file makes the blocks a circle, or lets them lie inside other data.
import type { Parser } from '../bytes/parser.js';
import type { Address, Hdf5File } from './file.js';
import { Cursor, Damage } from './file.js';
import { MESSAGE } from './messages.js';

export interface Message {
  readonly type: number;
  /** The content is the place of a message that is shared. */
  readonly shared: boolean;
  readonly bytes: Buffer;
}

export interface Extent {
  readonly offset: number;
  readonly length: number;
}

export interface ObjectHeader {
  readonly messages: readonly Message[];
  readonly blocks: readonly Extent[];
}

const MAX_BLOCKS = 1024;
const MAX_MESSAGES = 100_000;

export function* readObjectHeader(file: Hdf5File, address: Address): Parser<ObjectHeader> {
  const head = yield* file.upTo(address, 32);
  const header = new Blocks(file);
  if (head.bytes.toString('latin1', 0, 4) === 'OHDR') yield* header.readNew(address ?? 0, head);
  else yield* header.readOld(address ?? 0, head);
  return header;
}

class Blocks implements ObjectHeader {
  readonly messages: Message[] = [];
  readonly blocks: Extent[] = [];
  readonly #file: Hdf5File;
  readonly #open: Extent[] = [];
  /** Messages of version 2 carry the order in which they were made. */
  #ordered = false;

  constructor(file: Hdf5File) {
    this.#file = file;
  }

  *readOld(address: number, head: Cursor): Parser<void> {
    if (head.number(1) !== 1) throw new Damage('no object header stands where one should');
    this.#add(address + 16, head.skip(7).number(4));
    // The library reads every message of a block, however many the header counts.
    while (this.#open.length > 0) {
      const { offset, length: bytes } = this.#open.shift()!;
      const cursor = yield* this.#file.cursor(offset, bytes);
      while (cursor.left >= 8) {
        const type = cursor.number(2);
        const size = cursor.number(2);
        const flags = cursor.number(1);
        this.#message(type, flags, cursor.skip(3).take(size));
      }
    }
  }

  *readNew(address: number, head: Cursor): Parser<void> {
    if (head.skip(4).number(1) !== 2) throw new Damage('an object header of an unknown version');
    const flags = head.number(1);
    this.#ordered = (flags & 4) !== 0;
    if ((flags & 32) !== 0) head.skip(16);
    if ((flags & 16) !== 0) head.skip(4);
    const length = head.number(1 << (flags & 3));
    this.#add(address + head.at, length);
    for (let first = true; this.#open.length > 0; first = false) {
      const { offset, length: bytes } = this.#open.shift()!;
      const block = yield* this.#file.cursor(offset, bytes);
      // A further block has a signature and a checksum around its messages.
      const cursor = first ? block : new Cursor(this.#file, block.expect('OCHK').take(Math.max(0, bytes - 8)));
      const least = this.#ordered ? 6 : 4;
      while (cursor.left >= least) {
        const type = cursor.number(1);
        const size = cursor.number(2);
        const flag = cursor.number(1);
        if (this.#ordered) cursor.skip(2);
        this.#message(type, flag, cursor.take(size));
      }
    }
  }

  #message(type: number, flags: number, bytes: Buffer): void {
    this.#file.step();
    if (this.messages.length >= MAX_MESSAGES) throw new Damage(`more than ${MAX_MESSAGES} messages`);
    this.messages.push({ type, shared: (flags & 2) !== 0, bytes });
    if (type !== MESSAGE.continuation) return;
    const cursor = new Cursor(this.#file, bytes);
    const address = cursor.address();
    this.#add(address, cursor.length());
  }

  #add(offset: Address, length: number): void {
    if (offset === undefined) throw new Damage('a block of an object header has no address');
    if (this.blocks.some((block) => block.offset === offset))
      throw new Damage(`the object header goes in a circle at ${offset}`);
    if (this.blocks.length >= MAX_BLOCKS) throw new Damage(`an object header of more than ${MAX_BLOCKS} blocks`);
    this.blocks.push({ offset, length });
    this.#open.push({ offset, length });
  }
}
