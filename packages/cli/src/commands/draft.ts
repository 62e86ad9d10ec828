// A statement that a person words on the command line: what its builder refuses is wrong use, with a way out.
import { VallumError } from '@vallum/core';

/** @throws VallumError of class `usage`, whatever the class of the refusal */
export function drafted<T>(build: () => T, fix: string): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    throw new VallumError(error.code, error.message, { fix: error.fix ?? fix, cause: error });
  }
}
