// How this room says that a log cannot be trusted: nothing is proven by it (exit class `unproven`), and fsck tells more.
import { VallumError } from '@vallum/core';

export function damaged(what: string, cause?: unknown): VallumError {
  return new VallumError(
    'LEDGER_DAMAGED',
    `the ledger does not match its checkpoint: ${what}`,
    { fix: 'run `vallum ledger fsck` and restore the ledger from a copy', ...(cause === undefined ? {} : { cause }) },
    'unproven',
  );
}
