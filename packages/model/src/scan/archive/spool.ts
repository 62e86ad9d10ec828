// Where unpacked bytes go: into memory while they are few, into a temporary file beyond that. So an entry of gigabytes is
// examined by random access like any file, and memory stays where it was.
import type { Source } from '@vallum/formats';
import type { Scratch, ScratchFile } from '../context.js';

const BATCH = 1024 * 1024;

export class Spool {
  readonly #scratch: Scratch;
  readonly #maxMemory: number;
  /** All bytes while they fit, then those that are not written yet. */
  #buffer = new Uint8Array(0);
  #filled = 0;
  #written = 0;
  #file: ScratchFile | undefined;

  constructor(scratch: Scratch, maxMemory: number) {
    this.#scratch = scratch;
    this.#maxMemory = maxMemory;
  }

  get length(): number {
    return this.#written + this.#filled;
  }

  async add(bytes: Uint8Array): Promise<void> {
    if (this.#file === undefined && this.length + bytes.length > this.#maxMemory)
      this.#file = await this.#scratch.create();
    if (this.#file !== undefined && this.#filled + bytes.length > BATCH) await this.#flush(this.#file);
    if (this.#file !== undefined && bytes.length > BATCH) {
      await this.#file.write(this.#written, bytes);
      this.#written += bytes.length;
      return;
    }
    this.#room(this.#filled + bytes.length);
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  /** What was added, by random access; valid until `close`. */
  async source(): Promise<Source> {
    const file = this.#file;
    if (file === undefined) {
      const bytes = this.#buffer.subarray(0, this.#filled);
      return { size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) };
    }
    await this.#flush(file);
    this.#buffer = new Uint8Array(0);
    const size = this.#written;
    return { size, read: (offset, length) => file.read(offset, Math.max(0, Math.min(length, size - offset))) };
  }

  async close(): Promise<void> {
    this.#buffer = new Uint8Array(0);
    await this.#file?.close();
    this.#file = undefined;
  }

  async #flush(file: ScratchFile): Promise<void> {
    if (this.#filled > 0) await file.write(this.#written, this.#buffer.subarray(0, this.#filled));
    this.#written += this.#filled;
    this.#filled = 0;
  }

  #room(wanted: number): void {
    if (this.#buffer.length >= wanted) return;
    const wider = new Uint8Array(Math.max(wanted, Math.min(this.#buffer.length * 2, this.#maxMemory)));
    wider.set(this.#buffer.subarray(0, this.#filled));
    this.#buffer = wider;
  }
}
