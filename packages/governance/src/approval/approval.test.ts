// Approvals as evidence, and which of them makes a predecessor: trusted, unrevoked, of that name, other bytes, newest.
import type { Evidence, JsonObject, Sha256, Statement } from '@vallum/core';
import { canonicalJson, readKinds, sha256 } from '@vallum/core';
import type { LedgerStatement } from '@vallum/policy';
import type { SigningKey } from '@vallum/trust';
import { buildRevocation, buildTrust, generateKey, publicRecord, readTrust } from '@vallum/trust';
import { describe, expect, it } from 'vitest';
import { approvalIdentity, buildApproval } from './approval.js';
import { lastApproved } from './last-approved.js';

const NOW = new Date('2026-06-01T00:00:00Z');
const subjectOf = (name: string, content: string) => ({ name, digest: { sha256: sha256(content) } });
const TOOL = { name: 'vallum', version: '0.1.0' };
const approve = (name: string, content: string, now = NOW): Evidence =>
  buildApproval({
    subject: subjectOf(name, content),
    seen: { 'artifact.scan': [sha256('s')] },
    note: '',
    tool: TOOL,
    now,
  });

describe('buildApproval', () => {
  it('names the subject and every statement that was seen, and meets its own identity', () => {
    const ids = [sha256('2'), sha256('1')] as const;
    const subject = subjectOf('demo@v1', 'bytes');
    const seen = { 'data.manifest': [ids[0]], 'artifact.scan': [ids[1], ids[1]], 'data.pii_scan': [] };
    const approval = buildApproval({ subject, seen, note: 'looked at it', tool: TOOL, now: NOW });
    const identity = approvalIdentity(subject);
    expect(approval).toMatchObject({
      subject: [subject],
      predicateType: `urn:vallum:evidence:${identity.kind}:v1`,
      predicate: {
        tool: { control: identity.version },
        inputs: identity.inputs,
        outcome: 'pass',
        parameters: {
          saw: [...ids].sort(),
          gates: { 'artifact.scan': [ids[1]], 'data.manifest': [ids[0]] },
          note: 'looked at it',
        },
        finishedAt: NOW.toISOString(),
        expiresAt: null,
      },
    });
    expect(() => canonicalJson(approval as unknown as JsonObject)).not.toThrow();
  });

  it('refuses to approve blindly, and a note without end', () => {
    const subject = subjectOf('demo@v1', 'bytes');
    const draft = { subject, seen: { 'artifact.scan': [] }, note: '', tool: TOOL, now: NOW };
    expect(() => buildApproval(draft)).toThrow(expect.objectContaining({ code: 'APPROVAL_BLIND' }));
    const long = { ...draft, seen: { 'artifact.scan': [sha256('s')] }, note: 'x'.repeat(2001) };
    expect(() => buildApproval(long)).toThrow(expect.objectContaining({ code: 'APPROVAL_NOTE' }));
  });
});

const kinds = readKinds({ kinds: [{ id: 'approval.record', freshness: 'version', role: 'approve', bindsName: true }] });
const root = generateKey('root', 'ed25519');
const approver = generateKey('approver', 'ed25519');
const runner = generateKey('runner', 'ed25519');
const stranger = generateKey('stranger', 'ed25519');
const trust = readTrust(
  buildTrust({
    project: 'demo',
    principals: [
      { id: 'bob', name: 'Bob', keys: [enrolled(approver, ['approve', 'revoke'])] },
      { id: 'ci', name: 'CI', keys: [enrolled(runner, ['produce:*'])] },
    ],
    ledgers: [],
    root,
    now: new Date('2026-01-01T00:00:00Z'),
  }),
);

function enrolled(key: SigningKey, roles: readonly string[]) {
  return { ...publicRecord(key), roles, notBefore: '2026-01-01T00:00:00Z', notAfter: '2027-01-01T00:00:00Z' };
}

/** A ledger whose entries are these statements, in this order. */
function ledger(...entries: readonly (readonly [Statement | Evidence, SigningKey])[]): readonly LedgerStatement[] {
  return entries.map(([statement, key], index) => ({
    index,
    id: idOf(statement),
    keyid: key.keyid,
    statement: statement as unknown as Statement,
  }));
}

function idOf(statement: Statement | Evidence): Sha256 {
  return sha256(canonicalJson(statement as unknown as JsonObject));
}

const find = (statements: readonly LedgerStatement[]) =>
  lastApproved({ statements, trust, kinds, modelName: 'demo', subject: sha256('at hand'), now: NOW });

describe('lastApproved', () => {
  const v1 = approve('demo@v1', 'one');
  const v2 = approve('demo@v2', 'two');

  it('gives the approval with the highest index, whatever the clocks said', () => {
    const earlier = approve('demo@v2', 'two', new Date('2026-02-01T00:00:00Z'));
    const statements = ledger([v1, approver], [earlier, approver]);
    expect(find(statements)).toEqual({
      subject: subjectOf('demo@v2', 'two'),
      approval: idOf(earlier),
      index: 1,
      approver: 'bob',
    });
    expect(find([...statements].reverse())?.index).toBe(1);
  });

  it('looks no further than the own approval of a version, so that approving v2 leaves v1 as it was', () => {
    const statements = ledger([v1, approver], [v2, approver]);
    const of = (content: string) =>
      lastApproved({ statements, trust, kinds, modelName: 'demo', subject: sha256(content), now: NOW })?.subject.name;
    expect([of('one'), of('two'), of('three')]).toEqual([undefined, 'demo@v1', 'demo@v2']);
  });

  it('knows no predecessor where there is none', () => {
    expect(find([])).toBeUndefined();
    expect(find(ledger([approve('demo@v3', 'at hand'), approver]))).toBeUndefined();
  });

  it.each([
    ['another model', approve('other@v1', 'x'), approver],
    ['a name that only begins alike', approve('demolition@v1', 'x'), approver],
    ['a part of a version', approve('demo@v1#weights', 'x'), approver],
    ['the version at hand', approve('demo@v9', 'at hand'), approver],
    ['a key without the role', v2, runner],
    ['an unknown key', v2, stranger],
    ['a date outside the key window', approve('demo@v2', 'two', new Date('2025-06-01T00:00:00Z')), approver],
    ['a date to come', approve('demo@v2', 'two', new Date('2026-06-01T00:00:01Z')), approver],
    ['no approval', { ...v2, predicateType: 'urn:vallum:evidence:artifact.scan:v1' }, approver],
    ['an unknown version', { ...v2, predicateType: 'urn:vallum:evidence:approval.record:v2' }, approver],
    ['a refusal', { ...v2, predicate: { ...v2.predicate, outcome: 'fail' as const } }, approver],
    ['a broken date', { ...v2, predicate: { ...v2.predicate, finishedAt: 'soon' } }, approver],
    ['two subjects', { ...v2, subject: [...v2.subject, ...v1.subject] }, approver],
  ] as const)('passes over %s', (_, statement, key) => {
    expect(find(ledger([v1, approver], [statement, key]))?.subject.name).toBe('demo@v1');
  });

  it('passes over a revoked approval, and only a key with the role can revoke it', () => {
    const revocation = buildRevocation({ type: 'statement', id: idOf(v2) }, 'mistake', NOW);
    const revoked = ledger([v1, approver], [v2, approver], [revocation, approver]);
    expect(find(revoked)?.subject.name).toBe('demo@v1');
    expect(find(ledger([v1, approver], [v2, approver], [revocation, runner]))?.subject.name).toBe('demo@v2');
    const subject = buildRevocation({ type: 'subject', digest: sha256('two') }, 'stolen', NOW);
    expect(find(ledger([v1, approver], [v2, approver], [subject, approver]))?.subject.name).toBe('demo@v1');
    const key = buildRevocation({ type: 'key', keyid: approver.keyid }, 'lost', NOW);
    expect(find(ledger([v1, approver], [key, approver]))).toBeUndefined();
  });
});
