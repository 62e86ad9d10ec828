// A flat disk in memory that loses what was not synced, and fails on demand: bytes survive a sync of the file, a name survives
// a sync of its folder.
import { VallumError } from '@vallum/core';
import type { Disk, FileStat, OpenFile } from '@vallum/core';

interface File {
  now: Uint8Array;
  kept: Uint8Array;
}

export class CrashDisk implements Disk {
  #now = new Map<string, File>();
  #kept = new Map<string, File>();
  /** Changing calls until one fails half-way; the disk is dead after it, or lives on where `full`. */
  failAfter = Infinity;
  full = false;
  #dead = false;

  /** What is found after a loss of power. Of bytes that were not synced, some may be there: `torn` of them, from 0 to 1. */
  afterPowerLoss(torn = 0): CrashDisk {
    const disk = new CrashDisk();
    for (const [path, { now, kept }] of this.#kept) {
      const isLonger = now.length > kept.length && Buffer.from(now.subarray(0, kept.length)).equals(kept);
      const bytes = isLonger ? now.slice(0, kept.length + Math.floor((now.length - kept.length) * torn)) : kept.slice();
      disk.#now.set(path, { now: bytes, kept: bytes });
    }
    disk.#kept = new Map(disk.#now);
    return disk;
  }

  textOf(path: string): string {
    return Buffer.from(this.#file(path).now).toString('utf8');
  }

  async stat(path: string): Promise<FileStat | undefined> {
    const file = this.#now.get(path);
    if (file === undefined) return undefined;
    return { kind: 'file', inode: 1n, size: file.now.length, mtimeNs: 0n, mode: 0o600 };
  }

  async list(): Promise<readonly string[]> {
    return [...this.#now.keys()];
  }

  async read(path: string): Promise<Uint8Array> {
    return this.#file(path).now.slice();
  }

  async open(): Promise<OpenFile> {
    throw new VallumError('DISK_READ', 'not needed here');
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    this.#change(
      () => this.#put(path, bytes.slice()),
      () => this.#put(path, bytes.slice(0, bytes.length / 2)),
    );
  }

  async create(path: string, bytes: Uint8Array): Promise<boolean> {
    if (this.#now.has(path)) return false;
    await this.write(path, bytes);
    return true;
  }

  async append(path: string, bytes: Uint8Array): Promise<void> {
    const before = this.#file(path).now;
    this.#change(
      () => this.#put(path, Buffer.concat([before, bytes])),
      () => this.#put(path, Buffer.concat([before, bytes.subarray(0, bytes.length / 2)])),
    );
  }

  async sync(path: string): Promise<void> {
    this.#change(() => {
      const file = this.#now.get(path);
      if (file === undefined) this.#kept = new Map(this.#now);
      else file.kept = file.now;
    });
  }

  async rename(from: string, to: string): Promise<void> {
    this.#change(() => {
      this.#now.set(to, this.#file(from));
      this.#now.delete(from);
    });
  }

  async remove(path: string): Promise<void> {
    this.#change(() => this.#now.delete(path));
  }

  async makeDirectory(): Promise<void> {}

  #change(work: () => unknown, half?: () => unknown): void {
    if (this.#dead) throw new VallumError('DISK_WRITE', 'the disk is dead');
    this.failAfter -= 1;
    if (this.failAfter < 0) {
      half?.();
      this.#dead = !this.full;
      throw new VallumError('DISK_WRITE', this.full ? 'the disk is full' : 'the disk died');
    }
    work();
  }

  #put(path: string, bytes: Uint8Array): void {
    const file = this.#now.get(path);
    if (file === undefined) this.#now.set(path, { now: bytes, kept: new Uint8Array() });
    else file.now = bytes;
  }

  #file(path: string): File {
    const file = this.#now.get(path);
    if (file === undefined) throw new VallumError('DISK_READ', `there is no ${path}`);
    return file;
  }
}
