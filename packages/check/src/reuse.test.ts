// Each thing that shapes a result, changed alone, makes the earlier statement stale; unchanged it is reused.
import { expect, test } from 'vitest';
import type { EvidencePredicate, Statement, Task } from '@vallum/core';
import { readKinds, sha256 } from '@vallum/core';
import type { LedgerStatement } from '@vallum/policy';
import type { Principal } from '@vallum/trust';
import { buildRevocation, buildTrust, generateKey, publicRecord, readTrust } from '@vallum/trust';
import { draftEvidence } from './evidence.js';
import { makeReuse } from './reuse.js';

const NOW = new Date('2026-06-01T12:00:00Z');
const WINDOW = { notBefore: '2026-01-01T00:00:00Z', notAfter: '2026-12-31T00:00:00Z' };
const runner = generateKey('runner', 'ed25519');
const approver = generateKey('approver', 'ed25519');
const stranger = generateKey('stranger', 'ed25519');
const people: readonly Principal[] = [
  { id: 'runner', name: 'runner', keys: [{ ...publicRecord(runner), roles: ['produce:*'], ...WINDOW }] },
  { id: 'approver', name: 'approver', keys: [{ ...publicRecord(approver), roles: ['revoke'], ...WINDOW }] },
];
const trust = readTrust(
  buildTrust({ project: 'demo', principals: people, ledgers: [], root: generateKey('root', 'ed25519'), now: NOW }),
);
const kinds = readKinds({
  kinds: [
    { id: 'artifact.scan', freshness: 'version', rulesetChange: true },
    { id: 'dep.scan', freshness: 'PT1H', rulesetChange: false },
  ],
});

const TASK: Task = {
  kind: 'artifact.scan',
  version: '1',
  rules: sha256('rules'),
  subject: { name: 'demo@v1', digest: { sha256: sha256('bytes') } },
  inputs: [
    { name: 'rows', digest: { sha256: sha256('rows') } },
    { name: 'model.sig', absent: true },
  ],
  parameters: { gate: 'high' },
  run: () => Promise.reject(new Error('not run here')),
};

interface Said {
  readonly outcome?: 'pass' | 'fail' | 'inconclusive';
  readonly finishedAt?: Date;
}

function entryOf(index: number, statement: Statement<object>, keyid = runner.keyid): LedgerStatement {
  return { index, id: sha256(`statement ${index}`), keyid, statement: statement as Statement };
}

function evidence(task: Task, { outcome = 'pass', finishedAt = NOW }: Said = {}): Statement<EvidencePredicate> {
  const result = { outcome, findings: [], metrics: [], coverage: { examined: {}, notExamined: [] } };
  return draftEvidence(
    task,
    result,
    { name: 'vallum', version: '0.1.0' },
    { startedAt: finishedAt, finishedAt, expiresAt: null },
  ).statement;
}

const reuse = (statements: readonly LedgerStatement[], task = TASK, now = NOW) =>
  makeReuse({ statements, trust, kinds, now })(task);

test('the same task finds its statement, pass or fail', () => {
  for (const outcome of ['pass', 'fail'] as const)
    expect(reuse([entryOf(0, evidence(TASK, { outcome }))])).toMatchObject({ kind: 'reusable', result: { outcome } });
});

test('nothing said, nothing to reuse', () => {
  expect(reuse([])).toEqual({ kind: 'none' });
});

const CHANGES: readonly (readonly [string, Partial<Task>, string])[] = [
  ['control version', { version: '2' }, 'version 2'],
  ['ruleset', { rules: sha256('other') }, 'ruleset'],
  ['a parameter', { parameters: { gate: 'low' } }, 'parameters'],
  [
    'an input',
    {
      inputs: [
        { name: 'rows', digest: { sha256: sha256('x') } },
        { name: 'model.sig', absent: true },
      ],
    },
    'rows',
  ],
  [
    'an absent input that appears',
    { inputs: [TASK.inputs[0]!, { name: 'model.sig', digest: { sha256: sha256('s') } }] },
    'model.sig',
  ],
  ['a further input', { inputs: [...TASK.inputs, { name: 'more', absent: true }] }, 'more'],
];

test.each(CHANGES)('%s changed: run again, and say so', (_what, change, why) => {
  const answer = reuse([entryOf(0, evidence(TASK))], { ...TASK, ...change });
  expect(answer.kind).toBe('stale');
  expect(answer.kind === 'stale' && answer.why).toContain(why);
});

test('another subject: nothing was said about it', () => {
  const subject = { ...TASK.subject, digest: { sha256: sha256('other bytes') } };
  expect(reuse([entryOf(0, evidence(TASK))], { ...TASK, subject })).toEqual({ kind: 'none' });
});

test('an older statement that fits is found behind a newer one that does not', () => {
  const other = { ...TASK, parameters: { gate: 'low' } };
  expect(reuse([entryOf(0, evidence(TASK)), entryOf(1, evidence(other))])).toMatchObject({ kind: 'reusable' });
});

test('inconclusive, revoked and expired ones run again', () => {
  expect(reuse([entryOf(0, evidence(TASK, { outcome: 'inconclusive' }))])).toMatchObject({ kind: 'stale' });
  const revocation = buildRevocation({ type: 'statement', id: sha256('statement 0') }, 'a mistake', NOW);
  const revoked = reuse([entryOf(0, evidence(TASK)), entryOf(1, revocation, approver.keyid)]);
  expect(revoked.kind === 'stale' && revoked.why).toContain('a mistake');
  const old = { ...TASK, kind: 'dep.scan' };
  const said = [entryOf(0, evidence(old, { finishedAt: new Date('2026-06-01T10:59:59Z') }))];
  expect(reuse(said, old).kind).toBe('stale');
  expect(reuse(said, old, new Date('2026-06-01T11:30:00Z')).kind).toBe('reusable');
});

test('a revoked newest one is never replaced by the one before it', () => {
  const revocation = buildRevocation({ type: 'statement', id: sha256('statement 1') }, 'a mistake', NOW);
  const statements = [entryOf(0, evidence(TASK)), entryOf(1, evidence(TASK)), entryOf(2, revocation, approver.keyid)];
  expect(reuse(statements).kind).toBe('stale');
});

test('strangers and statements from the future do not count', () => {
  expect(reuse([entryOf(0, evidence(TASK), stranger.keyid)])).toEqual({ kind: 'none' });
  expect(reuse([entryOf(0, evidence(TASK, { finishedAt: new Date('2026-06-01T12:00:01Z') }))])).toEqual({
    kind: 'none',
  });
});
