// A Croissant card (MLCommons, 1.0 and 1.1, JSON-LD) as far as it can be held to bytes and columns, and the facts for people.
import type { Sha256 } from '@vallum/core';
import type { RaiFacts } from './rai.js';

export interface CardFile {
  readonly id: string;
  /** As the card says; never followed. */
  readonly contentUrl: string | undefined;
  readonly encodingFormat: string | undefined;
  readonly sha256: Sha256 | undefined;
  /** Bytes, where the card gives them as such. */
  readonly bytes: number | undefined;
  /** Ids of what it is packed in. */
  readonly containedIn: readonly string[];
}

export interface CardField {
  readonly name: string;
  /** Without prefix: `Text`, `Float`, ... Empty where the card names none. */
  readonly dataTypes: readonly string[];
  /** The file or set of files it is taken from. */
  readonly file: string | undefined;
  readonly column: string | undefined;
}

export interface CardRecordSet {
  readonly id: string;
  readonly fields: readonly CardField[];
}

export interface Card {
  readonly version: '1.0' | '1.1';
  readonly name: string;
  readonly description: string | undefined;
  readonly license: readonly string[];
  readonly url: string | undefined;
  readonly files: readonly CardFile[];
  /** Sets of files by pattern: `id` and what they include. Nothing declares their digests. */
  readonly fileSets: readonly { readonly id: string; readonly includes: readonly string[] }[];
  readonly recordSets: readonly CardRecordSet[];
  readonly rai: RaiFacts;
  /** What was read past: unknown `rai:` properties and the like. */
  readonly notes: readonly string[];
}
