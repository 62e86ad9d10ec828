// Which statements may speak for a requirement. Each one is filed under the first test that it does not meet, so that
// a verdict can say what is nearly there instead of only "missing".
import type { EvidenceKind, TaskIdentity } from '@vallum/core';
import { kindOf } from '@vallum/core';
import type { Requirement } from '../requirement.js';
import type { ReadEvidence } from './evidence.js';
import { differingInputs, expiryOf, readEvidence } from './evidence.js';
import type { JudgeInput, LedgerStatement } from './input.js';
import { weakParameters } from './parameters.js';

export interface Candidate {
  readonly entry: LedgerStatement;
  readonly evidence: ReadEvidence;
  readonly principal: string;
  readonly expiry: Date | undefined;
  readonly expired: boolean;
  /** Dated after the clock: it cannot pass, but a failure stays one, or setting the clock back would hide it. */
  readonly notYet: boolean;
}

/** From the farthest miss to the nearest. */
const MISSES = [
  'missing',
  'stale-subject',
  'malformed',
  'untrusted',
  'self-approved',
  'stale-inputs',
  'stale-control',
  'stale-rules',
  'weaker-parameters',
] as const;
export type MissCode = (typeof MISSES)[number];

export interface Miss {
  readonly code: MissCode;
  readonly detail: string;
  readonly entry?: LedgerStatement;
}

export interface Sorted {
  /** In the order of the ledger. */
  readonly candidates: readonly Candidate[];
  /** What comes nearest, the newest of equals; `missing` when nothing does. */
  readonly nearest: Miss;
}

export function statementsOf(kind: EvidenceKind, input: JudgeInput): readonly LedgerStatement[] {
  const own = input.statements.filter(({ statement }) => kindOf(statement.predicateType) === kind.id);
  return own.sort((a, b) => a.index - b.index);
}

export function sortStatements(
  requirement: Requirement,
  kind: EvidenceKind,
  task: TaskIdentity,
  input: JudgeInput,
): Sorted {
  const candidates: Candidate[] = [];
  let nearest: Miss = { code: 'missing', detail: `there is no ${kind.id} for ${task.subject.name}` };
  for (const entry of statementsOf(kind, input)) {
    const answer = examine(entry, requirement, kind, task, input);
    if ('evidence' in answer) candidates.push(answer);
    else if (MISSES.indexOf(answer.code) >= MISSES.indexOf(nearest.code)) nearest = { ...answer, entry };
  }
  return { candidates, nearest };
}

function examine(
  entry: LedgerStatement,
  requirement: Requirement,
  kind: EvidenceKind,
  task: TaskIdentity,
  input: JudgeInput,
): Candidate | Miss {
  const subject = entry.statement.subject[0];
  if (subject?.digest.sha256 !== task.subject.digest.sha256)
    return subject?.name === task.subject.name
      ? miss('stale-subject', `${task.subject.name} has other bytes than the ones that ${kind.id} speaks about`)
      : miss('missing', `there is no ${kind.id} for ${task.subject.name}`);
  const evidence = readEvidence(entry.statement.predicate);
  if (evidence === undefined) return miss('malformed', `the statement ${entry.id.slice(0, 12)} is malformed`);
  const principal = input.trust.may(entry.keyid, kind.role, evidence.finishedAt)?.id;
  if (principal === undefined)
    return miss('untrusted', `${kind.id} is signed by a key without the role ${kind.role} at that time`);
  if (kind.bindsName && input.authors.includes(principal))
    return miss('self-approved', `${kind.id} is by ${principal}, who is the author`);
  return compareWithPlan({ entry, evidence, principal }, requirement, kind, task, input.now);
}

function compareWithPlan(
  found: Pick<Candidate, 'entry' | 'evidence' | 'principal'>,
  requirement: Requirement,
  kind: EvidenceKind,
  task: TaskIdentity,
  now: Date,
): Candidate | Miss {
  const { predicate } = found.evidence;
  const inputs = differingInputs(predicate.inputs, task.inputs);
  if (inputs.length > 0) return miss('stale-inputs', `${kind.id} read another ${inputs.slice(0, 3).join(', ')}`);
  if (predicate.tool.control !== task.version)
    return miss(
      'stale-control',
      `${kind.id} was made by version ${predicate.tool.control} of the control, ${task.version} is here`,
    );
  if (kind.rulesetChange && predicate.tool.rules?.sha256 !== task.rules)
    return miss('stale-rules', `${kind.id} was made with another ruleset than the one at hand`);
  const weak = weakParameters(predicate.parameters, requirement.parameters);
  if (weak.length > 0) return miss('weaker-parameters', `${kind.id} ran with weaker ${weak.join(', ')} than required`);
  const expiry = expiryOf(found.evidence, kind);
  return {
    ...found,
    expiry,
    expired: expiry !== undefined && now >= expiry,
    notYet: !(found.evidence.finishedAt <= now),
  };
}

function miss(code: MissCode, detail: string): Miss {
  return { code, detail };
}
