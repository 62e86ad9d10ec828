import { canonicalJson } from '@vallum/core';
import type { JsonObject, JsonValue } from '@vallum/core';
import { describe, expect, it } from 'vitest';
import { readEnvelope, signStatement } from './envelope.js';
import { generateKey, publicRecord } from './keys.js';
import { buildTrust, enrol, readTrust } from './trust-file.js';
import { localTrust } from './trust.js';
import type { Principal } from './trust.js';
import {
  approver,
  enrolled,
  ledgers,
  logKey,
  modelKey,
  NOW,
  principals,
  root,
  runner,
  statement,
  trustBytes,
  WINDOW,
} from './testing/sample.js';

const bytes = trustBytes();
const trust = readTrust(bytes);

describe('may', () => {
  const rows: readonly (readonly [string, string, string, string, string | undefined])[] = [
    ['produce:* covers every kind', runner.keyid, 'produce:artifact.scan', '2026-06-01', 'ci'],
    ['a role that was given', approver.keyid, 'approve', '2026-06-01', 'bo'],
    ['the first instant of the window', approver.keyid, 'approve', WINDOW.notBefore, 'bo'],
    ['the last instant of the window', approver.keyid, 'approve', WINDOW.notAfter, 'bo'],
    ['before the window', approver.keyid, 'approve', '2025-12-31T23:59:59Z', undefined],
    ['after the window', approver.keyid, 'approve', '2026-12-31T00:00:01Z', undefined],
    ['at no time', approver.keyid, 'approve', 'never', undefined],
    ['a role that was not given', runner.keyid, 'approve', '2026-06-01', undefined],
    ['produce:* covers nothing but evidence', runner.keyid, 'revoke', '2026-06-01', undefined],
    ['produce:* does not attest', runner.keyid, 'attest', '2026-06-01', undefined],
    ['a key that is not enrolled', root.keyid, 'produce:artifact.scan', '2026-06-01', undefined],
  ];
  it.each(rows)('%s', (_, keyid, role, at, id) => {
    expect(trust.may(keyid, role, new Date(at))?.id).toBe(id);
  });

  it('keeps a key for one kind to that kind', () => {
    const key = generateKey('scanner', 'ed25519');
    const one = readTrust(
      buildTrust({
        project: 'p',
        principals: [{ id: 's', name: 'S', keys: [enrolled(key, 'produce:artifact.scan')] }],
        ledgers: [],
        root,
        now: NOW,
      }),
    );
    expect(one.may(key.keyid, 'produce:artifact.scan', NOW)?.id).toBe('s');
    expect(one.may(key.keyid, 'produce:data.manifest', NOW)).toBeUndefined();
  });

  it('tells signer, owner and roles', () => {
    expect(trust.signer(modelKey.keyid, NOW)?.id).toBe('ada');
    expect(trust.signer(modelKey.keyid, new Date('2027-06-01'))).toBeUndefined();
    expect(trust.principalOf(modelKey.keyid)?.id).toBe('ada');
    expect(trust.key(modelKey.keyid)?.algorithm).toBe('p256');
    expect(trust.rolesOf('bo', NOW)).toEqual(['approve', 'revoke']);
    expect(trust.rolesOf('bo', new Date('2027-06-01'))).toEqual([]);
    expect(trust.rolesOf('nobody', NOW)).toEqual([]);
  });
});

describe('readTrust', () => {
  it('gives back what was built', () => {
    expect(trust.principals).toEqual(principals);
    expect(trust.ledgers).toEqual(ledgers);
    expect(trust.rootFingerprint).toBe(root.keyid);
    expect(trust.project).toBe('spam-filter');
    expect(trust.local).toBe(false);
    expect(trust.digest).toBe(readEnvelope(bytes).id);
  });

  it('never accepts a trust file with any one byte changed under the same root', () => {
    const survivors: number[] = [];
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Uint8Array.from(bytes);
      changed[at] = changed[at]! ^ 0x01;
      if (accepts(changed)) survivors.push(at);
    }
    expect(survivors).toEqual([]);
  });

  function accepts(changed: Uint8Array): boolean {
    try {
      return readTrust(changed).rootFingerprint === root.keyid;
    } catch {
      return false;
    }
  }

  it('never accepts any one field changed or removed, with the signature of the true root', () => {
    const { signatures } = JSON.parse(Buffer.from(bytes).toString()) as { signatures: JsonValue };
    const payload = Buffer.from(readEnvelope(bytes).payload).toString();
    const leaves: { parent: Record<string, JsonValue>; name: string }[] = [];
    const collect = (value: JsonValue): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [name, member] of Object.entries(value)) {
        leaves.push({ parent: value as Record<string, JsonValue>, name });
        collect(member);
      }
    };
    const mutable = JSON.parse(payload) as JsonObject;
    collect(mutable);
    const wrap = (): Uint8Array =>
      Buffer.from(
        canonicalJson({
          payload: Buffer.from(canonicalJson(mutable)).toString('base64'),
          payloadType: 'application/vnd.in-toto+json',
          signatures,
        }),
      );
    expect(accepts(wrap())).toBe(true);
    for (const { parent, name } of leaves) {
      const kept = parent[name]!;
      for (const value of [typeof kept === 'string' ? `${kept}0` : 'x', null]) {
        parent[name] = value;
        expect(accepts(wrap()), name).toBe(false);
      }
      parent[name] = kept;
    }
    expect(leaves.length).toBeGreaterThan(50);
  });

  it('shows another root when somebody else signs a copy', () => {
    const thief = generateKey('thief', 'ed25519');
    const replaced = readTrust(buildTrust({ project: 'spam-filter', principals, ledgers, root: thief, now: NOW }));
    expect(replaced.rootFingerprint).toBe(thief.keyid);
    expect(replaced.rootFingerprint).not.toBe(trust.rootFingerprint);
  });

  it('refuses a file that names the true root but is signed by another key', () => {
    const forged = signStatement(readEnvelope(bytes).statement, runner);
    expect(() => readTrust(forged)).toThrow(
      expect.objectContaining({ code: 'TRUST_SIGNATURE', errorClass: 'unproven' }),
    );
  });

  it('refuses a statement that is no trust file', () => {
    expect(() => readTrust(signStatement(statement, root))).toThrow(expect.objectContaining({ code: 'TRUST_TYPE' }));
  });
});

describe('buildTrust refuses', () => {
  const mixed = (...roles: string[]): readonly Principal[] => [
    { id: 'x', name: 'X', keys: [enrolled(runner, ...roles)] },
  ];
  const rows: readonly (readonly [string, readonly Principal[], string])[] = [
    ['a misspelt role', mixed('aprove'), 'TRUST_ROLE'],
    ['a kind that is no kind', mixed('produce:'), 'TRUST_ROLE'],
    ['evidence and approvals with one key', mixed('produce:*', 'approve'), 'TRUST_PURPOSE'],
    ['approvals and checkpoints with one key', mixed('approve', 'ledger'), 'TRUST_PURPOSE'],
    ['policy and model signing with one key', mixed('policy', 'sign:model'), 'TRUST_PURPOSE'],
    ['a P-256 key for approvals', [{ id: 'x', name: 'X', keys: [enrolled(modelKey, 'approve')] }], 'TRUST_ROLE'],
    ['the root as a principal', [{ id: 'x', name: 'X', keys: [enrolled(root, 'approve')] }], 'TRUST_TWICE'],
    ['a key of two principals', [...mixed('decide'), { ...mixed('decide')[0]!, id: 'y' }], 'TRUST_TWICE'],
    ['a principal twice', [...mixed('decide'), { ...mixed()[0]!, keys: [] }], 'TRUST_TWICE'],
    [
      'a window that ends before it starts',
      [{ id: 'x', name: 'X', keys: [{ ...enrolled(runner), notAfter: '2025-01-01' }] }],
      'TRUST_WINDOW',
    ],
    ['a name with a terminal escape', [{ id: 'x', name: '\u001b[31mBo', keys: [] }], 'TRUST_FORMAT'],
  ];
  it.each(rows)('%s', (_, people, code) => {
    expect(() => buildTrust({ project: 'p', principals: people, ledgers: [], root, now: NOW })).toThrow(
      expect.objectContaining({ code, errorClass: 'usage' }),
    );
  });

  it('a ledger whose key does not hold the role, or two of one origin', () => {
    const build = (list: typeof ledgers): Uint8Array =>
      buildTrust({ project: 'p', principals, ledgers: list, root, now: NOW });
    expect(() => build([{ origin: 'x', keyid: runner.keyid }])).toThrow(/ledger/);
    expect(() => build([...ledgers, ...ledgers])).toThrow(/twice/);
    expect(() => build([{ origin: 'with space', keyid: logKey.keyid }])).toThrow(/origin/);
    expect(readTrust(build(ledgers)).ledgers).toHaveLength(1);
  });

  it('accepts the clean twins: one purpose for each key, and a key without roles', () => {
    for (const roles of [['approve', 'revoke'], ['produce:*', 'decide'], ['policy'], []])
      expect(
        readTrust(buildTrust({ project: 'p', principals: mixed(...roles), ledgers: [], root, now: NOW })).principals,
      ).toHaveLength(1);
  });
});

describe('enrol', () => {
  const key = generateKey('cy', 'ed25519');
  const enrolment = { principal: { id: 'cy', name: 'Cy' }, key: publicRecord(key), roles: ['approve'], ...WINDOW };

  it('adds a principal, or a key to a known one, and signs again', () => {
    const grown = readTrust(enrol(trust, enrolment, root, NOW));
    expect(grown.may(key.keyid, 'approve', NOW)?.id).toBe('cy');
    expect(grown.may(approver.keyid, 'approve', NOW)?.id).toBe('bo');
    expect(grown.digest).not.toBe(trust.digest);
    const second = readTrust(enrol(trust, { ...enrolment, principal: { id: 'ada', name: 'Ada' } }, root, NOW));
    expect(second.principals.find((one) => one.id === 'ada')?.keys).toHaveLength(2);
  });

  it('enrols a ledger with its origin', () => {
    const grown = readTrust(enrol(trust, { ...enrolment, roles: ['ledger'], origin: 'server' }, root, NOW));
    expect(grown.ledgers).toContainEqual({ origin: 'server', keyid: key.keyid });
  });

  it('refuses another root and a key that is enrolled already', () => {
    expect(() => enrol(trust, enrolment, runner, NOW)).toThrow(expect.objectContaining({ code: 'TRUST_ROOT' }));
    expect(() => enrol(localTrust(runner), enrolment, runner, NOW)).toThrow(
      expect.objectContaining({ code: 'TRUST_ROOT' }),
    );
    expect(() => enrol(trust, { ...enrolment, key: publicRecord(runner) }, root, NOW)).toThrow(/already/);
  });
});

describe('localTrust', () => {
  it('lets one key produce evidence and do nothing else', () => {
    const local = localTrust(runner);
    expect(local.local).toBe(true);
    expect(local.may(runner.keyid, 'produce:artifact.scan', NOW)?.id).toBe('local');
    for (const role of ['approve', 'revoke', 'decide', 'policy', 'ledger', 'sign:model'])
      expect(local.may(runner.keyid, role, NOW)).toBeUndefined();
    expect(local.may(approver.keyid, 'produce:artifact.scan', NOW)).toBeUndefined();
    expect(local.ledgers).toEqual([]);
  });
});
