// What a witness remembers of each log: the last checkpoint that it cosigned, with its own cosignature, and checkpoints
// that contradict it. Written durably before any answer leaves, or a crash would let the witness forget what it vouched for.
import { sha256, VallumError, writeDurably, type Disk } from '@vallum/core';
import { readCheckpoint, type ReadCheckpoint } from '../note/checkpoint.js';
import { withLines } from '../note/signed-note.js';
import { DurableFiles } from '../store/durable.js';

const NOTE_LIMIT = 64 * 1024;
/** A log that misbehaves once is convicted; more contradictions add nothing. */
const MOST_CONTRADICTIONS = 16;
const KNOWN_LIMIT = 1024 * 1024;

function lost(path: string, how: string): VallumError {
  return new VallumError('WITNESS_STATE', `${path} is ${how}: what this witness vouched for is lost`, {
    fix: 'restore the file from a backup',
  });
}

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
    if ((await this.#disk.stat(path)) === undefined) {
      if ((await this.#known()).includes(origin)) throw lost(path, 'missing');
      return undefined;
    }
    const text = Buffer.from(await this.#disk.read(path, NOTE_LIMIT)).toString('utf8');
    try {
      const checkpoint = readCheckpoint(text);
      if (checkpoint.origin === origin) return checkpoint;
    } catch {
      // Said below: a witness that lost its memory of a log must not vouch for it again.
    }
    throw lost(path, 'damaged');
  }

  async remember(origin: string, cosigned: string): Promise<void> {
    await this.#files.makeDirectories([`${this.#dir}/logs`]);
    readCheckpoint(cosigned);
    await writeDurably(this.#disk, this.#pathOf(origin), Buffer.from(cosigned), 0o600);
    const known = await this.#known();
    if (!known.includes(origin))
      await writeDurably(this.#disk, `${this.#dir}/known`, Buffer.from([...known, origin, ''].join('\n')), 0o600);
  }

  /** Logs that were cosigned once: a missing memory of one of them is a loss, not a beginning. */
  async #known(): Promise<readonly string[]> {
    const path = `${this.#dir}/known`;
    if ((await this.#disk.stat(path)) === undefined) return [];
    const text = Buffer.from(await this.#disk.read(path, KNOWN_LIMIT)).toString('utf8');
    return text.split('\n').filter((origin) => origin !== '');
  }

  /** Keeps two signed checkpoints of one size and two roots: together they convict the log. */
  async keepContradiction(origin: string, cosigned: ReadCheckpoint, other: ReadCheckpoint): Promise<void> {
    const folder = `${this.#dir}/contradictions/${sha256(Buffer.from(origin))}`;
    await this.#files.makeDirectories([folder]);
    for (const { note, size, root } of [cosigned, other]) {
      const name = `${size}-${root.slice(0, 16)}.note`;
      const kept = await this.#disk.list(folder);
      if (kept.includes(name) || kept.length >= MOST_CONTRADICTIONS) continue;
      await writeDurably(this.#disk, `${folder}/${name}`, Buffer.from(withLines(note, note.signatures)), 0o600);
    }
  }

  #pathOf(origin: string): string {
    return `${this.#dir}/logs/${sha256(Buffer.from(origin))}.checkpoint`;
  }
}
