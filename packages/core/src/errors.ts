// Every error a user can cause is one of these: a stable code, a sentence that says what is wrong, and what to do.
// The command line prints exactly these two sentences and never a stack trace.

export interface ErrorDetails {
  /** What the person can do about it, one sentence. */
  readonly fix?: string;
  readonly cause?: unknown;
}

/** Exit class of an error: `usage` is 3 (wrong use, broken input), `unproven` is 2, `internal` is 4. */
export type ErrorClass = 'usage' | 'unproven' | 'internal';

export class VallumError extends Error {
  readonly code: string;
  readonly errorClass: ErrorClass;
  readonly fix: string | undefined;

  /**
   * @param code stable, upper-case, prefixed by the area: `TRUST_UNPINNED`
   * @param message one sentence, safe to print
   */
  constructor(code: string, message: string, details: ErrorDetails = {}, errorClass: ErrorClass = 'usage') {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'VallumError';
    this.code = code;
    this.errorClass = errorClass;
    this.fix = details.fix;
  }
}

/** A sentence for any thrown value, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
