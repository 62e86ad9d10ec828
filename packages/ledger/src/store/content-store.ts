// Files named by the digest of what they hold: blobs by their bytes, envelopes by the id of their statement.
// They travel and merge by set union, so a name is never trusted: what is read is digested again.
import { assertRealFolders, sha256, VallumError, type Disk, type Sha256 } from '@vallum/core';
import { MAX_ENVELOPE_BYTES, readEnvelope, type Signed } from '@vallum/trust';
import { ContentFiles } from './content-files.js';
import { inParallel } from './parallel.js';
import { PackFolder, type Candidate, type TornPack } from './pack-folder.js';

/** Bytes of the largest blob. */
export const BLOB_LIMIT = 64 * 1024 * 1024;

/** `blobs/<aa>/<sha256>` */
export class BlobStore {
  readonly #folder: string;
  readonly #files: ContentFiles;

  constructor(disk: Disk, folder: string) {
    this.#folder = folder;
    this.#files = new ContentFiles(disk);
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
    await this.#files.store([{ path: this.pathOf(id), bytes }]);
    return id;
  }

  /** Undefined when it is not there. @throws VallumError `BLOB_CHANGED` when the bytes are not those of the name */
  async get(id: Sha256): Promise<Uint8Array | undefined> {
    const bytes = await this.#files.load(this.pathOf(id), BLOB_LIMIT);
    if (bytes !== undefined && sha256(bytes) !== id) throw changed('BLOB_CHANGED', this.pathOf(id));
    return bytes;
  }
}

export interface Envelope {
  readonly signed: Signed;
  readonly bytes: Uint8Array;
}

/** A group of fewer envelopes is written as single files, which people and tools can read. */
const PACK_FROM = 8;

/** `statements/<aa>/<id>.json`, and for larger groups `statements/packs/<sha256>.pack` */
export class StatementStore {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #files: ContentFiles;
  readonly #packs: PackFolder;
  readonly #packFrom: number;

  /** @param packFrom envelopes of one `put` from which on they share a file */
  constructor(disk: Disk, folder: string, packFrom = PACK_FROM) {
    this.#disk = disk;
    this.#folder = folder;
    this.#files = new ContentFiles(disk);
    this.#packs = new PackFolder(disk, `${folder}/packs`);
    this.#packFrom = packFrom;
  }

  /** Where the envelope of this statement lies when it has a file of its own. */
  pathOf(id: Sha256): string {
    return `${this.#folder}/${id.slice(0, 2)}/${id}.json`;
  }

  /** Where an envelope of this statement lies, or would lie. */
  async whereIs(id: Sha256): Promise<string> {
    for await (const { path } of this.#candidates(id)) return path;
    return this.pathOf(id);
  }

  /** Durable when it returns. There may be other envelopes of the same statement: only the ledger knows which one counts. @throws VallumError `DISK_LINK` */
  async put(envelopes: readonly Envelope[]): Promise<void> {
    const contents = envelopes.map(({ signed, bytes }) => ({ id: signed.id, bytes }));
    if (contents.length < this.#packFrom)
      return this.#files.store(contents.map(({ id, bytes }) => ({ path: this.pathOf(id), bytes })));
    // Through a link the packs would end up where nobody looks for them.
    await assertRealFolders(this.#disk, this.#folder, ['packs']);
    await this.#files.store(this.#packs.filesOf(contents));
    this.#packs.wrote();
  }

  /**
   * The envelope of this statement, read strictly; its signature is not checked. Undefined when it is not there.
   * @param isWanted which one is preferred where several lie under this id
   * @param onBroken told of places that hold no envelope of this statement, although the wanted one lies in another
   * @throws VallumError `STATEMENT_CHANGED` when it holds another statement; what `readEnvelope` throws when it holds none
   */
  async get(
    id: Sha256,
    isWanted: (envelope: Envelope) => boolean = () => true,
    onBroken: (path: string, why: unknown) => void = () => undefined,
  ): Promise<Envelope | undefined> {
    let other: Envelope | undefined;
    const broken: { readonly path: string; readonly why: unknown }[] = [];
    for await (const candidate of this.#candidates(id)) {
      let wanted: Envelope | undefined;
      try {
        const envelope = await readFrom(candidate, id);
        if (isWanted(envelope)) wanted = envelope;
        other ??= envelope;
      } catch (why) {
        broken.push({ path: candidate.path, why });
      }
      candidate.judge?.(wanted !== undefined);
      if (wanted === undefined) continue;
      for (const { path, why } of broken) onBroken(path, why);
      return wanted;
    }
    if (other === undefined && broken.length > 0) throw broken[0]?.why;
    return other;
  }

  /** Makes durable the envelopes that lie under these ids: whoever wrote them may have died before the sync. */
  async settle(ids: readonly Sha256[]): Promise<void> {
    const found = await inParallel(ids, async (id) => {
      const paths: string[] = [];
      for await (const candidate of this.#candidates(id)) {
        const holds = await readFrom(candidate, id).then(
          () => true,
          () => false,
        );
        candidate.judge?.(holds);
        if (holds) paths.push(candidate.path);
      }
      return paths;
    });
    await this.#files.settle([...new Set(found.flat())]);
  }

  /** Packs that are shorter than they say: what a crash left, or damage. */
  torn(): Promise<readonly TornPack[]> {
    return this.#packs.torn();
  }

  /** Whether a pack that is shorter than it says speaks of this statement. */
  isInTorn(id: Sha256): Promise<boolean> {
    return this.#packs.isInTorn(id);
  }

  /** The file of its own first: the packs are not even looked at where that is what was wanted, be they what they may. */
  async *#candidates(id: Sha256): AsyncGenerator<Candidate> {
    const path = this.pathOf(id);
    const stat = await this.#disk.stat(path).catch((error: unknown) => error as Error);
    if (stat !== undefined)
      yield {
        path,
        read: async () => {
          if (stat instanceof Error) throw stat;
          return this.#disk.read(path, MAX_ENVELOPE_BYTES);
        },
      };
    yield* await this.#packs.find(id).catch((error: unknown) => [this.#unreadablePacks(error)]);
  }

  #unreadablePacks(error: unknown): Candidate {
    async function read(): Promise<never> {
      throw error;
    }
    return { path: `${this.#folder}/packs`, read };
  }
}

async function readFrom(candidate: Candidate, id: Sha256): Promise<Envelope> {
  const bytes = await candidate.read();
  const signed = readEnvelope(bytes);
  if (signed.id !== id) throw changed('STATEMENT_CHANGED', candidate.path);
  return { signed, bytes };
}

function changed(code: string, path: string): VallumError {
  return new VallumError(code, `${path} does not hold what its name says`, { fix: 'restore the file from a copy' });
}
