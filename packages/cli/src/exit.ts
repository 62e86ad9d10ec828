// Exit codes, the same everywhere (design section 6); fail beats inconclusive.
import type { Outcome } from '@vallum/core';
import { VallumError } from '@vallum/core';

export const EXIT = { pass: 0, refused: 1, notProven: 2, usage: 3, internal: 4 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function exitOfResult(result: 'pass' | 'refused' | 'not-proven'): ExitCode {
  return result === 'pass' ? EXIT.pass : result === 'refused' ? EXIT.refused : EXIT.notProven;
}

export function exitOfOutcome(outcome: Outcome): ExitCode {
  return outcome === 'pass' ? EXIT.pass : outcome === 'fail' ? EXIT.refused : EXIT.notProven;
}

export function exitOfError(error: unknown): ExitCode {
  if (!(error instanceof VallumError)) return EXIT.internal;
  if (error.errorClass === 'usage') return EXIT.usage;
  return error.errorClass === 'unproven' ? EXIT.notProven : EXIT.internal;
}
