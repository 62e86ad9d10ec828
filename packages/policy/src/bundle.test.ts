import { readFileSync } from 'node:fs';
import type { JsonValue } from '@vallum/core';
import { parseJsonStrict, readKinds, sha256 } from '@vallum/core';
import { buildTrust, generateKey, publicRecord, readEnvelope, readTrust, signStatement } from '@vallum/trust';
import { describe, expect, it } from 'vitest';
import { buildPolicyBundle, readPolicyBundle } from './bundle.js';
import { DEFAULT_POLICY, defaultPolicy } from './default-policy.js';

const kinds = readKinds(
  parseJsonStrict(readFileSync(new URL('../../../catalog/evidence-kinds.json', import.meta.url))),
);
const NOW = new Date('2026-06-01T12:00:00Z');
const [root, owner, runner, stranger] = ['root', 'owner', 'runner', 'stranger'].map((name) =>
  generateKey(name, 'ed25519'),
) as [
  ReturnType<typeof generateKey>,
  ReturnType<typeof generateKey>,
  ReturnType<typeof generateKey>,
  ReturnType<typeof generateKey>,
];
const window = { notBefore: '2026-01-01', notAfter: '2026-12-31' };
const trust = readTrust(
  buildTrust({
    project: 'p',
    root,
    now: NOW,
    ledgers: [],
    principals: [
      { id: 'eve', name: 'Eve', keys: [{ ...publicRecord(owner), roles: ['policy'], ...window }] },
      { id: 'ci', name: 'CI', keys: [{ ...publicRecord(runner), roles: ['produce:*'], ...window }] },
    ],
  }),
);
const statement = buildPolicyBundle(DEFAULT_POLICY, kinds, NOW);

/** Asked for only where a project declares what they need; of a monitor or a gateway, which run after the first deployment, where it says so. */
const ON_DECLARATION = [
  'source.policy',
  'dep.scan',
  'secret.scan',
  'data.encryption',
  'access.policy',
  'monitor.drift',
  'monitor.performance',
  'gateway.config',
  'gateway.events',
  'gateway.probe',
  'integrity.check',
];

describe('the default policy', () => {
  it('is readable, speaks about every collected kind that needs no declaration, and has a digest', () => {
    const policy = defaultPolicy(kinds);
    const catalog = JSON.parse(
      readFileSync(new URL('../../../catalog/evidence-kinds.json', import.meta.url), 'utf8'),
    ) as { kinds: { id: string; owner: string }[] };
    const collected = catalog.kinds.filter((kind) => kind.owner === 'collector').map((kind) => kind.id);
    const asked = [...policy.requirements.map((one) => one.kind), ...ON_DECLARATION];
    expect(new Set(asked)).toEqual(new Set(collected));
    expect(policy.digest).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('the policy bundle', () => {
  it('gives back what the policy owner signed', () => {
    const bytes = signStatement(statement, owner);
    const bundle = readPolicyBundle(bytes, trust, kinds, NOW);
    expect(bundle).toMatchObject({ owner: 'eve', keyid: owner.keyid, digest: readEnvelope(bytes).id });
    expect(bundle.requirements).toEqual(defaultPolicy(kinds).requirements);
    expect(bundle.cedar).toEqual(DEFAULT_POLICY.cedar);
  });

  const change = (fields: Record<string, JsonValue>): Uint8Array =>
    signStatement({ ...statement, predicate: { ...statement.predicate, ...fields } }, owner);
  const rows: readonly (readonly [string, () => Uint8Array, string])[] = [
    ['signed by a key that is not enrolled', () => signStatement(statement, stranger), 'POLICY_SIGNATURE'],
    ['signed by a key without the role', () => signStatement(statement, runner), 'POLICY_ROLE'],
    [
      'signed before the role began',
      () => signStatement(buildPolicyBundle(DEFAULT_POLICY, kinds, new Date('2025-06-01')), owner),
      'POLICY_ROLE',
    ],
    [
      'dated after now',
      () => signStatement(buildPolicyBundle(DEFAULT_POLICY, kinds, new Date('2026-07-01')), owner),
      'POLICY_ROLE',
    ],
    [
      'of another type',
      () => signStatement({ ...statement, predicateType: 'urn:vallum:trust:v1' }, owner),
      'POLICY_TYPE',
    ],
    ['with other content than its subject', () => change({ cedar: {} }), 'POLICY_FORM'],
    ['with an unknown field', () => change({ exempt: ['spam-filter'] }), 'POLICY_FORM'],
    ['without a date', () => change({ createdAt: 1 }), 'TIME_FORMAT'],
  ];
  it.each(rows)('is refused %s', (_, bytes, code) => {
    expect(() => readPolicyBundle(bytes(), trust, kinds, NOW)).toThrow(
      expect.objectContaining({ code, errorClass: 'unproven' }),
    );
  });

  it('is refused with any one byte changed', () => {
    const bytes = signStatement(statement, owner);
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = Uint8Array.from(bytes);
      changed[at] = changed[at]! ^ 1;
      expect(() => readPolicyBundle(changed, trust, kinds, NOW)).toThrow(
        expect.objectContaining({ name: 'VallumError' }),
      );
    }
  });

  it('is not built from a malformed draft', () => {
    for (const draft of [
      { ...DEFAULT_POLICY, cedar: [] },
      { ...DEFAULT_POLICY, cedar: { 'A B': 'x' } },
      { ...DEFAULT_POLICY, requirements: [{ id: sha256('x') }] },
    ])
      expect(() => buildPolicyBundle(draft, kinds, NOW)).toThrow(
        expect.objectContaining({ code: 'POLICY_KEY', errorClass: 'usage' }),
      );
  });
});
