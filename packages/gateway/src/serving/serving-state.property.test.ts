// One property over all histories of looks: a route never opens by itself.
import type { Sha256 } from '@vallum/core';
import { sha256 } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IntegrityLook, Looks, VerdictLook, VerdictPass } from './looks.js';
import { FIRST_STATE, stepServing } from './serving-state.js';

const HOUR = 3_600_000;
const T0 = Date.parse('2026-06-01T00:00:00Z');
const MODEL = sha256('model');
const OTHER = sha256('other');
const UNREACHABLE: VerdictLook = { kind: 'unreachable', reason: 'no such folder' };
const BUSY: IntegrityLook = { kind: 'unanswered', reason: 'time-out' };
const match = (subject: Sha256 = MODEL): IntegrityLook => ({ kind: 'match', subject });
const passOf = (given: Pick<VerdictPass, 'subject' | 'validUntil'>): VerdictPass => ({
  kind: 'pass',
  statement: sha256('verdict'),
  decidedAt: '2026-05-31T00:00:00.000Z',
  size: 7,
  ...given,
});

describe('over all histories', () => {
  const subject = fc.constantFrom(MODEL, OTHER);
  const end = fc.option(fc.integer({ min: -20, max: 40 }), { nil: null });
  const verdict: fc.Arbitrary<VerdictLook> = fc.oneof(
    fc.record({ subject, end }).map((given) =>
      passOf({
        subject: given.subject,
        validUntil: given.end === null ? null : new Date(T0 + given.end * HOUR).toISOString(),
      }),
    ),
    fc
      .constantFrom('refused' as const, 'revoked' as const, 'not-proven' as const)
      .map((kind) => ({ kind, reason: kind })),
    fc.constant(UNREACHABLE),
    fc.constant(UNREACHABLE),
  );
  const integrity: fc.Arbitrary<IntegrityLook> = fc.oneof(
    subject.map(match),
    fc.constantFrom<IntegrityLook>(
      { kind: 'not-asked' },
      BUSY,
      { kind: 'mismatch', reason: 'm' },
      { kind: 'unreadable', reason: 'u' },
    ),
  );
  const look = fc.record({ hours: fc.integer({ min: 0, max: 6 }), verdict, integrity, incident: fc.boolean() });
  const rules = fc.record({
    by: fc.constantFrom('store' as const, 'canary' as const, 'declared' as const),
    atExpiry: fc.constantFrom('alert' as const, 'close' as const),
    everyMs: fc.constant(5_000),
    graceMs: fc.integer({ min: 0, max: 10 }).map((hours) => hours * HOUR),
  });

  it('is open only under a signed pass that was seen, that nothing spoke against since, and that the model fits', () => {
    let opened = 0;
    fc.assert(
      fc.property(rules, fc.array(look, { minLength: 1, maxLength: 12 }), (by, looks) => {
        let state = FIRST_STATE;
        let at = T0;
        let standing: VerdictPass | undefined;
        for (const one of looks) {
          at += one.hours * HOUR;
          if (one.verdict.kind === 'pass') standing = one.verdict;
          else if (one.verdict.kind !== 'unreachable') standing = undefined;
          const seen: Looks = { at, ...one, incident: one.incident ? 'yes' : undefined } as Looks;
          state = stepServing(state, seen, by).state;
          if (!state.gate.open) continue;
          opened += 1;
          expect(standing?.subject).toBe(state.gate.subject);
          expect(one.incident).toBe(false);
          expect(one.integrity.kind).not.toBe('mismatch');
          if (by.by === 'store') expect(one.integrity).toEqual(match(standing?.subject));
          expect(state.gate.until).toBeGreaterThan(at);
          const end = Date.parse(standing?.validUntil ?? '9999-01-01');
          if (by.atExpiry === 'close') expect(at).toBeLessThan(end);
          if (one.verdict.kind === 'unreachable') expect(at).toBeLessThan(end + by.graceMs);
        }
      }),
      { numRuns: 500 },
    );
    expect(opened).toBeGreaterThan(100);
  });
});
