// Reads a file that a person may have broken: whatever its reader refuses, the sentence names the file and a way out.
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

/** @throws VallumError with the code and class of the refusal, and the file's name in its sentence */
export async function readNamed<T>(disk: Disk, file: NamedFile, read: (bytes: Uint8Array) => T): Promise<T> {
  try {
    return read(await disk.read(file.path, file.limit));
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    const { code, message, errorClass, cause } = error;
    const named = message.includes(file.name) ? message : `${file.name}: ${message}`;
    throw new VallumError(code, named, { fix: error.fix ?? file.fix, cause }, errorClass);
  }
}
