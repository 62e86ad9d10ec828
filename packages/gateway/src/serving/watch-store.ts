// Looks at a model store again and again. Hashing everything each time would cost a large model its disk, so a look at
// sizes, times and inodes may stand in for it: whoever changes a file changes its ctime, which nobody sets back without the
// clock or the disk. That is weaker than reading, so every twelfth look reads all bytes whatever the times say, and so does
// every look at files that were changed just before they were hashed (their next change may bear the same time).
// What this shows is the store: bytes that a server loaded before they were put back are for a canary to find.
import type { Clock, Disk, FileDigest, FileHasher, Sha256 } from '@vallum/core';
import { listFiles, messageOf, VallumError } from '@vallum/core';
import type { IntegrityLook } from './looks.js';
import type { StoreDigest } from './store.js';
import { assertFolder, differences, hashStore } from './store.js';

export interface StoreWatchOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly folder: string;
  readonly hasher: FileHasher;
  /** Paths that the digest leaves out: the detached signature. */
  readonly except: readonly string[];
  /** The files of an approved digest, where somebody else knows them; asked once for each digest, to name what differs. */
  readonly approved?: (digest: Sha256) => Promise<readonly FileDigest[] | undefined>;
}

/** One look in so many reads every byte. */
export const FULL_EVERY = 12;
/** File systems count time in ticks of up to two seconds (FAT); most have a few milliseconds. */
const TICK_NS = 2_000_000_000n;
/** A deployment writes while it is looked at; one that goes on longer closes the route until it is done. */
const TRIES = 3;

interface Hashed extends StoreDigest {
  readonly fingerprint: string;
  /** Whether sizes and times can stand for the bytes. */
  readonly settled: boolean;
}

export class StoreWatch {
  readonly #options: StoreWatchOptions;
  #last: Hashed | undefined;
  #sinceFull = 0;
  /** Files of the approved digest. */
  #approved: { readonly digest: Sha256; readonly files: readonly FileDigest[] | undefined } | undefined;

  constructor(options: StoreWatchOptions) {
    this.#options = options;
  }

  /** @returns never rejects: what cannot be read is an answer */
  async look(expected: Sha256): Promise<IntegrityLook> {
    try {
      const { digest, files } = await this.#read();
      if (digest === expected) {
        this.#approved = { digest, files };
        return { kind: 'match', subject: digest, files: files.length };
      }
      const named = await this.#differing(expected, files);
      const which = named.length === 0 ? '' : `: ${named.join(', ')}`;
      return {
        kind: 'mismatch',
        reason: `the model store is ${digest.slice(0, 12)} and the verdict approves ${expected.slice(0, 12)}${which}`,
        files: named,
      };
    } catch (error) {
      this.#last = undefined;
      // A link in the place of a file is a swap and no accident.
      const kind = error instanceof VallumError && error.code === 'TREE_KIND' ? 'mismatch' : 'unreadable';
      return { kind, reason: `the model store cannot be hashed: ${messageOf(error)}` };
    }
  }

  async #read(): Promise<StoreDigest> {
    const fingerprint = await this.#fingerprint();
    const last = this.#last;
    this.#sinceFull += 1;
    if (last?.settled === true && last.fingerprint === fingerprint && this.#sinceFull < FULL_EVERY) return last;
    this.#sinceFull = 0;
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#hash();
      } catch (error) {
        if (tries === TRIES || !(error instanceof VallumError) || error.code !== 'TREE_CHANGED') throw error;
      }
    }
  }

  async #hash(): Promise<Hashed> {
    const { disk, folder, clock } = this.#options;
    const startedNs = BigInt(clock().getTime()) * 1_000_000n;
    const times: bigint[] = [];
    const before = await this.#fingerprint(times);
    const store = await hashStore(disk, folder, this.#options);
    if ((await this.#fingerprint()) !== before)
      throw new VallumError('TREE_CHANGED', `${folder} changed while it was read`, { fix: 'let it come to rest' });
    const settled = times.every((time) => time < startedNs - TICK_NS);
    this.#last = { ...store, fingerprint: before, settled };
    return this.#last;
  }

  /** What can be seen of every file without reading it. */
  async #fingerprint(times: bigint[] = []): Promise<string> {
    const { disk, folder } = this.#options;
    await assertFolder(disk, folder);
    const lines: string[] = [];
    for (const path of await listFiles(disk, folder)) {
      const stat = await disk.stat(`${folder}/${path}`);
      if (stat !== undefined) times.push(stat.mtimeNs, stat.ctimeNs ?? stat.mtimeNs);
      lines.push([path, stat?.size, stat?.mtimeNs, stat?.ctimeNs, stat?.inode, stat?.device].join('\n'));
    }
    return lines.join('\0');
  }

  async #differing(expected: Sha256, found: readonly FileDigest[]): Promise<readonly string[]> {
    if (this.#approved?.digest !== expected) {
      const files = await this.#options.approved?.(expected).catch(() => undefined);
      this.#approved = { digest: expected, files };
    }
    return this.#approved.files === undefined ? [] : differences(this.#approved.files, found);
  }
}
