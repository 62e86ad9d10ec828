// From a control's result to the statement that will be signed: at most twenty findings inside, all of them in a blob.
import type { ControlResult, EvidencePredicate, Finding, JsonValue, Statement, Task } from '@vallum/core';
import { canonicalJson, evidenceType, INLINE_FINDINGS, sha256, SEVERITIES, STATEMENT_TYPE } from '@vallum/core';

export interface ToolInfo {
  readonly name: string;
  readonly version: string;
}

export interface EvidenceDraft {
  readonly statement: Statement<EvidencePredicate>;
  /** Canonical JSON of all findings, when the statement names it. */
  readonly blob?: Uint8Array;
}

export interface RunTimes {
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly expiresAt: Date | null;
}

export function draftEvidence(task: Task, result: ControlResult, tool: ToolInfo, times: RunTimes): EvidenceDraft {
  const { findings } = result;
  const overflow = findings.length > INLINE_FINDINGS;
  const blob = overflow ? Buffer.from(canonicalJson(findings as unknown as JsonValue)) : undefined;
  const predicate: EvidencePredicate = {
    tool: { ...tool, control: task.version, ...(task.rules === undefined ? {} : { rules: { sha256: task.rules } }) },
    parameters: task.parameters,
    inputs: task.inputs,
    outcome: result.outcome,
    ...(result.reason === undefined ? {} : { reason: result.reason }),
    findings: findings.slice(0, INLINE_FINDINGS),
    ...(blob === undefined ? {} : { findingsBlob: { sha256: sha256(blob), count: findings.length } }),
    metrics: result.metrics,
    coverage: result.coverage,
    startedAt: times.startedAt.toISOString(),
    finishedAt: times.finishedAt.toISOString(),
    expiresAt: times.expiresAt?.toISOString() ?? null,
  };
  const statement: Statement<EvidencePredicate> = {
    _type: STATEMENT_TYPE,
    subject: [task.subject],
    predicateType: evidenceType(task.kind),
    predicate,
  };
  return { statement, ...(blob === undefined ? {} : { blob }) };
}

/** The worst first: a statement carries only the first twenty. */
export function bySeverity(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}
