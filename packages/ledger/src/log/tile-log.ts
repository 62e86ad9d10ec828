// A log of opaque entries as its one writer holds it: the right edge in memory, everything else in files (C2SP
// tlog-tiles). A group's bundles and tiles are durable before the checkpoint that speaks of them replaces the old one.
import type { Disk, Sha256 } from '@vallum/core';
import type { SigningKey } from '@vallum/trust';
import { signCheckpoint, type ReadCheckpoint } from '../note/checkpoint.js';
import { GroupWriter } from '../store/group-writer.js';
import { inParallel } from '../store/parallel.js';
import { countAt, TILE_WIDTH, tilePath, tilesBetween } from '../tiles/layout.js';
import { grow, type LogEdge } from './edge.js';

export interface LogPlace {
  readonly disk: Disk;
  /** The tlog-tiles directory; there, durably. */
  readonly dir: string;
  readonly origin: string;
  readonly key: SigningKey;
  readonly inherits?: Inherits;
}

/** Whether the log may go on from a checkpoint that another key signed. */
export type Inherits = (checkpoint: ReadCheckpoint) => boolean;

export class TileLog {
  readonly #place: LogPlace;
  readonly #writer: GroupWriter;
  #edge: LogEdge;
  #checkpoint: string;
  #tidying: Promise<unknown> = Promise.resolve();

  /** @param checkpoint as it stands in the file; empty where the log is still to be begun */
  constructor(place: LogPlace, edge: LogEdge, checkpoint: string) {
    this.#place = place;
    this.#writer = new GroupWriter(place.disk, place.dir);
    this.#edge = edge;
    this.#checkpoint = checkpoint;
  }

  get size(): number {
    return this.#edge.size;
  }
  get root(): Sha256 {
    return this.#edge.root;
  }
  /** Signed note, as it stands in the file. */
  get checkpoint(): string {
    return this.#checkpoint;
  }
  /** What is durable; stays as it is when the log grows. */
  get edge(): LogEdge {
    return this.#edge;
  }

  /**
   * Makes entries durable behind the others; one call at a time. The entries are kept and must not change.
   * @param alongside whatever else has to be durable before the checkpoint
   * @returns index of the first
   */
  async commit(entries: readonly Uint8Array[], alongside?: () => Promise<void>): Promise<number> {
    const { dir, origin, key } = this.#place;
    const { edge, files } = grow(this.#edge, entries);
    const checkpoint = signCheckpoint({ origin, size: edge.size, root: edge.root }, key);
    await this.#writer.write(
      files.map(({ tile, bytes }) => ({ path: `${dir}/${tilePath(tile)}`, bytes })),
      { path: `${dir}/checkpoint`, bytes: Buffer.from(checkpoint) },
      alongside,
    );
    await this.#tidying;
    const first = this.#edge.size;
    this.#edge = edge;
    this.#checkpoint = checkpoint;
    return first;
  }

  /**
   * Begins to remove the partial tiles that the log had at `oldSize` and has outgrown. Nobody has to wait for it: the next
   * group is written meanwhile, under other names, and what cannot be removed does no harm.
   */
  removeOutgrown(oldSize: number): void {
    const { disk, dir } = this.#place;
    const outgrown = [...tilesBetween(oldSize, this.size)]
      .map((tile) => ({ ...tile, width: countAt(tile.level, oldSize) - tile.index * TILE_WIDTH }))
      .filter(({ width }) => width > 0);
    this.#tidying = inParallel(outgrown, (tile) => disk.remove(`${dir}/${tilePath(tile)}`).catch(() => undefined));
  }

  /** Resolves when nothing is being removed. */
  async tidied(): Promise<void> {
    await this.#tidying;
  }
}
