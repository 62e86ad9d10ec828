// A log of raw entries, for rooms that keep a record of their own: bytes go in, in groups, and come out with proofs. What
// an entry means is its owner's business. Memory does not grow with the log: opening reads the right edge only, entries
// and proofs are read from the tiles, and everything that is handed out was proven against the checkpoint first.
import { VallumError, type Disk, type Sha256 } from '@vallum/core';
import type { SigningKey } from '@vallum/trust';
import { nodeProcesses } from './edge/node-processes.js';
import type { Processes } from './lock/processes.js';
import { readCommitted, type Committed } from './log/committed.js';
import { NO_ENTRIES, type LogEdge } from './log/edge.js';
import { openForWriting, withLock, type HeldLock } from './log/open.js';
import { Prover } from './log/prover.js';
import { readEdge } from './log/read-edge.js';
import type { Vouch } from './log/recover.js';
import { pruneTiles } from './log/tile-files.js';
import type { TileLog } from './log/tile-log.js';
import type { ConsistencyProof, InclusionProof } from './merkle/verify.js';
import { assertOrigin } from './note/checkpoint.js';
import { Groups, type GroupLimits, type Outcome } from './store/groups.js';
import { LONGEST_ENTRY } from './tiles/bundle.js';
import { TILE_WIDTH } from './tiles/layout.js';

export interface EntryLogOptions {
  readonly disk: Disk;
  /** The tlog-tiles directory. */
  readonly dir: string;
  readonly origin: string;
  /** Without it the log is opened for reading. Ed25519. */
  readonly key?: SigningKey;
  /** 256 entries or 5 ms by default. */
  readonly group?: GroupLimits;
  /** Who this process is and which others live; the machine's own by default. */
  readonly processes?: Processes;
  /** Whether an entry that a crash left behind the checkpoint may be rolled forward; without it none is. */
  readonly vouch?: Vouch;
}

export interface EntryLog {
  readonly origin: string;
  readonly size: number;
  readonly root: Sha256;
  /** The signed note as it stands in the file; empty where there is no log yet. */
  readonly checkpoint: string;
  readonly writable: boolean;
  /** Who has the lock, when it was wanted and is held by another. */
  readonly heldBy?: string;
  /** Entries that a crash had left unacknowledged and that opening rolled forward. */
  readonly recovered: number;
  /**
   * Enters entries of at most 65,535 bytes each, one behind the other; durable, with a signed checkpoint, when it returns.
   * Calls that arrive together share one commit.
   * @returns their indices
   * @throws VallumError `LEDGER_READ_ONLY`, `LEDGER_ENTRY` when one is too long (none is entered), `LEDGER_FAILED`
   */
  append(entries: readonly Uint8Array[]): Promise<readonly number[]>;
  /** One entry, proven. @throws RangeError, VallumError `LEDGER_DAMAGED` */
  entry(index: number): Promise<Uint8Array>;
  /** Entries `from` (included) to `to` (excluded; the size by default), proven bundle by bundle. */
  entries(from?: number, to?: number): AsyncGenerator<Uint8Array, void>;
  /** @throws RangeError, VallumError `LEDGER_DAMAGED` */
  prove(index: number): Promise<InclusionProof>;
  /** That the log of today begins with the log of `oldSize` entries. @throws RangeError, VallumError `LEDGER_DAMAGED` */
  consistency(oldSize: number): Promise<ConsistencyProof>;
  /** Removes files that this log has outgrown. @returns how many @throws VallumError `LEDGER_READ_ONLY` */
  prune(): Promise<number>;
  /** Waits for what was handed to `append` and gives the lock back. */
  close(): Promise<void>;
}

const GROUP: GroupLimits = { entries: 256, waitMs: 5 };

/** @throws VallumError `LEDGER_DAMAGED`, `LEDGER_ORIGIN`, `LEDGER_KEY`, `NOTE_KEY` */
export async function openEntryLog(options: EntryLogOptions): Promise<EntryLog> {
  const { disk, dir, origin, key } = options;
  assertOrigin(origin);
  const read = (): Promise<Committed<LogEdge> | undefined> =>
    readCommitted(disk, dir, origin, (checkpoint) => readEdge(disk, dir, checkpoint));
  if (key === undefined) return new OpenEntryLog(options, { found: await read() });
  const place = { disk, dir, origin, key };
  return withLock<EntryLog>(
    place,
    options.processes ?? nodeProcesses,
    async (lock) => {
      const { vouch = async () => false } = options;
      const { log, recovered } = await openForWriting(place, await read(), vouch, async () => undefined);
      return new OpenEntryLog(options, { writing: { log, lock, recovered: recovered.length } });
    },
    async (heldBy) => new OpenEntryLog(options, { found: await read(), heldBy }),
  );
}

interface State {
  readonly found?: Committed<LogEdge> | undefined;
  readonly heldBy?: string;
  readonly writing?: { readonly log: TileLog; readonly lock: HeldLock; readonly recovered: number };
}

class OpenEntryLog implements EntryLog {
  readonly #options: EntryLogOptions;
  readonly #state: State;
  readonly #prover: Prover;
  readonly #groups: Groups<readonly Uint8Array[], readonly number[]>;
  #closed = false;

  constructor(options: EntryLogOptions, state: State) {
    this.#options = options;
    this.#state = state;
    this.#prover = new Prover(options.disk, options.dir);
    this.#groups = new Groups(
      options.group ?? GROUP,
      ({ length }) => length,
      (group) => this.#commit(group),
    );
    if (state.heldBy !== undefined) this.heldBy = state.heldBy;
  }

  readonly heldBy?: string;

  get origin(): string {
    return this.#options.origin;
  }
  get size(): number {
    return this.#edge.size;
  }
  get root(): Sha256 {
    return this.#edge.root;
  }
  get checkpoint(): string {
    return this.#state.writing?.log.checkpoint ?? this.#state.found?.text ?? '';
  }
  get writable(): boolean {
    return this.#state.writing !== undefined && !this.#closed;
  }
  get recovered(): number {
    return this.#state.writing?.recovered ?? 0;
  }
  get #edge(): LogEdge {
    return this.#state.writing?.log.edge ?? this.#state.found?.content ?? NO_ENTRIES;
  }

  async append(entries: readonly Uint8Array[]): Promise<readonly number[]> {
    this.#log();
    for (const { length } of entries)
      if (length > LONGEST_ENTRY)
        throw new VallumError('LEDGER_ENTRY', `an entry of ${length} bytes is more than the ${LONGEST_ENTRY} allowed`, {
          fix: 'keep the bytes elsewhere and enter their digest',
        });
    // The caller keeps his buffers; what is hashed now must be what is written later.
    return entries.length === 0 ? [] : this.#groups.add(entries.map((entry) => Uint8Array.from(entry)));
  }

  async entry(index: number): Promise<Uint8Array> {
    for await (const entry of this.entries(index, index + 1)) return entry;
    throw new RangeError(`no entry ${index} of ${this.size}`);
  }

  async *entries(from = 0, to = this.size): AsyncGenerator<Uint8Array, void> {
    const edge = this.#edge;
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || to > edge.size)
      throw new RangeError(`no entries ${from} to ${to} of ${edge.size}`);
    for (let at = from; at < to;) {
      const bundle = Math.floor(at / TILE_WIDTH);
      const entries = await this.#prover.bundle(edge, bundle);
      for (const end = Math.min(to, (bundle + 1) * TILE_WIDTH); at < end; at += 1) {
        const entry = entries[at % TILE_WIDTH];
        if (entry !== undefined) yield Uint8Array.from(entry);
      }
    }
  }

  prove(index: number): Promise<InclusionProof> {
    return this.#prover.inclusion(this.#edge, index);
  }

  consistency(oldSize: number): Promise<ConsistencyProof> {
    return this.#prover.consistency(this.#edge, oldSize);
  }

  async prune(): Promise<number> {
    const { disk, dir } = this.#options;
    const log = this.#log();
    return this.#groups.alone(async () => {
      await log.tidied();
      return pruneTiles(disk, dir, log.size);
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#groups.settled();
    await this.#state.writing?.log.tidied();
    await this.#state.writing?.lock.release();
  }

  async #commit(group: readonly (readonly Uint8Array[])[]): Promise<readonly Outcome<readonly number[]>[]> {
    const log = this.#state.writing?.log;
    if (log === undefined) throw this.#readOnly();
    const oldSize = log.size;
    let next = await log.commit(group.flat());
    log.removeOutgrown(oldSize);
    return group.map((entries) => ({ answer: entries.map(() => (next += 1) - 1) }));
  }

  #log(): TileLog {
    const log = this.#state.writing?.log;
    if (log === undefined || this.#closed) throw this.#readOnly();
    return log;
  }

  #readOnly(): VallumError {
    const why = this.heldBy === undefined ? 'was opened for reading' : `is held by ${this.heldBy}`;
    return new VallumError('LEDGER_READ_ONLY', `the log ${this.origin} ${this.#closed ? 'is closed' : why}`, {
      fix: 'hand the entry to the process that holds the log',
    });
  }
}
