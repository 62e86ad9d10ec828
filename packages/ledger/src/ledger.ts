// The ledger: one writer's append-only log of statements. Opening verifies all of it; whoever has the key and gets the
// lock may append; everybody else reads, and leaves what he has to say in the inbox.
import { VallumError, type Disk, type Sha256 } from '@vallum/core';
import { publicRecord, readEnvelope, type Signed, type SigningKey } from '@vallum/trust';
import { nodeProcesses } from './edge/node-processes.js';
import type { LedgerEntry } from './entry.js';
import { submit, type SetAside } from './inbox.js';
import { takeLock, type Lock } from './lock/claims.js';
import type { Processes } from './lock/processes.js';
import { commit, type LogPlace } from './log/commit.js';
import { Log } from './log/log.js';
import { readLog } from './log/read-log.js';
import { removeLeftovers, unacknowledgedTail } from './log/recover.js';
import { Writer } from './log/writer.js';
import { consistencyHashes, inclusionHashes } from './merkle/proofs.js';
import type { ConsistencyProof, InclusionProof } from './merkle/verify.js';
import { assertOrigin, isCheckpointSignedBy } from './note/checkpoint.js';
import { sequence } from './sequence.js';
import { StatementStore, type Envelope } from './store/content-store.js';
import { DurableFiles } from './store/durable.js';

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
  readonly admit?: (signed: Signed) => string | undefined;
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
  /** @throws RangeError for an index that is not in the log */
  prove(index: number): InclusionProof;
  /** That the log of today begins with the log of `oldSize` entries. @throws RangeError for a size it never had */
  consistency(oldSize: number): ConsistencyProof;
  /** Waits for what was handed to `append` and gives the lock back. */
  close(): Promise<void>;
}

/** @throws VallumError `LEDGER_DAMAGED`, `LEDGER_ORIGIN`, `LEDGER_KEY`, `NOTE_KEY` */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { disk, dir, origin, key, statementsDir } = options;
  assertOrigin(origin);
  const statements = new StatementStore(disk, statementsDir);
  if (key === undefined) return new OpenLedger(options, statements, await readOnly(disk, dir, origin));
  const files = new DurableFiles(disk);
  await files.makeDirectories([`${dir}/lock`]);
  const lock = await takeLock(disk, `${dir}/lock`, options.processes ?? nodeProcesses);
  if (!lock.held)
    return new OpenLedger(options, statements, { ...(await readOnly(disk, dir, origin)), heldBy: lock.by });
  try {
    return new OpenLedger(
      options,
      statements,
      await forWriting({ disk, files, dir, origin, key }, statements, lock, options.admit),
    );
  } catch (error) {
    await lock.release();
    throw error;
  }
}

interface State {
  readonly log: Log;
  readonly checkpoint: string;
  readonly recovered: number;
  readonly heldBy?: string;
  readonly writer?: Writer;
  readonly lock?: Lock & { readonly held: true };
}

async function readOnly(disk: Disk, dir: string, origin: string): Promise<State> {
  const found = await readLog(disk, dir, origin);
  return { log: found?.log ?? new Log(), checkpoint: found?.text ?? '', recovered: 0 };
}

async function forWriting(
  place: LogPlace,
  statements: StatementStore,
  lock: Lock & { readonly held: true },
  admit: LedgerOptions['admit'],
): Promise<State> {
  const { disk, dir, origin, key } = place;
  const found = await readLog(disk, dir, origin);
  const log = found?.log ?? new Log();
  if (found !== undefined && !isCheckpointSignedBy(found.checkpoint, publicRecord(key)))
    throw new VallumError('LEDGER_KEY', `the checkpoint in ${dir} is not signed by the key ${key.name}`, {
      fix: 'use the key that this ledger was begun with',
    });
  const tail = found === undefined ? [] : await unacknowledgedTail(disk, dir, log, statements, admit);
  // A ledger begins with a checkpoint of nothing, so that one whose checkpoint was taken away is never begun anew.
  let checkpoint = found?.text ?? (await commit(place, log, 0));
  if (tail.length > 0) {
    const size = log.size;
    for (const entry of tail) log.push(entry);
    checkpoint = await commit(place, log, size);
  }
  await removeLeftovers(disk, dir, log.size);
  return { log, checkpoint, recovered: tail.length, writer: new Writer(place, log, statements, checkpoint), lock };
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
    return this.#state.writer?.size ?? this.#state.log.size;
  }
  get root(): Sha256 {
    return this.#state.log.root(this.size);
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
    const { entries } = this.#state.log;
    return entries.length === this.size ? entries : entries.slice(0, this.size);
  }

  prove(index: number): InclusionProof {
    const { tree } = this.#state.log;
    const { size } = this;
    if (!Number.isSafeInteger(index) || index < 0 || index >= size)
      throw new RangeError(`no entry ${index} of ${size}`);
    return { index, size, hashes: inclusionHashes(tree.nodeAt, index, size).map(hex) };
  }

  consistency(oldSize: number): ConsistencyProof {
    const { tree } = this.#state.log;
    const { size } = this;
    if (!Number.isSafeInteger(oldSize) || oldSize < 0 || oldSize > size)
      throw new RangeError(`this log never had ${oldSize} entries, it has ${size}`);
    return { oldSize, newSize: size, hashes: consistencyHashes(tree.nodeAt, oldSize, size).map(hex) };
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
