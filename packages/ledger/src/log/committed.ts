// Reads what a checkpoint speaks of. A reader without the lock may meet a writer that has just replaced the checkpoint
// and removed what the old one needed; then it starts over with the new one.
import { messageOf, VallumError, type Disk } from '@vallum/core';
import { readCheckpoint, type ReadCheckpoint } from '../note/checkpoint.js';
import { damaged } from './damage.js';

export interface Committed<T> {
  readonly content: T;
  /** The checkpoint as it stands in the file. */
  readonly text: string;
  readonly checkpoint: ReadCheckpoint;
}

const NOTE_LIMIT = 64 * 1024;
const RACES = 20;

/** Undefined when there is no checkpoint. @throws VallumError `CHECKPOINT_INVALID`, `NOTE_INVALID` */
export async function readCheckpointFile(disk: Disk, dir: string): Promise<string | undefined> {
  const path = `${dir}/checkpoint`;
  if ((await disk.stat(path)) === undefined) return undefined;
  return Buffer.from(await disk.read(path, NOTE_LIMIT)).toString('utf8');
}

/**
 * Undefined when there is no log.
 * @param read throws when the files do not bear the checkpoint out
 * @throws VallumError `LEDGER_DAMAGED`, `LEDGER_ORIGIN`
 */
export async function readCommitted<T>(
  disk: Disk,
  dir: string,
  origin: string,
  read: (checkpoint: ReadCheckpoint) => Promise<T>,
): Promise<Committed<T> | undefined> {
  for (let race = 0; ; race += 1) {
    const text = await readCheckpointFile(disk, dir);
    if (text === undefined) {
      if ((await disk.stat(`${dir}/tile`)) !== undefined) throw damaged('the file `checkpoint` is missing');
      return undefined;
    }
    try {
      const checkpoint = parse(text);
      if (checkpoint.origin !== origin)
        throw new VallumError(
          'LEDGER_ORIGIN',
          `the ledger in ${dir} is that of ${checkpoint.origin}, not of ${origin}`,
        );
      return { content: await read(checkpoint), text, checkpoint };
    } catch (error) {
      if (race === RACES || (await readCheckpointFile(disk, dir)) === text) throw error;
    }
  }
}

function parse(text: string): ReadCheckpoint {
  try {
    return readCheckpoint(text);
  } catch (error) {
    throw damaged(`the file \`checkpoint\` is broken (${messageOf(error)})`, error);
  }
}
