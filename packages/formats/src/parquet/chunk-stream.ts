// The bytes of one column chunk from front to back, read ahead a piece at a time and kept in memory of its own.
import type { Source } from '../bytes/parser.js';
import { tableError } from '../table/errors.js';

export class ChunkStream {
  readonly #source: Source;
  readonly #end: number;
  readonly #piece: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #pos = 0;
  /** Offset in the file behind what is at hand. */
  #at: number;

  constructor(source: Source, start: number, end: number, piece: number) {
    this.#source = source;
    this.#at = start;
    this.#end = end;
    this.#piece = piece;
  }

  /** Offset of the next byte. */
  get offset(): number {
    return this.#at - (this.#bytes.length - this.#pos);
  }

  get left(): number {
    return this.#end - this.offset;
  }

  skip(length: number): void {
    this.#pos += length;
  }

  /** The next `length` bytes, without moving, or all that are left; valid until the next call. */
  async peek(length: number): Promise<Uint8Array> {
    const wanted = Math.min(length, this.left);
    if (this.#bytes.length - this.#pos < wanted) await this.#fill(wanted);
    return this.#bytes.subarray(this.#pos, this.#pos + wanted);
  }

  async #fill(wanted: number): Promise<void> {
    const rest = this.#bytes.subarray(this.#pos);
    const size = Math.min(this.#end - this.#at, Math.max(this.#piece, wanted - rest.length));
    const read = await this.#source.read(this.#at, size);
    if (read.length !== size)
      throw tableError('TABLE_CHANGED', `it ends at byte ${this.#at + read.length}`, 'read it while nobody writes');
    // What was read may be used again by its owner.
    const bytes = new Uint8Array(rest.length + size);
    bytes.set(rest);
    bytes.set(read, rest.length);
    this.#bytes = bytes;
    this.#pos = 0;
    this.#at += size;
  }
}
