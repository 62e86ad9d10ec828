// A disk in memory for tests that can die at any call and lose power. It keeps for every file and folder what is there
// and what would survive: a file's bytes survive a sync of the file, a name survives a sync of its folder, and nothing
// else does. That is harsher than any real file system, so a forgotten sync is always found.
import {
  parent,
  VallumError,
  type Disk,
  type FileStat,
  type HeldFile,
  type HowHeld,
  type OpenFile,
} from '@vallum/core';

interface FileNode {
  readonly kind: 'file';
  readonly inode: bigint;
  now: Uint8Array;
  kept: Uint8Array;
  mtimeNs: bigint;
}

interface FolderNode {
  readonly kind: 'directory';
  readonly inode: bigint;
  now: Map<string, Node>;
  kept: Map<string, Node>;
}

type Node = FileNode | FolderNode;

/** `torn` does the first half of a write and nothing of any other call; `full` does so too, and the disk lives on. */
export type DeathMode = 'before' | 'torn' | 'after' | 'full';

export interface Death {
  /** Which changing call, counted from 1. */
  readonly call: number;
  readonly mode: DeathMode;
}

export class MemoryDisk implements Disk {
  #root: FolderNode = folder(1n);
  #inodes = 1n;
  #clock = 0n;
  #death: Death | undefined;
  #dead = false;
  /** Changing calls so far. */
  calls = 0;
  /** Files that are held open and neither synced nor closed. */
  held = 0;
  readonly writeHeld?: NonNullable<Disk['writeHeld']>;

  /** @param holds whether it can hold what was written open until it is synced, as a real disk can */
  constructor(holds = true) {
    if (holds) this.writeHeld = (path, bytes, how) => this.#writeHeld(path, bytes, how);
  }

  /** The same content, whole, on a disk that works. */
  copy(): MemoryDisk {
    return this.#successor((node) => clone(node, 'now'));
  }

  /** What is found after a loss of power. */
  afterPowerLoss(): MemoryDisk {
    return this.#successor((node) => clone(node, 'kept'));
  }

  #successor(make: (root: FolderNode) => Node): MemoryDisk {
    const disk = new MemoryDisk(this.writeHeld !== undefined);
    disk.#root = make(this.#root) as FolderNode;
    disk.#inodes = this.#inodes;
    disk.#clock = this.#clock;
    return disk;
  }

  dieAt(death: Death): void {
    this.#death = death;
    this.calls = 0;
  }

  get isDead(): boolean {
    return this.#dead;
  }

  /** All files, for tests that change bytes. */
  files(): string[] {
    const found: string[] = [];
    function walk(node: FolderNode, path: string): void {
      for (const [name, below] of node.now)
        if (below.kind === 'file') found.push(`${path}/${name}`);
        else walk(below, `${path}/${name}`);
    }
    walk(this.#root, '');
    return found.sort();
  }

  /** The bytes themselves: a test may change them. */
  bytesOf(path: string): Uint8Array {
    return this.#file(path).now;
  }

  async stat(path: string): Promise<FileStat | undefined> {
    this.#alive();
    const node = this.#find(path);
    if (node === undefined) return undefined;
    const { kind, inode } = node;
    return kind === 'file'
      ? { kind, inode, size: node.now.length, mtimeNs: node.mtimeNs, mode: 0o644 }
      : { kind, inode, size: 0, mtimeNs: 0n, mode: 0o755 };
  }

  async list(path: string): Promise<readonly string[]> {
    this.#alive();
    return [...this.#folder(path).now.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  async read(path: string, limit: number): Promise<Uint8Array> {
    this.#alive();
    const { now } = this.#file(path);
    if (now.length > limit) throw new VallumError('DISK_TOO_LARGE', `${path} has ${now.length} bytes`);
    return Uint8Array.from(now);
  }

  async open(path: string): Promise<OpenFile> {
    this.#alive();
    const { now } = this.#file(path);
    return {
      size: now.length,
      read: async (offset, length) => Uint8Array.from(now.subarray(offset, offset + length)),
      close: async () => undefined,
    };
  }

  write(path: string, bytes: Uint8Array): Promise<void> {
    return this.#change(
      () => this.#put(path, bytes),
      () => this.#put(path, bytes.subarray(0, bytes.length / 2)),
    );
  }

  create(path: string, bytes: Uint8Array): Promise<boolean> {
    const make = (content: Uint8Array): boolean => {
      if (this.#find(path) !== undefined) return false;
      this.#put(path, content);
      return true;
    };
    return this.#change(
      () => make(bytes),
      () => make(bytes.subarray(0, bytes.length / 2)),
    );
  }

  async #writeHeld(path: string, bytes: Uint8Array, how?: HowHeld): Promise<HeldFile | undefined> {
    const made = how?.fresh === true ? await this.create(path, bytes) : await this.write(path, bytes).then(() => true);
    if (!made) return undefined;
    // What is open is the file itself, whatever its name stands for by then.
    const node = this.#file(path);
    let isOpen = true;
    this.held += 1;
    const close = (): void => {
      if (isOpen) this.held -= 1;
      isOpen = false;
    };
    return {
      sync: () => this.#change(() => keep(node)).finally(close),
      close: async () => close(),
    };
  }

  append(path: string, bytes: Uint8Array): Promise<void> {
    return this.#change(() => this.#put(path, Buffer.concat([this.#file(path).now, bytes])));
  }

  sync(path: string): Promise<void> {
    return this.#change(() => {
      keep(this.#need(path));
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#change(() => {
      const node = this.#need(from);
      this.#folder(parent(from)).now.delete(lastOf(from));
      this.#folder(parent(to)).now.set(lastOf(to), node);
    });
  }

  remove(path: string): Promise<void> {
    return this.#change(() => {
      const up = this.#find(parent(path));
      if (up?.kind === 'directory') up.now.delete(lastOf(path));
    });
  }

  makeDirectory(path: string): Promise<void> {
    return this.#change(() => {
      let at = this.#root;
      for (const name of path.split('/').filter((part) => part !== '')) {
        const next = at.now.get(name) ?? folder((this.#inodes += 1n));
        if (next.kind === 'file') throw missing(path);
        at.now.set(name, next);
        at = next;
      }
    });
  }

  async #change<T>(work: () => T, torn?: () => unknown): Promise<T> {
    this.#alive();
    this.calls += 1;
    const dies = this.calls === this.#death?.call ? this.#death.mode : undefined;
    if (dies === 'torn' || dies === 'full') torn?.();
    if (dies === 'full') throw new VallumError('DISK_WRITE', 'cannot write: the disk is full');
    if (dies === 'before' || dies === 'torn') throw this.#die();
    const result = work();
    if (dies === 'after') throw this.#die();
    return result;
  }

  #die(): Error {
    this.#dead = true;
    return new VallumError('DISK_WRITE', 'the disk died');
  }

  #alive(): void {
    if (this.#dead) throw new VallumError('DISK_WRITE', 'the disk is dead');
  }

  #put(path: string, bytes: Uint8Array): void {
    const up = this.#folder(parent(path));
    const there = up.now.get(lastOf(path));
    this.#clock += 1n;
    if (there?.kind === 'directory') throw missing(path);
    if (there === undefined) {
      const inode = (this.#inodes += 1n);
      up.now.set(lastOf(path), {
        kind: 'file',
        inode,
        now: Uint8Array.from(bytes),
        kept: new Uint8Array(),
        mtimeNs: this.#clock,
      });
    } else {
      there.now = Uint8Array.from(bytes);
      there.mtimeNs = this.#clock;
    }
  }

  #find(path: string): Node | undefined {
    let at: Node = this.#root;
    for (const name of path.split('/').filter((part) => part !== '')) {
      const next: Node | undefined = at.kind === 'directory' ? at.now.get(name) : undefined;
      if (next === undefined) return undefined;
      at = next;
    }
    return at;
  }

  #need(path: string): Node {
    const node = this.#find(path);
    if (node === undefined) throw missing(path);
    return node;
  }

  #file(path: string): FileNode {
    const node = this.#need(path);
    if (node.kind !== 'file') throw missing(path);
    return node;
  }

  #folder(path: string): FolderNode {
    const node = this.#need(path);
    if (node.kind !== 'directory') throw missing(path);
    return node;
  }
}

function keep(node: Node): void {
  if (node.kind === 'file') node.kept = Uint8Array.from(node.now);
  else node.kept = new Map(node.now);
}

function folder(inode: bigint): FolderNode {
  return { kind: 'directory', inode, now: new Map(), kept: new Map() };
}

function clone(node: Node, side: 'now' | 'kept'): Node {
  if (node.kind === 'file') return { ...node, now: Uint8Array.from(node[side]), kept: Uint8Array.from(node.kept) };
  const now = new Map([...node[side]].map(([name, below]) => [name, clone(below, side)]));
  // A copy of a working disk keeps what was synced: the same nodes, where they are still there.
  const kept = new Map(
    [...node.kept].map(([name, below]) => [name, node.now.get(name) === below ? now.get(name) : undefined]),
  );
  const known = [...kept].filter((entry): entry is [string, Node] => entry[1] !== undefined);
  return { kind: 'directory', inode: node.inode, now, kept: new Map(known) };
}

function missing(path: string): VallumError {
  return new VallumError('DISK_READ', `cannot read ${path}: there is no such file`);
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
