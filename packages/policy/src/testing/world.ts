// A small world for the tests of verdicts: three kinds of evidence, five people, and a log that is easy to write.
import type {
  EvidencePredicate,
  JsonObject,
  KindCatalog,
  Metric,
  Statement,
  Subject,
  TaskIdentity,
} from '@vallum/core';
import { evidenceType, readKinds, sha256, STATEMENT_TYPE } from '@vallum/core';
import type { SigningKey, Trust } from '@vallum/trust';
import { buildTrust, generateKey, publicRecord, readEnvelope, readTrust, signStatement } from '@vallum/trust';
import type { JudgeInput, LedgerStatement } from '../judge/input.js';
import type { Requirement } from '../requirement.js';

export const NOW = new Date('2026-06-01T12:00:00Z');
export const EARLIER = '2026-06-01T10:00:00.000Z';
export const RULES = sha256('rules');
export const MODEL: Subject = { name: 'spam-filter@v1', digest: { sha256: sha256('v1') } };
export const OTHER: Subject = { name: 'spam-filter@v1', digest: { sha256: sha256('v1, changed') } };

export const KINDS: KindCatalog = readKinds({
  kinds: [
    { id: 'artifact.scan', freshness: 'version', rulesetChange: true, waivable: ['no-predecessor'] },
    { id: 'robustness.report', freshness: 'version', maxAge: 'P30D' },
    { id: 'approval.record', freshness: 'version', role: 'approve', bindsName: true },
  ],
});

const names = ['runner', 'second', 'approver', 'owner', 'author', 'revoker', 'stranger', 'root', 'late'] as const;
export type Person = (typeof names)[number];
export const keys = Object.fromEntries(names.map((name) => [name, generateKey(name, 'ed25519')])) as Record<
  Person,
  SigningKey
>;

const always = { notBefore: '2026-01-01', notAfter: '2027-01-01' };
const person = (name: Person, roles: readonly string[], window = always) => ({
  id: name,
  name,
  keys: [{ ...publicRecord(keys[name]), roles, ...window }],
});

export const trust: Trust = readTrust(
  buildTrust({
    project: 'spam-filter',
    root: keys.root,
    now: NOW,
    ledgers: [],
    principals: [
      person('runner', ['produce:*']),
      person('second', ['produce:*']),
      person('approver', ['approve', 'revoke']),
      person('owner', ['approve']),
      person('author', ['approve']),
      person('revoker', ['revoke']),
      person('late', ['produce:*', 'decide'], { notBefore: '2026-06-02', notAfter: '2027-01-01' }),
    ],
  }),
);

export const scan: Requirement = { id: 'scan', kind: 'artifact.scan', actions: ['deploy'], fix: 'remove the file' };
export const robust: Requirement = {
  id: 'robust',
  kind: 'robustness.report',
  actions: ['deploy'],
  metric: { id: 'evasion-rate', atMost: 0.2 },
  parameters: { words: { atLeast: 5 } },
  fix: 'harden it',
};
export const approval: Requirement = {
  id: 'approval',
  kind: 'approval.record',
  actions: ['deploy'],
  fix: 'ask somebody',
};

export function task(kind: string, change: Partial<TaskIdentity> = {}): TaskIdentity {
  const parameters = kind === 'robustness.report' ? { words: 5, seed: 1 } : {};
  return { kind, version: '1', rules: RULES, subject: MODEL, inputs: [], parameters, ...change };
}

export function metric(high: number, change: Partial<Metric> = {}): Metric {
  const interval = { low: 0, high, level: 0.95, method: 'clopper-pearson' };
  return { id: 'evasion-rate', value: high / 2, unit: 'share', n: 200, interval, ...change };
}

/** A predicate that passes everything, but for the change. */
export function predicate(kind: string, change: Partial<EvidencePredicate> = {}): EvidencePredicate {
  const { version, inputs, parameters } = task(kind);
  return {
    tool: { name: 'vallum', version: '0.1.0', control: version, rules: { sha256: RULES } },
    parameters,
    inputs,
    outcome: 'pass',
    findings: [],
    metrics: kind === 'robustness.report' ? [metric(0.1)] : [],
    coverage: { examined: {}, notExamined: [] },
    startedAt: EARLIER,
    finishedAt: EARLIER,
    expiresAt: null,
    ...change,
  };
}

export function evidence(
  kind: string,
  change: Partial<EvidencePredicate> = {},
  subject: Subject = MODEL,
): Statement<object> {
  return {
    _type: STATEMENT_TYPE,
    subject: [subject],
    predicateType: evidenceType(kind),
    predicate: predicate(kind, change),
  };
}

export type Said = readonly [Person, Statement<object>];

/** The log: each statement signed and read back, so that only what survives a signature is judged. */
export function log(...said: readonly Said[]): readonly LedgerStatement[] {
  return said.map(([who, statement], index) => {
    const { id, keyid, statement: read } = readEnvelope(signStatement(statement, keys[who]));
    return { index, id, keyid, statement: read };
  });
}

export function idOf([who, statement]: Said): LedgerStatement['id'] {
  return readEnvelope(signStatement(statement, keys[who])).id;
}

export const scanned: Said = ['runner', evidence('artifact.scan')];
export const tested: Said = ['runner', evidence('robustness.report')];
export const approved: Said = ['approver', evidence('approval.record')];

export function world(statements: readonly LedgerStatement[], change: Partial<JudgeInput> = {}): JudgeInput {
  return {
    action: 'deploy',
    subject: MODEL,
    requirements: [scan, robust, approval],
    plan: [task('artifact.scan'), task('robustness.report'), task('approval.record')],
    statements,
    trust,
    kinds: KINDS,
    now: NOW,
    authors: ['author'],
    ...change,
  };
}

/** Parameters of a run of the robustness report. */
export function run(parameters: JsonObject, high = 0.1, change: Partial<EvidencePredicate> = {}): Statement<object> {
  return evidence('robustness.report', { parameters, metrics: [metric(high)], ...change });
}
