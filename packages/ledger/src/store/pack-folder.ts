// All packs of a project, and where in them each statement lies. The index is read from the tables of the packs when it is
// first needed and lives in memory only: the files are the truth. Packs are named by the digest of their bytes, so that
// two copies of a project merge by set union; a pack that a crash cut short holds nothing that anybody was told is there.
import { sha256, VallumError, type Disk, type Sha256 } from '@vallum/core';
import { MAX_ENVELOPE_BYTES } from '@vallum/trust';
import type { NewFile } from './durable.js';
import { encodePacks, PACK_LIMIT, PACK_START, readTable, tableBytes, type Packable, type PackRecord } from './pack.js';

interface Place extends PackRecord {
  readonly path: string;
}

/** Bytes that may be what is looked for. */
export interface Candidate {
  readonly path: string;
  read(): Promise<Uint8Array>;
}

export interface TornPack {
  readonly path: string;
  /** What its table speaks of; undefined where not even that is whole. */
  readonly ids: readonly Sha256[] | undefined;
}

const NAME = /^[0-9a-f]{64}\.pack$/;
/** Packs whose bytes are kept: statements are mostly read in the order in which they were packed. */
const KEPT = 4;

export class PackFolder {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #places = new Map<Sha256, Place[]>();
  /** By path: its size when it was read, and what is wrong with it. */
  readonly #known = new Map<string, { readonly size: number; readonly torn: TornPack | undefined }>();
  readonly #kept = new Map<string, Promise<Uint8Array>>();
  #loading: Promise<void> | undefined;

  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#folder = folder;
  }

  /** The files that hold these envelopes, to be written by the caller. */
  filesOf(contents: readonly Packable[]): readonly NewFile[] {
    return encodePacks(contents).map((bytes) => ({ path: `${this.#folder}/${sha256(bytes)}.pack`, bytes }));
  }

  /** What lies in the packs under this id, with the pack's path; nothing of it is checked. */
  async find(id: Sha256): Promise<readonly Candidate[]> {
    if (!this.#places.has(id)) await this.#load();
    return (this.#places.get(id) ?? []).map((place) => ({ path: place.path, read: () => this.#record(place) }));
  }

  /** Packs that are shorter than they say, or none at all. */
  async torn(): Promise<readonly TornPack[]> {
    await this.#load();
    return [...this.#known.values()].map(({ torn }) => torn).filter((torn) => torn !== undefined);
  }

  /** Reads the tables of the packs that were not there the last time. */
  async #load(): Promise<void> {
    this.#loading ??= this.#readTables().finally(() => (this.#loading = undefined));
    await this.#loading;
  }

  async #readTables(): Promise<void> {
    if ((await this.#disk.stat(this.#folder))?.kind !== 'directory') return;
    for (const name of await this.#disk.list(this.#folder)) {
      const path = `${this.#folder}/${name}`;
      const known = this.#known.get(path);
      // Another process may be writing the one that was cut short when it was looked at.
      if (!NAME.test(name) || (known !== undefined && known.torn === undefined)) continue;
      const stat = await this.#disk.stat(path);
      if (stat?.kind !== 'file' || stat.size === known?.size) continue;
      this.#known.set(path, { size: stat.size, torn: await this.#readPack(path) });
    }
  }

  /** Enters a pack into the index; answers what is wrong with it. */
  async #readPack(path: string): Promise<TornPack | undefined> {
    const file = await this.#disk.open(path);
    try {
      const length = tableBytes(await file.read(0, PACK_START));
      const table = length === undefined ? undefined : await file.read(PACK_START, length);
      if (table === undefined || table.length !== length) return { path, ids: file.size === 0 ? [] : undefined };
      const records = readTable(table);
      for (const record of records) {
        if (record.to - record.from > MAX_ENVELOPE_BYTES) continue;
        const places = this.#places.get(record.id) ?? [];
        if (places.length === 0) this.#places.set(record.id, places);
        if (!places.some((place) => place.path === path && place.from === record.from))
          places.push({ ...record, path });
      }
      const isWhole = file.size === (records.at(-1)?.to ?? PACK_START);
      return isWhole ? undefined : { path, ids: records.map(({ id }) => id) };
    } finally {
      await file.close();
    }
  }

  async #record({ path, from, to }: Place): Promise<Uint8Array> {
    const pack = await this.#bytes(path);
    if (to <= pack.length) return pack.subarray(from, to);
    this.#kept.delete(path);
    throw new VallumError('STATEMENT_CUT', `${path} ends before this statement`, {
      fix: 'restore the file from a copy',
    });
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
