// Events as lines of JSON in a file. An event is delivered when its line is durable; lines that come together share one
// sync. A full file is renamed to `<path>.1`, that one to `.2`, and so on; the oldest is removed.
import { parent } from '@vallum/core';
import type { Disk } from '@vallum/core';
import { Lane } from './lane.js';
import type { Letter } from './lane.js';
import type { Sink } from './sink.js';

const NEWLINE = 0x0a;

export interface FileSinkOptions {
  readonly disk: Disk;
  readonly path: string;
  /** Bytes after which the file is put aside; 64 MiB by default. */
  readonly maxBytes?: number;
  /** Files that are kept beside the one that is written; 5 by default. */
  readonly keep?: number;
  /** Events that may wait; 10,000 by default. */
  readonly waiting?: number;
}

export function fileSink(options: FileSinkOptions): Sink {
  const file = new LineFile(options);
  const lane = new Lane({
    deliver: (letters) => file.append(letters),
    together: 256,
    ...(options.waiting === undefined ? {} : { waiting: options.waiting }),
  });
  return { emit: (event) => lane.emit(event), stats: () => lane.stats(), close: () => lane.close() };
}

class LineFile {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #keep: number;
  /** Undefined before the file was looked at, and after a failure, which may have left half a line. */
  #size: number | undefined;

  constructor({ disk, path, maxBytes = 64 * 1024 ** 2, keep = 5 }: FileSinkOptions) {
    this.#disk = disk;
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#keep = keep;
  }

  async append(letters: readonly Letter[]): Promise<void> {
    const lines = Buffer.from(letters.map(({ text }) => `${text}\n`).join(''));
    const size = this.#size ?? (await this.#begin());
    this.#size = undefined;
    const isFull = size > 0 && size + lines.length > this.#maxBytes;
    if (isFull) await this.#rotate();
    // Events name principals and peers: the file is its owner's only.
    if (isFull || size === 0) await this.#disk.create(this.#path, new Uint8Array(0), 0o600);
    await this.#disk.append(this.#path, lines);
    await this.#disk.sync(this.#path);
    if (isFull || size === 0) await this.#disk.sync(parent(this.#path));
    this.#size = (isFull ? 0 : size) + lines.length;
  }

  /** Ends the half line that a crash left, so that no reader takes two events for one. @returns the size in bytes */
  async #begin(): Promise<number> {
    await this.#disk.makeDirectory(parent(this.#path));
    const size = (await this.#disk.stat(this.#path))?.size ?? 0;
    if (size === 0 || (await this.#lastByte(size)) === NEWLINE) return size;
    await this.#disk.append(this.#path, Uint8Array.of(NEWLINE));
    return size + 1;
  }

  async #lastByte(size: number): Promise<number | undefined> {
    const file = await this.#disk.open(this.#path);
    try {
      return (await file.read(size - 1, 1))[0];
    } finally {
      await file.close();
    }
  }

  async #rotate(): Promise<void> {
    await this.#disk.remove(`${this.#path}.${this.#keep}`);
    for (let number = this.#keep - 1; number >= 0; number -= 1) {
      const from = number === 0 ? this.#path : `${this.#path}.${number}`;
      if ((await this.#disk.stat(from)) !== undefined) await this.#disk.rename(from, `${this.#path}.${number + 1}`);
    }
    if (this.#keep === 0) await this.#disk.remove(this.#path);
  }
}
