// Enters statements in groups: each group's envelopes and its part of the log become durable side by side, the checkpoint
// last. In memory the index only grows by what is durable, but for the group that is under way.
import { VallumError, type Sha256 } from '@vallum/core';
import { encodeEntry, entryOf, type LedgerEntry } from '../entry.js';
import { pruneTiles } from '../log/tile-files.js';
import type { LogPlace, TileLog } from '../log/tile-log.js';
import type { Envelope, StatementStore } from '../store/content-store.js';
import { Groups, type GroupLimits, type Outcome } from '../store/groups.js';
import type { StatementIndex } from './statement-index.js';

interface Staged {
  readonly envelopes: Envelope[];
  readonly encoded: Uint8Array[];
}

export class Writer {
  readonly #log: TileLog;
  readonly #index: StatementIndex;
  readonly #statements: StatementStore;
  readonly #place: LogPlace;
  readonly #groups: Groups<readonly Envelope[], readonly number[]>;

  constructor(place: LogPlace, log: TileLog, index: StatementIndex, statements: StatementStore, limits: GroupLimits) {
    this.#place = place;
    this.#log = log;
    this.#index = index;
    this.#statements = statements;
    this.#groups = new Groups(
      limits,
      ({ length }) => length,
      (group) => this.#enter(group),
    );
  }

  get checkpoint(): string {
    return this.#log.checkpoint;
  }

  /** Entries that are durable; the index may be ahead while a group is under way. */
  get size(): number {
    return this.#log.size;
  }

  /** The entry of a statement, durable or on its way. */
  find(statement: Sha256): LedgerEntry | undefined {
    return this.#index.find(statement);
  }

  append(envelopes: readonly Envelope[]): Promise<readonly number[]> {
    return this.#groups.add(envelopes);
  }

  /** Removes files that the log has outgrown; answers how many. */
  prune(): Promise<number> {
    return this.#groups.alone(async () => {
      await this.#log.tidied();
      return pruneTiles(this.#place.disk, this.#place.dir, this.size);
    });
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#groups.settled();
    await this.#log.tidied();
  }

  async #enter(group: readonly (readonly Envelope[])[]): Promise<readonly Outcome<readonly number[]>[]> {
    const fresh: Staged = { envelopes: [], encoded: [] };
    const outcomes = group.map((envelopes): Outcome<readonly number[]> => {
      try {
        return { answer: this.#stage(envelopes, fresh) };
      } catch (refused) {
        return { refused };
      }
    });
    if (fresh.encoded.length === 0) return outcomes;
    const oldSize = this.#log.size;
    await this.#log.commit(fresh.encoded, () => this.#statements.put(fresh.envelopes));
    this.#log.removeOutgrown(oldSize);
    return outcomes;
  }

  /** Puts what is new of one request into the index; all of it or, when it throws, nothing. */
  #stage(envelopes: readonly Envelope[], fresh: Staged): readonly number[] {
    const own = new Map<Sha256, LedgerEntry>();
    const entries = envelopes.map((envelope) => ({ envelope, entry: entryOf(envelope.signed) }));
    for (const { entry } of entries) {
      const known = this.find(entry.statement) ?? own.get(entry.statement);
      if (known !== undefined && !isSame(known, entry)) throw conflict(entry);
      own.set(entry.statement, entry);
    }
    return entries.map(({ envelope, entry }) => {
      const index = this.#index.indexOf(entry.statement);
      if (index !== undefined) return index;
      const encoded = encodeEntry(entry);
      this.#index.push(entry, encoded);
      fresh.envelopes.push(envelope);
      fresh.encoded.push(encoded);
      return this.#index.size - 1;
    });
  }
}

export function isSame(a: LedgerEntry, b: LedgerEntry): boolean {
  return encodeEntry(a).equals(encodeEntry(b));
}

export const CONFLICT = 'LEDGER_CONFLICT';

/** The id covers the signed bytes only: another key or signature for them is another act, and the first one stands. */
export function conflict({ statement }: LedgerEntry): VallumError {
  return new VallumError(CONFLICT, `the statement ${statement} is in the ledger with another signature`, {
    fix: 'make and sign a new statement',
  });
}
