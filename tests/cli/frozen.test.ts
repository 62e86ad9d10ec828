// Samples of every statement, signed once by keys that are gone: today's reader has to read them, and so has every later one.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { kindOf, readKinds } from '@vallum/core';
import evidenceKinds from '@vallum/catalog/evidence-kinds.json' with { type: 'json' };
import { CANARY_TYPE, LOG_CHECKPOINT_TYPE, readCanary, readDecision, readLogCheckpoint } from '@vallum/gateway';
import { verifyExport } from '@vallum/ledger';
import { ATTEST_ROLE, PROVENANCE_TYPE, readProvenance } from '@vallum/model';
import { collectRevocations, readEvidence, readPolicyBundle } from '@vallum/policy';
import {
  IDENTITY_TYPE,
  MONITOR_TYPE,
  POLICY_TYPE,
  readEnvelope,
  readMonitorAct,
  readRevocation,
  readTrust,
  readVaultAct,
  readWaiver,
  readWaiverApproval,
  REVOCATION_TYPE,
  VAULT_TYPE,
  verifySignature,
  VERDICT_TYPE,
  WAIVER_APPROVAL_TYPE,
  WAIVER_TYPE,
  withIdentities,
} from '@vallum/trust';
import type { FrozenSample } from './frozen.js';
import { FROZEN, frozenExport, frozenStatements, frozenTrust } from './frozen.js';
import { schemaProblems } from './schemas.js';

/** The day of the samples: their keys were valid then. */
const THEN = new Date('2026-11-22T12:00:00Z');
const JOB = 'acme/spam-filter/.github/workflows/check.yml';
const trust = readTrust(frozenTrust());
const kinds = readKinds(evidenceKinds);
const samples = frozenStatements();
const collected = [...kinds.values()].filter(({ id }) =>
  evidenceKinds.kinds.some((kind) => kind.id === id && kind.owner === 'collector'),
);

test('there is one of each', () => {
  const names = samples.map(({ name }) => name);
  const acts = ['policy', 'verdict-pass', 'verdict-refused', 'verdict-not-proven', 'waiver-metric', 'waiver-reason'];
  const revocations = ['statement', 'key', 'tool', 'ruleset', 'subject'].map((target) => `revocation-${target}`);
  const vault = ['seal', 'open', 'export', 'rotate', 'rotate-key', 'shred'].map((act) => `vault-${act}`);
  const facts = ['provenance', 'identity', 'monitor-pin', 'monitor-settle', 'canary', 'log-checkpoint'];
  expect(names.sort()).toEqual(
    [...collected.map(({ id }) => id), ...acts, ...facts, ...revocations, ...vault, 'waiver-approval'].sort(),
  );
});

describe.each(samples)('$name', ({ name, id, bytes, ...sample }: FrozenSample) => {
  const signed = readEnvelope(bytes);
  const { predicate, predicateType, subject } = signed.statement;
  // A job's key is in its identity and not in the trust file, which vouches for the token.
  const identities = predicateType === IDENTITY_TYPE ? [{ keyid: signed.keyid, index: 0, signed }] : [];
  const trust = withIdentities(readTrust(sample.trust), identities);

  test('has its id and a signature that verifies', () => {
    expect(signed.id).toBe(id);
    const key = trust.key(signed.keyid);
    expect(key !== undefined && verifySignature(signed, key)).toBe(true);
  });

  test('is understood', () => {
    const kind = kindOf(predicateType);
    switch (predicateType) {
      case VERDICT_TYPE:
        expect(schemaProblems('urn:vallum:output:verdict:v1', { ...predicate, subject: subject[0] })).toEqual([]);
        return expect(trust.may(signed.keyid, 'decide', THEN)?.id).toBe('runner');
      case WAIVER_TYPE:
        return expect(readWaiver(signed.statement)).toMatchObject({ until: '2099-01-01' });
      case WAIVER_APPROVAL_TYPE:
        return expect(readWaiverApproval(signed.statement)?.waiver).toMatch(/^[0-9a-f]{64}$/);
      case REVOCATION_TYPE: {
        expect(readRevocation(signed.statement)?.reason).toMatch(/^it|^the/);
        const { id: statement, keyid } = signed;
        const all = [{ index: 0, id: statement, keyid, statement: signed.statement }];
        return expect(collectRevocations(all, trust).unreadable).toEqual([]);
      }
      case PROVENANCE_TYPE:
        expect(readProvenance(signed.statement)).toMatchObject({ workflow: 'train.yml', ref: 'refs/heads/main' });
        return expect(trust.may(signed.keyid, ATTEST_ROLE, THEN)).toBeDefined();
      case IDENTITY_TYPE:
        expect(trust.doubtAbout(signed.keyid)).toBeUndefined();
        expect(trust.identityOf(signed.keyid)).toMatchObject({ branch: 'main', workflow: JOB });
        return expect(trust.principalOf(signed.keyid)?.id).toBe('ci');
      case VAULT_TYPE: {
        const act = readVaultAct(signed.statement);
        expect(`vault-${act?.act}${act?.kind === 'key' ? '-key' : ''}`).toBe(name);
        expect(act).toMatchObject({ who: 'approver', why: expect.stringMatching(/^a sample of/) as string });
        return expect(trust.may(signed.keyid, 'vault', THEN)?.id).toBe(act?.who);
      }
      case MONITOR_TYPE: {
        const act = readMonitorAct(signed.statement);
        expect(`monitor-${act?.act}`).toBe(name);
        expect(act).toMatchObject({ monitor: 'spam-filter@v1', who: 'approver' });
        return expect(trust.may(signed.keyid, 'monitor', THEN)?.id).toBe(act?.who);
      }
      case CANARY_TYPE:
        return expect(readCanary(bytes, { trust, now: THEN, revoked: () => undefined }).exchanges).toHaveLength(1);
      case LOG_CHECKPOINT_TYPE:
        expect(readLogCheckpoint(signed.statement)?.checkpoint).toMatchObject({ origin: 'front/gateway', size: 3 });
        return expect(trust.may(signed.keyid, 'produce:gateway.events', THEN)?.id).toBe('runner');
      case POLICY_TYPE:
        return expect(readPolicyBundle(bytes, trust, kinds, THEN).requirements).toHaveLength(10);
      default:
        expect(readEvidence(predicate)).toBeDefined();
        expect(schemaProblems(`urn:vallum:schema:${kind ?? ''}:v1`, predicate)).toEqual([]);
        return expect(trust.may(signed.keyid, kinds.get(kind ?? '')?.role ?? '', THEN)).toBeDefined();
    }
  });
});

test('the export verifies against the trust file', () => {
  const found = verifyExport(frozenExport(), { trust, kinds, now: THEN });
  expect(found.unverified).toEqual([]);
  expect(found.statements.length).toBeGreaterThan(10);
});

test('a record of a gateway is understood', () => {
  const decision = readDecision(readFileSync(join(FROZEN, 'records/decision.entry')));
  expect(decision).toMatchObject({ outcome: 'refused', code: 'forbidden', principal: 'alice', status: 403 });
});

test('a changed sample does not verify', () => {
  const [first] = samples;
  const text = Buffer.from(first?.bytes ?? []).toString();
  const envelope = JSON.parse(text) as { payload: string };
  const payload = Buffer.from(envelope.payload, 'base64').toString();
  const changed = Buffer.from(payload.replace('"outcome":"pass"', '"outcome":"fail"')).toString('base64');
  const signed = readEnvelope(Buffer.from(text.replace(envelope.payload, changed)));
  const key = trust.key(signed.keyid);
  expect(key).toBeDefined();
  expect(signed.id).not.toBe(first?.id);
  expect(key !== undefined && verifySignature(signed, key)).toBe(false);
});
