// All packs of a project, and where in them each statement lies. The index is read from the tables of the packs when it is
// first needed and lives in memory only: the files are the truth. Packs are named by the digest of their bytes, so that
// two copies of a project merge by set union; a pack that a crash cut short holds nothing that anybody was told is there.
// Whoever can write here can add any number of packs that claim any ids: each file is looked at once, and a pack that was
// asked in vain is asked after the others from then on.
import { sha256, VallumError, type Disk, type Sha256 } from '@vallum/core';
import { MAX_ENVELOPE_BYTES } from '@vallum/trust';
import type { NewFile } from './durable.js';
import { encodePacks, hasRepeats, PACK_LIMIT, PACK_START, readTable, tableBytes, type Packable } from './pack.js';
import { inParallel } from './parallel.js';
import { PlaceIndex, type Place } from './place-index.js';

/** Bytes that may be what is looked for. */
export interface Candidate {
  readonly path: string;
  read(): Promise<Uint8Array>;
  /** Told whether it was what was looked for. */
  judge?(wasIt: boolean): void;
}

export interface TornPack {
  readonly path: string;
  /** What its table speaks of; undefined where not even that is whole. */
  readonly ids: () => Promise<readonly Sha256[] | undefined>;
}

interface Pack {
  readonly path: string;
  /** When it was looked at. */
  readonly size: number;
  /** `cut` has a whole table but not the bytes that it speaks of; `none` is no pack. */
  readonly state: 'whole' | 'cut' | 'none';
  /** Times that it was asked for a record and gave another thing, and that it gave the right one. */
  vain: number;
  hits: number;
}

const NAME = /^[0-9a-f]{64}\.pack$/;
/** Packs whose bytes are kept: statements are mostly read in the order in which they were packed. */
const KEPT = 4;
/** Bytes of a pack that is read as a whole; of a larger one only the record is. */
const READ_WHOLE = 1024 * 1024;
/** Questions in vain after which only few packs that were asked in vain before are asked for an id. */
const MOST_VAIN = 20_000;
const FEW = 64;

export class PackFolder {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #index = new PlaceIndex();
  /** By number; a file that was looked at again has a new one. */
  readonly #packs: Pack[] = [];
  readonly #byPath = new Map<string, Pack>();
  readonly #kept = new Map<string, Promise<Uint8Array>>();
  #vain = 0;
  /** Packs written by this process, and how many of them there were when the folder was last listed. */
  #written = 0;
  #listed = -1;
  #loading: Promise<void> | undefined;

  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#folder = folder;
  }

  /** The files that hold these envelopes, to be written by the caller, who then says so with `wrote`. */
  filesOf(contents: readonly Packable[]): readonly NewFile[] {
    return encodePacks(contents).map((bytes) => ({ path: `${this.#folder}/${sha256(bytes)}.pack`, bytes }));
  }

  wrote(): void {
    this.#written += 1;
  }

  /** What lies in the packs under this id, with the pack's path, the most likely first; nothing of it is checked. */
  async find(id: Sha256): Promise<readonly Candidate[]> {
    while (this.#listed < this.#written) await this.#load();
    const found = this.#placesOf(id).sort((a, b) => a.pack.vain - a.pack.hits - (b.pack.vain - b.pack.hits));
    const asked = this.#vain < MOST_VAIN ? found : found.filter(({ pack }, at) => at < FEW || pack.vain === 0);
    return asked.map(({ pack, place }) => ({
      path: pack.path,
      read: () => this.#record(pack, place),
      judge: (wasIt) => this.#judge(pack, wasIt),
    }));
  }

  /** Whether a pack that is not whole speaks of this id. */
  async isInTorn(id: Sha256): Promise<boolean> {
    while (this.#listed < this.#written) await this.#load();
    return this.#placesOf(id).some(({ pack }) => pack.state === 'cut');
  }

  /** Packs that are shorter than they say, or none at all. They are looked at again: another process may be writing them. */
  async torn(): Promise<readonly TornPack[]> {
    await this.#load();
    await inParallel(
      [...this.#byPath.values()].filter(({ state }) => state !== 'whole'),
      async ({ path }) => this.#lookAt(path),
    );
    return [...this.#byPath.values()]
      .filter(({ state }) => state !== 'whole')
      .map(({ path, state, size }) => ({
        path,
        ids: async () => (state === 'cut' || size === 0 ? this.#idsOf(path) : undefined),
      }));
  }

  #placesOf(id: Sha256): { readonly pack: Pack; readonly place: Place }[] {
    return this.#index.find(Buffer.from(id, 'hex')).flatMap((place) => {
      const pack = this.#packs[place.pack];
      return pack === undefined || this.#byPath.get(pack.path) !== pack ? [] : [{ pack, place }];
    });
  }

  #judge(pack: Pack, wasIt: boolean): void {
    if (wasIt) pack.hits += 1;
    else {
      pack.vain += 1;
      this.#vain += 1;
    }
  }

  /** Looks at the packs that were not there the last time. */
  async #load(): Promise<void> {
    this.#loading ??= this.#readFolder().finally(() => (this.#loading = undefined));
    await this.#loading;
  }

  async #readFolder(): Promise<void> {
    const written = this.#written;
    if ((await this.#disk.stat(this.#folder))?.kind === 'directory') {
      const names = await this.#names();
      const fresh = names.filter((name) => NAME.test(name)).map((name) => `${this.#folder}/${name}`);
      await inParallel(
        fresh.filter((path) => !this.#byPath.has(path)),
        (path) => this.#lookAt(path),
      );
    }
    this.#listed = written;
  }

  /** A name that is not valid UTF-8 is not that of a pack. */
  async #names(): Promise<readonly string[]> {
    if (this.#disk.listValid === undefined) return this.#disk.list(this.#folder);
    return (await this.#disk.listValid(this.#folder)).names;
  }

  /** Enters a pack into the index; what cannot be read is none, and hinders no other. */
  async #lookAt(path: string): Promise<void> {
    const stat = await this.#disk.stat(path).catch(() => undefined);
    const known = this.#byPath.get(path);
    if (stat === undefined) this.#byPath.delete(path);
    if (stat?.kind !== 'file' || stat.size === known?.size) return;
    const table = stat.size > PACK_LIMIT ? undefined : await this.#tableOf(path).catch(() => undefined);
    const end = table === undefined ? undefined : this.#enter(table, this.#packs.length);
    const state = end === undefined ? 'none' : end === stat.size ? 'whole' : 'cut';
    const pack: Pack = { path, size: stat.size, state, vain: 0, hits: 0 };
    this.#packs.push(pack);
    this.#byPath.set(path, pack);
  }

  /** Puts the records of a pack into the index; answers where the last one ends. */
  #enter(table: Uint8Array, pack: number): number {
    let end = PACK_START;
    for (const { id, from, to } of readTable(table)) {
      if (to - from <= MAX_ENVELOPE_BYTES && to <= PACK_LIMIT) this.#index.add(id, { pack, from, length: to - from });
      end = to;
    }
    return end;
  }

  /** Undefined for what is no pack. */
  async #tableOf(path: string): Promise<Uint8Array | undefined> {
    const file = await this.#disk.open(path);
    try {
      const length = tableBytes(await file.read(0, PACK_START));
      if (length === undefined || PACK_START + length > file.size) return undefined;
      const table = await file.read(PACK_START, length);
      return table.length === length && !hasRepeats(table) ? table : undefined;
    } finally {
      await file.close();
    }
  }

  async #idsOf(path: string): Promise<readonly Sha256[] | undefined> {
    if ((await this.#disk.stat(path))?.size === 0) return [];
    const table = await this.#tableOf(path);
    return table === undefined ? undefined : [...readTable(table)].map(({ id }) => id.toString('hex') as Sha256);
  }

  async #record({ path, size }: Pack, { from, length }: Place): Promise<Uint8Array> {
    const record = size > READ_WHOLE ? await this.#part(path, from, length) : await this.#ofWhole(path, from, length);
    if (record.length === length) return record;
    this.#kept.delete(path);
    throw new VallumError('STATEMENT_CUT', `${path} ends before this statement`, {
      fix: 'restore the file from a copy',
    });
  }

  async #ofWhole(path: string, from: number, length: number): Promise<Uint8Array> {
    return (await this.#bytes(path)).subarray(from, from + length);
  }

  async #part(path: string, from: number, length: number): Promise<Uint8Array> {
    const file = await this.#disk.open(path);
    try {
      return await file.read(from, length);
    } finally {
      await file.close();
    }
  }

  #bytes(path: string): Promise<Uint8Array> {
    const bytes = this.#kept.get(path) ?? this.#disk.read(path, PACK_LIMIT);
    this.#kept.delete(path);
    this.#kept.set(path, bytes);
    for (const oldest of this.#kept.keys()) if (this.#kept.size > KEPT) this.#kept.delete(oldest);
    bytes.catch(() => this.#kept.delete(path));
    return bytes;
  }
}
