// Keys, a trust file and a statement for the tests of this room.
import type { Statement } from '@vallum/core';
import { sha256, STATEMENT_TYPE } from '@vallum/core';
import { generateKey, publicRecord } from '../keys.js';
import type { SigningKey } from '../keys.js';
import type { EnrolledKey, Principal } from '../trust.js';
import { buildTrust } from '../trust-file.js';

export const NOW = new Date('2026-06-01T12:00:00Z');
export const WINDOW = { notBefore: '2026-01-01T00:00:00Z', notAfter: '2026-12-31T00:00:00Z' } as const;

export const root = generateKey('root', 'ed25519');
export const runner = generateKey('runner', 'ed25519');
export const approver = generateKey('approver', 'ed25519');
export const logKey = generateKey('log', 'ed25519');
export const modelKey = generateKey('model', 'p256');

export function enrolled(key: SigningKey, ...roles: readonly string[]): EnrolledKey {
  return { ...publicRecord(key), roles, ...WINDOW };
}

export const principals: readonly Principal[] = [
  { id: 'ci', name: 'Build runner', keys: [enrolled(runner, 'produce:*', 'decide')] },
  { id: 'bo', name: 'Bo Berg', keys: [enrolled(approver, 'approve', 'revoke')] },
  { id: 'log', name: 'Ledger', keys: [enrolled(logKey, 'ledger')] },
  { id: 'ada', name: 'Ada Lind', keys: [enrolled(modelKey, 'sign:model')] },
];

export const ledgers = [{ origin: 'vallum.test/local', keyid: logKey.keyid }];

export function trustBytes(): Uint8Array {
  return buildTrust({ project: 'spam-filter', principals, ledgers, root, now: NOW });
}

export const statement: Statement = {
  _type: STATEMENT_TYPE,
  subject: [{ name: 'spam-filter@v1', digest: { sha256: sha256('v1') } }],
  predicateType: 'urn:vallum:evidence:artifact.scan:v1',
  predicate: { outcome: 'pass', note: 'naïve ✓', list: [1, 2.5, null] },
};
