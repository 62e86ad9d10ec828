// Files named by the digest of what they hold: blobs by their bytes, envelopes by the id of their statement.
// They travel and merge by set union, so a name is never trusted: what is read is digested again.
import { parent, sha256, VallumError, writeDurably } from '@vallum/core';
import type { Disk, Sha256 } from '@vallum/core';
import { MAX_ENVELOPE_BYTES, readEnvelope, type Signed } from '@vallum/trust';
import { DurableFiles } from './durable.js';
import { inParallel } from './parallel.js';

/** Bytes of the largest blob. */
export const BLOB_LIMIT = 64 * 1024 * 1024;

class ContentFiles {
  readonly #disk: Disk;
  readonly #pathOf: (id: Sha256) => string;
  readonly #limit: number;
  readonly #files: DurableFiles;

  constructor(disk: Disk, pathOf: (id: Sha256) => string, limit: number) {
    this.#disk = disk;
    this.#pathOf = pathOf;
    this.#limit = limit;
    this.#files = new DurableFiles(disk);
  }

  /** Durable when it returns. What is there with other bytes (a torn or a foreign file) is replaced. */
  async store(contents: readonly { readonly id: Sha256; readonly bytes: Uint8Array }[]): Promise<void> {
    const files = contents.map(({ id, bytes }) => ({ path: this.#pathOf(id), bytes }));
    await this.#files.makeDirectories(files.map(({ path }) => parent(path)));
    await inParallel(files, async ({ path, bytes }) => {
      if (!(await this.#disk.create(path, bytes)) && !(await this.#holds(path, bytes)))
        await writeDurably(this.#disk, path, bytes);
      // Also when it was there: whoever wrote it may have died before the sync.
      await this.#disk.sync(path);
    });
    await this.#files.syncParents(files);
  }

  async load(id: Sha256): Promise<Uint8Array | undefined> {
    const path = this.#pathOf(id);
    if ((await this.#disk.stat(path)) === undefined) return undefined;
    return this.#disk.read(path, this.#limit);
  }

  async #holds(path: string, bytes: Uint8Array): Promise<boolean> {
    if ((await this.#disk.stat(path))?.size !== bytes.length) return false;
    return Buffer.compare(await this.#disk.read(path, bytes.length), bytes) === 0;
  }
}

/** `blobs/<aa>/<sha256>` */
export class BlobStore {
  readonly #folder: string;
  readonly #files: ContentFiles;

  constructor(disk: Disk, folder: string) {
    this.#folder = folder;
    this.#files = new ContentFiles(disk, (id) => this.pathOf(id), BLOB_LIMIT);
  }

  /** Where the blob lies, or would lie. */
  pathOf(id: Sha256): string {
    return `${this.#folder}/${id.slice(0, 2)}/${id}`;
  }

  /** Durable when it returns. @throws VallumError `BLOB_TOO_LARGE` above `BLOB_LIMIT` */
  async put(bytes: Uint8Array): Promise<Sha256> {
    if (bytes.length > BLOB_LIMIT)
      throw new VallumError('BLOB_TOO_LARGE', `a blob of ${bytes.length} bytes is more than the ${BLOB_LIMIT} allowed`);
    const id = sha256(bytes);
    await this.#files.store([{ id, bytes }]);
    return id;
  }

  /** Undefined when it is not there. @throws VallumError `BLOB_CHANGED` when the bytes are not those of the name */
  async get(id: Sha256): Promise<Uint8Array | undefined> {
    const bytes = await this.#files.load(id);
    if (bytes !== undefined && sha256(bytes) !== id) throw changed('BLOB_CHANGED', this.pathOf(id));
    return bytes;
  }
}

export interface Envelope {
  readonly signed: Signed;
  readonly bytes: Uint8Array;
}

/** `statements/<aa>/<id>.json` */
export class StatementStore {
  readonly #folder: string;
  readonly #files: ContentFiles;

  constructor(disk: Disk, folder: string) {
    this.#folder = folder;
    this.#files = new ContentFiles(disk, (id) => this.pathOf(id), MAX_ENVELOPE_BYTES);
  }

  /** Where the envelope of this statement lies, or would lie. */
  pathOf(id: Sha256): string {
    return `${this.#folder}/${id.slice(0, 2)}/${id}.json`;
  }

  /** Durable when it returns. Replaces another envelope of the same statement: only the ledger knows which one counts. */
  async put(envelopes: readonly Envelope[]): Promise<void> {
    await this.#files.store(envelopes.map(({ signed, bytes }) => ({ id: signed.id, bytes })));
  }

  /**
   * The envelope of this statement, read strictly; its signature is not checked. Undefined when it is not there.
   * @throws VallumError `STATEMENT_CHANGED` when it holds another statement; what `readEnvelope` throws when it holds none
   */
  async get(id: Sha256): Promise<Envelope | undefined> {
    const bytes = await this.#files.load(id);
    if (bytes === undefined) return undefined;
    const signed = readEnvelope(bytes);
    if (signed.id !== id) throw changed('STATEMENT_CHANGED', this.pathOf(id));
    return { signed, bytes };
  }
}

function changed(code: string, path: string): VallumError {
  return new VallumError(code, `${path} does not hold what its name says`, { fix: 'restore the file from a copy' });
}
