// The words of Python source. Tolerant: what it cannot read becomes a fault with its line, and it goes on.

export type TokenKind = 'name' | 'number' | 'string' | 'op' | 'newline' | 'indent' | 'dedent' | 'end';

/** A hole of an f-string: the source between its braces. */
export interface Hole {
  readonly source: string;
  readonly line: number;
}

export interface Token {
  readonly kind: TokenKind;
  /** Name (NFKC, as Python compares it), operator, digits, or the text of a string. */
  readonly text: string;
  readonly line: number;
  readonly bytes?: boolean;
  /** Parts of an f-string. */
  readonly parts?: readonly (string | Hole)[];
}

export type OddityCode =
  'bidi' | 'invisible' | 'far-right' | 'escaped-letters' | 'normalised-name' | 'mixed-script' | 'long-literal';

/** Something that no ordinary source has, and a reader does not see. */
export interface Oddity {
  readonly code: OddityCode;
  readonly line: number;
  readonly detail: string;
}

/** Stops the parser: the source is too deep or too large. */
export class ParseBudget extends Error {}

/** Words that may still be read, of the source and of the f-strings in it. */
export interface WordBudget {
  readonly most: number;
  used: number;
}

export interface SourceFault {
  readonly line: number;
  readonly message: string;
}
