// What a witness remembers of each log: the last checkpoint that it cosigned, with its own cosignature, and checkpoints
// that contradict it. Written durably before any answer leaves, or a crash would let the witness forget what it vouched for.
import { sha256, VallumError, writeDurably, type Disk } from '@vallum/core';
import { readCheckpoint, type ReadCheckpoint } from '../note/checkpoint.js';
import { DurableFiles } from '../store/durable.js';

const NOTE_LIMIT = 64 * 1024;
/** A log that misbehaves once is convicted; more contradictions add nothing. */
const MOST_CONTRADICTIONS = 16;

export class WitnessState {
  readonly #disk: Disk;
  readonly #dir: string;
  /** A folder whose name is not durable would be lost with all that is durable in it. */
  readonly #files: DurableFiles;

  constructor(disk: Disk, dir: string) {
    this.#disk = disk;
    this.#dir = dir;
    this.#files = new DurableFiles(disk);
  }

  /** The last cosigned checkpoint of a log. @throws VallumError `WITNESS_STATE` when what was remembered is lost */
  async last(origin: string): Promise<ReadCheckpoint | undefined> {
    const path = this.#pathOf(origin);
    if ((await this.#disk.stat(path)) === undefined) return undefined;
    const text = Buffer.from(await this.#disk.read(path, NOTE_LIMIT)).toString('utf8');
    try {
      const checkpoint = readCheckpoint(text);
      if (checkpoint.origin === origin) return checkpoint;
    } catch {
      // Said below: a witness that lost its memory of a log must not vouch for it again.
    }
    throw new VallumError('WITNESS_STATE', `${path} is damaged: what this witness vouched for is lost`, {
      fix: 'restore the file from a backup',
    });
  }

  async remember(origin: string, cosigned: string): Promise<void> {
    await this.#files.makeDirectories([`${this.#dir}/logs`]);
    await writeDurably(this.#disk, this.#pathOf(origin), Buffer.from(cosigned), 0o600);
  }

  /** Keeps a signed checkpoint that contradicts the cosigned one: together they convict the log. */
  async keepContradiction(origin: string, note: string): Promise<void> {
    const folder = `${this.#dir}/contradictions/${sha256(Buffer.from(origin))}`;
    await this.#files.makeDirectories([folder]);
    const kept = await this.#disk.list(folder);
    const name = `${sha256(Buffer.from(note))}.note`;
    if (kept.includes(name) || kept.length >= MOST_CONTRADICTIONS) return;
    await writeDurably(this.#disk, `${folder}/${name}`, Buffer.from(note), 0o600);
  }

  #pathOf(origin: string): string {
    return `${this.#dir}/logs/${sha256(Buffer.from(origin))}.checkpoint`;
  }
}
