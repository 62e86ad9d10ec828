// Makes files and folders survive a loss of power: every file is synced, and so is every directory that may have gained
// a name. A directory that is there already is no proof: a run that died before its sync may have made it.
import { parent, type Disk } from '@vallum/core';
import { inParallel } from './parallel.js';

export interface NewFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export class DurableFiles {
  readonly #disk: Disk;
  /** Directories whose own name is known to be durable, because this process synced their parent. */
  readonly #settled = new Set<string>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Makes directories and their parents; their names are durable when it returns. */
  async makeDirectories(paths: readonly string[]): Promise<void> {
    const unsettled = [...new Set(paths)].filter((path) => !this.#settled.has(path) && parent(path) !== path);
    if (unsettled.length === 0) return;
    const there = await inParallel(unsettled, async (path) => (await this.#disk.stat(path)) !== undefined);
    const missing = unsettled.filter((_, at) => there[at] !== true);
    // A folder is only made after the name of the folder around it is durable, so that one level back is enough.
    await this.makeDirectories(missing.map(parent));
    await inParallel(missing, (path) => this.#disk.makeDirectory(path));
    await this.#sync(unsettled.map(parent));
    for (const path of unsettled) this.#settled.add(path);
  }

  /** Makes files and their names durable, side by side. */
  async syncAll(files: readonly { readonly path: string }[]): Promise<void> {
    await this.#sync(files.flatMap(({ path }) => [path, parent(path)]));
  }

  async #sync(paths: readonly string[]): Promise<void> {
    await inParallel([...new Set(paths)], (path) => this.#disk.sync(path));
  }
}
