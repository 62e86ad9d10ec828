// The part that `check` and `gate` share: judge the evidence at hand, sign the verdict, bring it into the ledger.
import type { Sha256 } from '@vallum/core';
import type { Ledger } from '@vallum/ledger';
import type { Verdict } from '@vallum/policy';
import { judge, verdictStatement } from '@vallum/policy';
import { signStatement } from '@vallum/trust';
import { fileStatement, readRecorded } from '../project/log.js';
import type { Session } from '../project/session.js';
import { keyWithRole, trustOf } from '../project/session.js';
import type { VersionPlan } from '../plan/version-plan.js';
import type { Rules } from '../project/rules.js';

export interface Decided {
  readonly verdict: Verdict;
  /** Index and root of the log that was judged. */
  readonly ledger: { readonly origin: string; readonly size: number; readonly root: Sha256 };
  /** Whether the verdict itself is signed and entered in the log; false too while it waits in the inbox. */
  readonly recorded: boolean;
}

export interface DecideOptions {
  readonly action: string;
  readonly except?: readonly string[];
  /** Only look: write no verdict. */
  readonly dryRun?: boolean;
}

export async function decide(
  session: Session,
  ledger: Ledger,
  planned: VersionPlan,
  rules: Rules,
  options: DecideOptions,
): Promise<Decided> {
  const recorded = await readRecorded(session, ledger);
  const trust = trustOf(session);
  const verdict = judge({
    action: options.action,
    subject: planned.subject,
    requirements: rules.requirements,
    plan: planned.judged,
    statements: recorded.statements,
    unreadable: recorded.unreadable,
    trust,
    kinds: session.kinds,
    now: session.clock(),
    authors: planned.authors,
    ...(planned.pinned === undefined ? {} : { pinned: planned.pinned }),
    ...(rules.bundle === undefined ? {} : { bundle: rules.bundle }),
    ...(options.except === undefined ? {} : { except: options.except }),
  });
  const state = { origin: session.origin, size: recorded.size, root: recorded.root };
  const key = options.dryRun === true ? undefined : keyWithRole(session, 'decide');
  if (key === undefined || verdict.subject.digest === undefined) return { verdict, ledger: state, recorded: false };
  const basis = { policy: rules.digest, trust: trust.digest, ledger: state, decidedAt: session.clock().toISOString() };
  const filed = await fileStatement(ledger, signStatement(verdictStatement(verdict, basis), key));
  return { verdict, ledger: state, recorded: filed.kind === 'entered' };
}
