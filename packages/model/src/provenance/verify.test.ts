// A provenance counts when the signature is by an enrolled key with the role, inside its window and not revoked, and when
// everything that was pinned is as pinned. Each story stands beside its clean twin.
import type { JsonObject } from '@vallum/core';
import { canonicalJson, sha256, STATEMENT_TYPE } from '@vallum/core';
import { signStatement } from '@vallum/trust';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alice, believed, bob, envelope, facts, former, NOW, pins, runner, stranger } from './testing/world.js';
import type { Pin, ProvenancePins } from './answer.js';
import type { Believed } from './verify.js';
import { verifyProvenance } from './verify.js';

const good = envelope();

function problemsOf(bytes: Uint8Array, wanted: ProvenancePins = pins, by: Believed = believed): readonly Pin[] {
  const found = verifyProvenance(bytes, wanted, by);
  return found.status === 'verified' ? [] : found.problems.map(({ pin }) => pin);
}

describe('verifyProvenance', () => {
  it('accepts what is pinned, and says who signed', () => {
    const found = verifyProvenance(good, pins, believed);
    expect(found).toMatchObject({ status: 'verified', signer: { principal: 'alice', keyid: alice.keyid } });
    expect(found.status === 'verified' && found.said).toEqual({
      digests: [facts.subject.digest.sha256],
      name: facts.subject.name,
      builder: facts.builder.id,
      workflow: facts.workflow,
      ref: facts.ref,
      commit: facts.commit,
    });
  });

  it('compares only what is pinned', () => {
    expect(problemsOf(envelope({}, bob), { digest: pins.digest })).toEqual([]);
  });

  const wrong: readonly (readonly [Pin, Partial<ProvenancePins>])[] = [
    ['digest', { digest: sha256('other bytes') }],
    ['signer', { principal: 'bob' }],
    ['signer', { key: bob.keyid }],
    ['workflow', { workflow: '.github/workflows/test.yml' }],
    ['branch', { branch: 'release' }],
    ['builder', { builder: 'https://ci.example.com/' }],
  ];
  it.each(wrong)('refuses a valid signature with another %s', (pin, change) => {
    const found = verifyProvenance(good, { ...pins, ...change }, believed);
    expect(found).toMatchObject({ status: 'refused', problems: [{ pin }] });
    const message = found.status === 'verified' ? '' : (found.problems[0]?.message ?? '');
    expect(message).toMatch(/^the signature by alice is valid, but/);
    expect(message).toContain(Object.values(change)[0]);
  });

  it('takes a branch written short or in full', () => {
    expect(problemsOf(good, { ...pins, branch: 'refs/heads/main' })).toEqual([]);
    expect(problemsOf(good, { ...pins, branch: 'refs/heads/refs/heads/main' })).toEqual(['branch']);
  });

  it('names all pins that fail, not only the first', () => {
    const silent = verifyProvenance(
      envelope({ workflow: 'test.yml', ref: 'refs/heads/dev', builder: { id: 'https://laptop/', version: {} } }),
      pins,
      believed,
    );
    expect(silent.status !== 'verified' && silent.problems.map(({ pin }) => pin)).toEqual([
      'workflow',
      'branch',
      'builder',
    ]);
  });

  it.each(['refs/tags/main', 'refs/heads/main/x', 'main', 'refs/pull/1/merge', 'refs/heads/Main'])(
    'does not take %s for the branch main',
    (ref) => {
      expect(problemsOf(envelope({ ref }))).toEqual(['branch']);
    },
  );

  const nobody: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['a key that is not enrolled', envelope({}, stranger), /not enrolled/],
    ['a key without the role', envelope({}, runner), /role attest/],
    ['a key outside its window', envelope({}, former), /from 2025-01-01T00:00:00Z to 2025-12-31T00:00:00Z only/],
  ];
  it.each(nobody)('is not proven by %s', (_, bytes, sentence) => {
    const found = verifyProvenance(bytes, { digest: pins.digest }, believed);
    expect(found).toMatchObject({ status: 'not-proven', problems: [{ pin: 'signer' }] });
    expect(found.status !== 'verified' && found.problems[0]?.message).toMatch(sentence);
  });

  it('is not proven before the key counts, nor after', () => {
    const at = (time: string): readonly Pin[] => problemsOf(good, pins, { ...believed, now: new Date(time) });
    expect(at('2025-12-31T23:59:59Z')).toEqual(['signer']);
    expect(at('2026-12-31T00:00:01Z')).toEqual(['signer']);
    expect(at(NOW.toISOString())).toEqual([]);
  });

  it('is not proven when key, statement or subject was revoked', () => {
    const by = (what: 'keyid' | 'id' | 'subject', value: string): readonly Pin[] =>
      problemsOf(good, pins, {
        ...believed,
        revoked: (one) => (one[what] === value ? 'the laptop was stolen' : undefined),
      });
    expect(by('keyid', alice.keyid)).toEqual(['signer']);
    expect(by('subject', pins.digest)).toEqual(['signer']);
    const found = verifyProvenance(good, pins, believed);
    expect(by('id', found.status === 'verified' ? found.id : '')).toEqual(['signer']);
    expect(by('keyid', bob.keyid)).toEqual([]);
  });

  it('refuses a signature that somebody put under the name of another key', () => {
    const text = Buffer.from(envelope({}, stranger)).toString().replace(stranger.keyid, alice.keyid);
    expect(verifyProvenance(Buffer.from(text), pins, believed)).toMatchObject({
      status: 'refused',
      problems: [{ pin: 'signature' }],
    });
  });

  it('is not proven by statements of other types, and by other files', () => {
    const other = { _type: STATEMENT_TYPE, subject: [facts.subject], predicateType: 'urn:x:y', predicate: {} } as const;
    const old: JsonObject = { buildType: 'x', builder: { id: 'y' } };
    for (const bytes of [
      signStatement(other, alice),
      signStatement({ ...other, predicateType: 'https://slsa.dev/provenance/v1', predicate: old }, alice),
      Buffer.from(canonicalJson({ dsseEnvelope: {} })),
      Buffer.from(''),
    ])
      expect(verifyProvenance(bytes, pins, believed)).toMatchObject({
        status: 'not-proven',
        problems: [{ pin: 'form' }],
      });
  });

  it('never verifies changed bytes, and never throws', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, flip, cut) => {
        const bytes = Uint8Array.from(good);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        expect(verifyProvenance(cut ? bytes.subarray(0, at) : bytes, pins, believed).status).not.toBe('verified');
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws on any bytes', () => {
    const any = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
    );
    fc.assert(fc.property(any, (bytes) => verifyProvenance(bytes, pins, believed).status === 'not-proven'));
  });
});
