// Writes one group of a log: files that nothing refers to yet, then the one file that refers to them. The files, their
// names, new folders and the replacement are synced side by side, which a disk answers with one or two flushes of its
// journal; only then is the replacement renamed, and its folder synced. So a group waits for the disk twice, however many
// files it has. Loss of power at any point leaves the old state whole, or the new one.
import { randomBytes } from 'node:crypto';
import { parent, VallumError, type Disk, type HeldFile } from '@vallum/core';
import type { NewFile } from './durable.js';
import { inParallel } from './parallel.js';
import { createUnsynced, syncTogether, writeGroup, writeUnsynced } from './unsynced.js';

const TRIES = 8;

export class GroupWriter {
  readonly #disk: Disk;
  readonly #root: string;
  /** Folders below the root whose names this process has made durable. */
  readonly #settled = new Set<string>();

  /** @param root a folder that is there, durably; everything that is written lies below it */
  constructor(disk: Disk, root: string) {
    this.#disk = disk;
    this.#root = root;
  }

  /**
   * @param last replaces what is there, after all `files` and whatever `alongside` writes are durable; lies in the root
   * @throws VallumError `DISK_WRITE`; the old state is then still whole, or the new one is
   */
  async write(files: readonly NewFile[], last: NewFile, alongside?: () => Promise<void>): Promise<void> {
    const beside = alongside?.() ?? Promise.resolve();
    const own = this.#stage(files, last);
    // Both are waited for: nothing may still be written when the caller is told of a failure.
    const [staged, written] = await Promise.allSettled([own, beside]);
    if (staged.status === 'rejected') throw staged.reason;
    if (written.status === 'rejected') {
      await this.#disk.remove(staged.value).catch(() => undefined);
      throw written.reason;
    }
    await this.#disk.rename(staged.value, last.path);
    await this.#disk.sync(this.#root);
  }

  /** Everything durable but the rename. Returns the name under which the replacement waits. */
  async #stage(files: readonly NewFile[], last: NewFile): Promise<string> {
    const fresh = this.#unsettled(files);
    await inParallel(
      fresh.filter((folder) => !fresh.some((other) => other.startsWith(`${folder}/`))),
      (folder) => this.#disk.makeDirectory(folder),
    );
    let temporary = '';
    try {
      const written = await writeGroup([last, ...files], async (file, mayHold) => {
        if (file !== last) return writeUnsynced(this.#disk, file, mayHold);
        const [name, held] = await this.#temporary(last, mayHold);
        temporary = name;
        return held;
      });
      const folders = [...files.map(({ path }) => parent(path)), ...fresh.map(parent)];
      await syncTogether(this.#disk, written, folders);
    } catch (error) {
      if (temporary !== '') await this.#disk.remove(temporary).catch(() => undefined);
      throw error;
    }
    for (const folder of fresh) this.#settled.add(folder);
    return temporary;
  }

  /** The folders of these files, with those around them up to the root, that may not be durable yet. */
  #unsettled(files: readonly NewFile[]): readonly string[] {
    const found = new Set<string>();
    for (const { path } of files)
      for (let at = parent(path); at.length > this.#root.length; at = parent(at)) {
        if (this.#settled.has(at)) break;
        found.add(at);
      }
    return [...found];
  }

  /** Whoever may write into the folder cannot guess the name, and a link that lies there is not followed (CWE-377, CWE-59). */
  async #temporary({ path, bytes }: NewFile, mayHold: boolean): Promise<readonly [string, HeldFile]> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
      try {
        const held = await createUnsynced(this.#disk, { path: temporary, bytes }, mayHold);
        if (held !== undefined) return [temporary, held];
      } catch (error) {
        await this.#disk.remove(temporary).catch(() => undefined);
        throw error;
      }
    }
    throw new VallumError('DISK_WRITE', `cannot write ${path}: every temporary name beside it is taken`, {
      fix: 'find out what else writes into the folder',
    });
  }
}
