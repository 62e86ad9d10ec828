// Files that a person may have broken: whatever their reader refuses, the sentence names the file and a way out.
import type { Disk } from '@vallum/core';
import { VallumError } from '@vallum/core';

export interface NamedFile {
  readonly path: string;
  /** As people call it. */
  readonly name: string;
  /** Bytes. */
  readonly limit: number;
  /** For errors that know none. */
  readonly fix: string;
}

export function readNamed<T>(disk: Disk, file: NamedFile, read: (bytes: Uint8Array) => T): Promise<T> {
  return named(file, async () => read(await disk.read(file.path, file.limit)));
}

/** @throws VallumError with the code and class of the refusal, and the name in its sentence */
export async function named<T>({ name, fix }: Pick<NamedFile, 'name' | 'fix'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    const { code, message, errorClass } = error;
    const sentence = message.includes(name) ? message : `${name}: ${message}`;
    throw new VallumError(code, sentence, { fix: error.fix ?? fix, cause: error }, errorClass);
  }
}
