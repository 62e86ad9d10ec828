// A verdict as a statement of its own, so that it can be signed (role `decide`), logged, exported and checked later.
import type { JsonObject, Sha256, Statement } from '@vallum/core';
import { STATEMENT_TYPE, VallumError } from '@vallum/core';
import { VERDICT_TYPE } from '@vallum/trust';
import type { Verdict } from './verdict.js';

export interface VerdictBasis {
  /** Id of the signed bundle, or digest of the default policy. */
  readonly policy: Sha256;
  readonly trust: Sha256;
  /** The log in the state that was judged. */
  readonly ledger: { readonly origin: string; readonly size: number; readonly root: Sha256 };
  readonly decidedAt: string;
}

export type VerdictPredicate = Omit<Verdict, 'subject'> & VerdictBasis;

/** @throws VallumError `VERDICT_SUBJECT` when the digest of the subject is not known: nothing can be said about it */
export function verdictStatement(verdict: Verdict, basis: VerdictBasis): Statement {
  const { subject, ...rest } = verdict;
  if (subject.digest === undefined)
    throw new VallumError('VERDICT_SUBJECT', `the digest of ${subject.name} is not known`, {}, 'unproven');
  const predicate: VerdictPredicate = { ...rest, ...basis };
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name: subject.name, digest: subject.digest }],
    predicateType: VERDICT_TYPE,
    predicate: predicate as unknown as JsonObject,
  };
}
