// A hasher that reads only what seems to have changed since the last time. That is weaker than reading: whoever commands
// the clock or the disk itself can change a file unseen until the next full reading, after 7 days at most. So the report
// says which it was, and no evidence is ever made from it: planSignatureVerify reads every byte. A shared mapping of the
// file changes it without moving its times; a sync before the reading ends that, and where it would not, nothing is kept.
import type { Clock, FileHasher, FileStat, HashedFile, HashOptions, HashRequest } from '@vallum/core';
import type { CachePlace } from './cache-store.js';
import { loadCache, saveCache } from './cache-store.js';
import type { CacheEntry, StatCache } from './stat-cache.js';
import { byKey, entryOf, isRacy, keyOf, looksSame, staleness } from './stat-cache.js';

export interface IncrementalOptions extends CachePlace {
  /** Where the requests' paths begin: the model folder as it is named there. */
  readonly dir: string;
  readonly clock: Clock;
  /** Does a write through a shared mapping move the times of this file, once it is synced? */
  readonly datesMappedWrites: (path: string) => Promise<boolean>;
}

export interface IncrementalReport {
  /** `content`: every file was read in this run. `stat`: some were taken from the cache by size, times and inode. */
  readonly assurance: 'content' | 'stat';
  /** Files, or ranges of files, that were asked for. */
  readonly files: number;
  /** Of these, read in this run. */
  readonly rehashed: number;
  /** Files whose bytes are others than the cache says although they look the same: a failing disk, or an attack. */
  readonly contradicted: readonly string[];
  readonly notes: readonly string[];
}

export interface IncrementalHasher extends FileHasher {
  report(): IncrementalReport;
}

/** Takes the inner hasher over: `close` closes it and, when nothing failed, keeps the cache for the next time. */
export async function incrementalHasher(inner: FileHasher, options: IncrementalOptions): Promise<IncrementalHasher> {
  const { cache, note } = await loadCache(options);
  const why = cache === undefined ? note : staleness(cache, options.folder, options.clock().getTime());
  return new Incremental(inner, options, cache, why);
}

interface Look {
  readonly request: HashRequest;
  readonly path: string;
  readonly stat: FileStat | undefined;
  readonly entry: CacheEntry | undefined;
}

class Incremental implements IncrementalHasher {
  readonly #inner: FileHasher;
  readonly #options: IncrementalOptions;
  readonly #cache: StatCache | undefined;
  readonly #old: ReadonlyMap<string, CacheEntry>;
  /** Nothing is taken from the cache, which still tells what contradicts it. */
  readonly #all: boolean;
  readonly #kept = new Map<string, CacheEntry>();
  readonly #notes: string[] = [];
  readonly #contradicted = new Set<string>();
  /** By device. */
  readonly #keeps = new Map<bigint | undefined, boolean>();
  #files = 0;
  #rehashed = 0;
  #failed = false;
  #closed = false;

  constructor(inner: FileHasher, options: IncrementalOptions, cache: StatCache | undefined, why: string | undefined) {
    this.#inner = inner;
    this.#options = options;
    const ours = cache?.folder === options.folder ? cache : undefined;
    this.#cache = ours;
    this.#old = ours === undefined ? new Map() : byKey(ours);
    this.#all = why !== undefined || ours === undefined;
    if (why !== undefined) this.#notes.push(`every file is read: ${why}`);
  }

  async hash(requests: readonly HashRequest[], options?: HashOptions): Promise<readonly HashedFile[]> {
    const ms = this.#options.clock().getTime();
    const looks = await this.#look(requests);
    const unread = looks.filter((look) => !this.#trusts(look));
    // After `ms`: a mapped write between the sync and the look makes the file too young to be believed.
    const synced = await this.#sync(unread);
    const hashed = await this.#read(unread, options);
    this.#files += looks.length;
    this.#rehashed += unread.length;
    let next = 0;
    return looks.map((look) => {
      const { request, path, stat, entry } = look;
      const key = keyOf(path, request);
      if (this.#trusts(look) && entry !== undefined) {
        this.#kept.set(key, entry);
        return { digest: entry.digest, bytes: entry.bytes };
      }
      const file = hashed[next++] as HashedFile;
      const fresh = entryOf(path, request, file, { stat: synced.get(request.path), ms });
      if (fresh !== undefined) this.#kept.set(key, fresh);
      if (entry !== undefined && looksSame(entry, stat) && !isRacy(entry) && entry.digest !== file.digest)
        this.#contradicted.add(path);
      return file;
    });
  }

  async close(): Promise<void> {
    await this.#inner.close();
    if (this.#closed) return;
    this.#closed = true;
    if (this.#failed || this.#rehashed === 0) return;
    const writtenMs = this.#options.clock().getTime();
    const fullMs = this.#rehashed === this.#files ? writtenMs : (this.#cache?.fullMs ?? 0);
    const { folder } = this.#options;
    const note = await saveCache(this.#options, { folder, writtenMs, fullMs, entries: [...this.#kept.values()] });
    if (note !== undefined) this.#notes.push(note);
  }

  report(): IncrementalReport {
    return {
      assurance: this.#rehashed === this.#files ? 'content' : 'stat',
      files: this.#files,
      rehashed: this.#rehashed,
      contradicted: [...this.#contradicted].sort(),
      notes: this.#notes,
    };
  }

  #trusts({ entry, stat }: Look): boolean {
    return !this.#all && entry !== undefined && looksSame(entry, stat) && !isRacy(entry);
  }

  async #look(requests: readonly HashRequest[]): Promise<readonly Look[]> {
    const { disk, dir } = this.#options;
    const stats = new Map<string, FileStat | undefined>();
    const looks: Look[] = [];
    for (const request of requests) {
      if (!stats.has(request.path)) stats.set(request.path, await disk.stat(request.path));
      const path = request.path.startsWith(`${dir}/`) ? request.path.slice(dir.length + 1) : request.path;
      const entry = this.#old.get(keyOf(path, request));
      looks.push({ request, path, stat: stats.get(request.path), entry });
    }
    return looks;
  }

  /** Files as they are once every write that was made through a mapping is on the disk; without those not to be kept. */
  async #sync(looks: readonly Look[]): Promise<ReadonlyMap<string, FileStat | undefined>> {
    const { disk } = this.#options;
    const found = new Map<string, FileStat | undefined>();
    for (const { request, stat } of looks) {
      if (found.has(request.path) || stat?.kind !== 'file') continue;
      const stays = (await this.#mayKeep(request.path, stat)) && (await this.#synced(request.path));
      found.set(request.path, stays ? await disk.stat(request.path) : undefined);
    }
    return found;
  }

  async #mayKeep(path: string, { device }: FileStat): Promise<boolean> {
    const known = this.#keeps.get(device);
    if (known !== undefined) return known;
    const keeps = await this.#options.datesMappedWrites(path);
    this.#keeps.set(device, keeps);
    if (!keeps) this.#noteOnce('files of a file system that may hide writes through a mapping are not kept');
    return keeps;
  }

  async #synced(path: string): Promise<boolean> {
    try {
      await this.#options.disk.sync(path);
      return true;
    } catch {
      this.#noteOnce('files that cannot be synced are not kept');
      return false;
    }
  }

  #noteOnce(note: string): void {
    if (!this.#notes.includes(note)) this.#notes.push(note);
  }

  async #read(looks: readonly Look[], options: HashOptions | undefined): Promise<readonly HashedFile[]> {
    if (looks.length === 0) return [];
    try {
      const requests = looks.map(({ request }) => request);
      return await this.#inner.hash(requests, options);
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }
}
