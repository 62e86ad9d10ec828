// An act in the vault reads back as it was built, and nothing else reads as one.
import type { JsonObject, Statement } from '@vallum/core';
import { sha256 } from '@vallum/core';
import { expect, test } from 'vitest';
import { buildRevocation } from './revocation.js';
import type { VaultAct } from './vault-act.js';
import { buildVaultAct, readVaultAct } from './vault-act.js';

const now = new Date('2026-11-22T00:00:00Z');
const act: Omit<VaultAct, 'createdAt'> = {
  act: 'open',
  object: '00112233445566778899aabbccddeeff',
  kind: 'model',
  subject: { name: 'spam-filter/model/v1', digest: { sha256: sha256('v1') } },
  commitment: 'ab'.repeat(32),
  bytes: 4096,
  who: 'custodian',
  why: 'a review of the weights',
};

test('built and read back', () => {
  expect(readVaultAct(buildVaultAct(act, now))).toEqual({ ...act, createdAt: now.toISOString() });
});

test('another statement is none', () => {
  expect(readVaultAct(buildRevocation({ type: 'subject', digest: sha256('x') }, 'why', now))).toBeUndefined();
});

test.each<[string, Partial<VaultAct>]>([
  ['no reason', { why: ' ' }],
  ['a reason that moves the cursor', { why: 'fine\u001b[2K' }],
  ['a name that is no id', { object: '../v1' }],
])('%s is refused when it is built', (_, more) => {
  expect(() => buildVaultAct({ ...act, ...more }, now)).toThrow(
    expect.objectContaining({ code: 'TRUST_FORMAT' }) as Error,
  );
});

test.each<[string, JsonObject]>([
  ['an unknown act', { act: 'steal' }],
  ['an unknown kind', { kind: 'feed' }],
  ['a size that is none', { bytes: -1 }],
  ['a size as text', { bytes: '4096' }],
  ['an unknown field', { extra: 1 }],
  ['a short commitment', { commitment: 'ab' }],
])('%s is refused when it is read', (_, more) => {
  const statement = buildVaultAct(act, now);
  const spoilt: Statement = { ...statement, predicate: { ...statement.predicate, ...more } };
  expect(() => readVaultAct(spoilt)).toThrow(expect.objectContaining({ code: 'TRUST_FORMAT' }) as Error);
});
