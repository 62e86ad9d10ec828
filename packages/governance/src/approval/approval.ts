// `approval.record`: a person other than the author says yes to these bytes, having seen these statements. It is evidence
// like any other, so it is found, dated, revoked and exported like any other; no control ever writes it.
import type { Evidence, Sha256, Subject, TaskIdentity } from '@vallum/core';
import { evidenceType, STATEMENT_TYPE, VallumError } from '@vallum/core';
import { SEEN } from '@vallum/policy';

export const APPROVAL_KIND = 'approval.record';
const VERSION = '1';
const MAX_NOTE = 2000;

/** What a requirement for an approval is judged against. */
export function approvalIdentity(subject: Subject): TaskIdentity {
  return { kind: APPROVAL_KIND, version: VERSION, subject, inputs: [], parameters: {} };
}

export interface ApprovalDraft {
  readonly subject: Subject;
  /** Ids of the statements that the approver saw, by kind. */
  readonly seen: Readonly<Record<string, readonly Sha256[]>>;
  /** In the approver's own words; may be empty. */
  readonly note: string;
  readonly tool: { readonly name: string; readonly version: string };
  readonly now: Date;
}

/**
 * The statement to be signed by a key with the role `approve`. Whether everything else holds is asked before, of policy.
 * @throws VallumError `APPROVAL_BLIND` when nothing was seen, `APPROVAL_NOTE` when the note is too long
 */
export function buildApproval({ subject, seen, note, tool, now }: ApprovalDraft): Evidence {
  const gates = Object.entries(seen)
    .filter(([, ids]) => ids.length > 0)
    .map(([kind, ids]) => [kind, [...new Set(ids)].sort()] as const);
  if (gates.length === 0)
    throw new VallumError(
      'APPROVAL_BLIND',
      `there is no evidence about ${subject.name} that an approval could refer to`,
      {
        fix: 'run: vallum check',
      },
    );
  if (note.length > MAX_NOTE || !note.isWellFormed())
    throw new VallumError('APPROVAL_NOTE', `a note has at most ${MAX_NOTE} characters`, {
      fix: 'write a shorter note',
    });
  const time = now.toISOString();
  return {
    _type: STATEMENT_TYPE,
    subject: [subject],
    predicateType: evidenceType(APPROVAL_KIND),
    predicate: {
      tool: { ...tool, control: VERSION },
      parameters: {
        [SEEN]: [...new Set(gates.flatMap(([, ids]) => ids))].sort(),
        gates: Object.fromEntries(gates),
        note,
      },
      inputs: [],
      outcome: 'pass',
      findings: [],
      metrics: [],
      coverage: { examined: {}, notExamined: [] },
      startedAt: time,
      finishedAt: time,
      expiresAt: null,
    },
  };
}
