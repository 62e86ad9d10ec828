// Files whose name says what they hold, written so that they survive a loss of power.
import { parent, writeDurably, type Disk } from '@vallum/core';
import { DurableFiles, type NewFile } from './durable.js';
import { createUnsynced, syncTogether, unheld, writeGroup } from './unsynced.js';

export class ContentFiles {
  readonly #disk: Disk;
  readonly #files: DurableFiles;

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#files = new DurableFiles(disk);
  }

  /** Durable when it returns. What is there with other bytes (a torn or a foreign file) is replaced. */
  async store(files: readonly NewFile[]): Promise<void> {
    await this.#files.makeDirectories(files.map(({ path }) => parent(path)));
    const written = await writeGroup(files, async (file, mayHold) => {
      const created = await createUnsynced(this.#disk, file, mayHold);
      if (created !== undefined) return created;
      const { path, bytes } = file;
      if (!(await this.#holds(path, bytes))) await writeDurably(this.#disk, path, bytes);
      // Also what was there: whoever wrote it may have died before the sync.
      return unheld(this.#disk, path);
    });
    await syncTogether(
      this.#disk,
      written,
      files.map(({ path }) => parent(path)),
    );
  }

  /** Makes files durable that are there. */
  async settle(paths: readonly string[]): Promise<void> {
    await this.#files.makeDirectories(paths.map(parent));
    await this.#files.syncAll(paths.map((path) => ({ path })));
  }

  /** Undefined when it is not there. */
  async load(path: string, limit: number): Promise<Uint8Array | undefined> {
    if ((await this.#disk.stat(path)) === undefined) return undefined;
    return this.#disk.read(path, limit);
  }

  async #holds(path: string, bytes: Uint8Array): Promise<boolean> {
    if ((await this.#disk.stat(path))?.size !== bytes.length) return false;
    return Buffer.compare(await this.#disk.read(path, bytes.length), bytes) === 0;
  }
}
