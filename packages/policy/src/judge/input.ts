// What a verdict is computed from. Nothing else is looked at: the function that judges is pure.
import type { Blocked, KindCatalog, Sha256, Statement, TaskIdentity } from '@vallum/core';
import type { Trust } from '@vallum/trust';
import type { Requirement } from '../requirement.js';
import type { VerdictSubject } from '../verdict.js';

/** A statement of the ledger that counts; its signature was verified by the caller against an enrolled key. */
export interface LedgerStatement {
  readonly index: number;
  readonly id: Sha256;
  readonly keyid: Sha256;
  readonly statement: Statement;
}

/** An entry of the ledger whose envelope is missing or broken: what it said is unknown, that it was said is not. */
export interface UnreadableEntry {
  readonly index: number;
  readonly id: Sha256;
  readonly keyid: string;
  /** Predicate type. */
  readonly type: string;
  readonly subject: Sha256;
  readonly outcome: string | null;
}

export interface JudgeInput {
  readonly action: string;
  readonly subject: VerdictSubject;
  readonly requirements: readonly Requirement[];
  /** Recomputed from the bytes at hand. */
  readonly plan: readonly (TaskIdentity | Blocked)[];
  readonly statements: readonly LedgerStatement[];
  readonly unreadable?: readonly UnreadableEntry[];
  readonly trust: Trust;
  readonly kinds: KindCatalog;
  readonly now: Date;
  /** Ids of the principals whose keys signed the model; an approver must be somebody else. */
  readonly authors: readonly string[];
  /** Kinds that are left out, as when it is asked whether everything but the approval holds. */
  readonly except?: readonly string[];
  /** A digest that the project pins for this version. */
  readonly pinned?: Sha256;
  /** The signed policy bundle in force, so that a revoked one does not decide. */
  readonly bundle?: { readonly id: Sha256; readonly keyid: string };
}
