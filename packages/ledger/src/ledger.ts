// The ledger: one writer's append-only log of statements. Opening verifies all of it; whoever has the key and gets the
// lock may append; everybody else reads, and leaves what he has to say in the inbox.
import { VallumError, type Disk, type Sha256 } from '@vallum/core';
import { readEnvelope, type SigningKey } from '@vallum/trust';
import { nodeProcesses } from './edge/node-processes.js';
import { readEntry, type LedgerEntry } from './entry.js';
import { submit, type SetAside } from './inbox.js';
import type { Processes } from './lock/processes.js';
import { openForWriting, withLock, type HeldLock } from './log/open.js';
import type { Inherits, LogPlace } from './log/tile-log.js';
import { consistencyHashes, inclusionHashes } from './merkle/proofs.js';
import type { ConsistencyProof, InclusionProof } from './merkle/verify.js';
import { assertOrigin } from './note/checkpoint.js';
import { sequence } from './sequence.js';
import { readIndex } from './statements/read-index.js';
import { StatementIndex } from './statements/statement-index.js';
import { removeTornPacks, vouching, type Admit } from './statements/vouch.js';
import { Writer } from './statements/writer.js';
import { StatementStore, type Envelope } from './store/content-store.js';
import type { GroupLimits } from './store/groups.js';

export interface LedgerOptions {
  readonly disk: Disk;
  /** The tlog-tiles directory. */
  readonly dir: string;
  readonly origin: string;
  /** Without it the ledger is opened for reading. Ed25519. */
  readonly key?: SigningKey;
  readonly statementsDir: string;
  readonly inboxDir: string;
  /** Who this process is and which others live; the machine's own by default. */
  readonly processes?: Processes;
  /** Why an envelope from the inbox, or one that a crash left behind the log, is not to be entered, such as a signature that does not verify; else undefined. */
  readonly admit?: Admit;
  /** Whether the log may go on from a checkpoint by another key, such as the one that this key replaces; never by default. */
  readonly inherits?: Inherits;
  /** 256 statements, and no waiting for others, by default: a command enters one after the other. */
  readonly group?: GroupLimits;
  /** Statements of one group from which on they share a file, 8 by default. */
  readonly packFrom?: number;
}

export interface Ledger {
  readonly origin: string;
  readonly size: number;
  readonly root: Sha256;
  /** The signed note as it stands in the file; empty where there is no ledger yet. */
  readonly checkpoint: string;
  readonly writable: boolean;
  /** Who has the lock, when it was wanted and is held by another. */
  readonly heldBy?: string;
  /** Entries that a crash had left unacknowledged and that opening rolled forward. */
  readonly recovered: number;
  /** Files of the inbox that this ledger set aside since it was opened. */
  readonly setAside: readonly SetAside[];
  readonly statements: StatementStore;
  /**
   * Enters statements; durable when it returns. Calls that arrive together share one commit. A statement that is already
   * entered keeps its index, so an old statement can never be made the newest.
   * @throws VallumError `LEDGER_READ_ONLY`, `LEDGER_CONFLICT`, `LEDGER_FAILED`, or as `readEnvelope`
   */
  append(envelopes: readonly Uint8Array[]): Promise<readonly number[]>;
  /** Leaves an envelope in the inbox; needs neither lock nor key. Durable when it returns. */
  submit(envelope: Uint8Array): Promise<void>;
  /** Enters what is in the inbox; answers how many statements were new. @throws VallumError `LEDGER_READ_ONLY` */
  sequenceInbox(): Promise<number>;
  entries(): readonly LedgerEntry[];
  /**
   * That an entry is in the log as it was at `size` entries; by default as it is.
   * @throws RangeError for an index or size that the log does not have
   */
  prove(index: number, size?: number): InclusionProof;
  /** That the log of today begins with the log of `oldSize` entries. @throws RangeError for a size it never had */
  consistency(oldSize: number): ConsistencyProof;
  /** Removes tiles that the log has outgrown. @returns how many @throws VallumError `LEDGER_READ_ONLY` */
  prune(): Promise<number>;
  /** Waits for what was handed to `append` and gives the lock back. */
  close(): Promise<void>;
}

const GROUP: GroupLimits = { entries: 256, waitMs: 0 };

/** @throws VallumError `LEDGER_DAMAGED`, `LEDGER_ORIGIN`, `LEDGER_KEY`, `NOTE_KEY` */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { disk, dir, origin, key, statementsDir, packFrom, inherits } = options;
  assertOrigin(origin);
  const statements = new StatementStore(disk, statementsDir, packFrom);
  if (key === undefined) return new OpenLedger(options, statements, await forReading(options));
  const place = { disk, dir, origin, key, ...(inherits === undefined ? {} : { inherits }) };
  return withLock<Ledger>(
    place,
    options.processes ?? nodeProcesses,
    async (lock) => new OpenLedger(options, statements, await forWriting(options, place, statements, lock)),
    async (heldBy) => new OpenLedger(options, statements, { ...(await forReading(options)), heldBy }),
  );
}

interface State {
  readonly index: StatementIndex;
  readonly checkpoint: string;
  readonly recovered: number;
  readonly heldBy?: string;
  readonly writer?: Writer;
  readonly lock?: HeldLock;
}

async function forReading({ disk, dir, origin }: LedgerOptions): Promise<State> {
  const found = await readIndex(disk, dir, origin);
  return { index: found?.content ?? new StatementIndex(), checkpoint: found?.text ?? '', recovered: 0 };
}

async function forWriting(
  { admit, group }: LedgerOptions,
  place: LogPlace,
  statements: StatementStore,
  lock: HeldLock,
): Promise<State> {
  const found = await readIndex(place.disk, place.dir, place.origin);
  const index = found?.content ?? new StatementIndex();
  const committed = found === undefined ? undefined : { ...found, content: index.edge() };
  const vouch = vouching(index, statements, admit);
  const { log, recovered } = await openForWriting(place, committed, vouch, (tail) =>
    statements.settle(tail.map((encoded) => readEntry(encoded).statement)),
  );
  for (const encoded of recovered) index.push(readEntry(encoded), encoded);
  await removeTornPacks(place.disk, statements, index);
  const writer = new Writer(place, log, index, statements, group ?? GROUP);
  return { index, checkpoint: log.checkpoint, recovered: recovered.length, writer, lock };
}

class OpenLedger implements Ledger {
  readonly #options: LedgerOptions;
  readonly #state: State;
  readonly #setAside: SetAside[] = [];
  readonly statements: StatementStore;
  #closed = false;

  constructor(options: LedgerOptions, statements: StatementStore, state: State) {
    this.#options = options;
    this.#state = state;
    this.statements = statements;
    if (state.heldBy !== undefined) this.heldBy = state.heldBy;
  }

  readonly heldBy?: string;

  get origin(): string {
    return this.#options.origin;
  }
  get size(): number {
    return this.#state.writer?.size ?? this.#state.index.size;
  }
  get root(): Sha256 {
    return this.#state.index.root(this.size);
  }
  get checkpoint(): string {
    return this.#state.writer?.checkpoint ?? this.#state.checkpoint;
  }
  get writable(): boolean {
    return this.#state.writer !== undefined && !this.#closed;
  }
  get recovered(): number {
    return this.#state.recovered;
  }
  get setAside(): readonly SetAside[] {
    return this.#setAside;
  }

  async append(envelopes: readonly Uint8Array[]): Promise<readonly number[]> {
    const writer = this.#writer();
    return writer.append(envelopes.map((bytes): Envelope => ({ bytes, signed: readEnvelope(bytes) })));
  }

  async submit(envelope: Uint8Array): Promise<void> {
    await submit(this.#options.disk, this.#options.inboxDir, envelope);
  }

  async sequenceInbox(): Promise<number> {
    const { disk, inboxDir, admit, processes } = this.#options;
    const nonce = (): string => (processes ?? nodeProcesses).nonce();
    const told = await sequence({ disk, inboxDir, nonce, admit }, this.#writer());
    this.#setAside.push(...told.setAside);
    return told.entered;
  }

  entries(): readonly LedgerEntry[] {
    const { entries } = this.#state.index;
    return entries.length === this.size ? entries : entries.slice(0, this.size);
  }

  prove(index: number, size = this.size): InclusionProof {
    const { tree } = this.#state.index;
    if (!Number.isSafeInteger(size) || size > this.size) throw new RangeError(`this log never had ${size} entries`);
    if (!Number.isSafeInteger(index) || index < 0 || index >= size)
      throw new RangeError(`no entry ${index} of ${size}`);
    return { index, size, hashes: inclusionHashes(tree.nodeAt, index, size).map(hex) };
  }

  consistency(oldSize: number): ConsistencyProof {
    const { tree } = this.#state.index;
    const { size } = this;
    if (!Number.isSafeInteger(oldSize) || oldSize < 0 || oldSize > size)
      throw new RangeError(`this log never had ${oldSize} entries, it has ${size}`);
    return { oldSize, newSize: size, hashes: consistencyHashes(tree.nodeAt, oldSize, size).map(hex) };
  }

  async prune(): Promise<number> {
    return this.#writer().prune();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#state.writer?.settled();
    await this.#state.lock?.release();
  }

  #writer(): Writer {
    const { heldBy, writer } = this.#state;
    if (writer !== undefined && !this.#closed) return writer;
    const why = heldBy === undefined ? 'was opened for reading' : `is held by ${heldBy}`;
    throw new VallumError('LEDGER_READ_ONLY', `the ledger ${this.origin} ${this.#closed ? 'is closed' : why}`, {
      fix: 'submit the statement to the inbox; the holder of the ledger enters it',
    });
  }
}

function hex(hash: Uint8Array): Sha256 {
  return Buffer.from(hash).toString('hex') as Sha256;
}
