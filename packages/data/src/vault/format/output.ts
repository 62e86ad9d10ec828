// A file that appears whole or not at all. It is written under a random name beside its own, created exclusively, made
// durable, and gets its name only when nothing is there under it; whatever fails on the way, the half is removed. The
// attacker may write into the folder: links are not followed, names are not guessable (CWE-377, CWE-59, CWE-367).
import { randomBytes } from 'node:crypto';
import type { Disk } from '@vallum/core';
import { parent, VallumError } from '@vallum/core';

export interface Output {
  /** The bytes may be changed once this has returned. */
  append(bytes: Uint8Array): Promise<void>;
}

interface Target {
  readonly disk: Disk;
  readonly path: string;
  readonly mode: number;
}

/**
 * @param fill writes the content; its result is handed back. When it throws, nothing is left.
 * @param before runs when the content is durable and the name not yet given; it may still throw
 * @throws VallumError `VAULT_EXISTS` when something is there under the name; `DISK_WRITE`
 */
export async function writeWhole<T>(
  target: Target,
  fill: (output: Output) => Promise<T>,
  before: (result: T) => Promise<void> = () => Promise.resolve(),
): Promise<T> {
  const { disk, path, mode } = target;
  if ((await disk.stat(path)) !== undefined) throw taken(path);
  const temporary = temporaryBeside(path);
  if (!(await disk.create(temporary, new Uint8Array(), mode))) throw taken(temporary);
  try {
    const result = await filled(disk, temporary, fill);
    await before(result);
    await giveName(target, temporary);
    return result;
  } catch (error) {
    await disk.remove(temporary).catch(() => undefined);
    throw error;
  }
}

/**
 * A file in a folder that is the caller's alone and gets its name later: nobody can put anything there, so it is written
 * once, and the caller removes the folder when this throws.
 * @throws VallumError `VAULT_EXISTS`, `DISK_WRITE`
 */
export async function writePrivate<T>({ disk, path, mode }: Target, fill: (output: Output) => Promise<T>): Promise<T> {
  if (!(await disk.create(path, new Uint8Array(), mode))) throw taken(path);
  return filled(disk, path, fill);
}

/** `NAME.<16 hexadecimal digits>.tmp` of at most 221 bytes: a long NAME is cut, for a file system takes 255. */
export function temporaryBeside(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return `${parent(path)}/${[...name].slice(0, 50).join('')}.${randomBytes(8).toString('hex')}.tmp`;
}

/** What `fill` wrote is durable, through one handle where the disk can hold one. */
async function filled<T>(disk: Disk, path: string, fill: (output: Output) => Promise<T>): Promise<T> {
  const held = await disk.openAppend?.(path);
  try {
    const result = await fill(held ?? { append: (bytes) => disk.append(path, bytes) });
    await (held?.sync() ?? disk.sync(path));
    return result;
  } finally {
    await held?.close();
  }
}

/** A rename alone would replace what another writer has put there meanwhile. */
async function giveName({ disk, path, mode }: Target, temporary: string): Promise<void> {
  if (!(await disk.create(path, new Uint8Array(), mode))) throw taken(path);
  try {
    await disk.rename(temporary, path);
    await disk.sync(parent(path));
  } catch (error) {
    await disk.remove(path).catch(() => undefined);
    throw error;
  }
}

function taken(path: string): VallumError {
  return new VallumError('VAULT_EXISTS', `${path} is there already`, {
    fix: 'choose another name, or move away what is there',
  });
}
