// Revocations, waivers and their approvals: what is built is what is read, and anything else is refused.
import type { JsonObject, JsonValue, Statement } from '@vallum/core';
import { sha256 } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEnvelope, signStatement } from './envelope.js';
import { buildRevocation, readRevocation } from './revocation.js';
import type { RevocationTarget } from './revocation.js';
import { approver, NOW, statement } from './testing/sample.js';
import { buildWaiver, buildWaiverApproval, readWaiver, readWaiverApproval } from './waiver.js';

const digest = sha256('x');
const targets: readonly RevocationTarget[] = [
  { type: 'statement', id: digest },
  { type: 'key', keyid: digest },
  { type: 'tool', name: 'vallum', version: '0.1.0' },
  { type: 'ruleset', digest },
  { type: 'subject', digest },
];
const waiver = {
  requirement: 'robustness',
  subject: { name: 'spam-filter@v1', digest: { sha256: digest } },
  accepts: { metric: 'evasion-rate', bound: 0.98 },
  reason: 'one of two stages',
  until: '2026-12-31',
} as const;

/** Through a signature and back. */
function sent(built: Statement): Statement {
  return readEnvelope(signStatement(built, approver)).statement;
}

function changed(built: Statement, change: JsonObject): Statement {
  return { ...built, predicate: { ...built.predicate, ...change } };
}

describe('revocations', () => {
  it.each(targets)('survive the way there and back: $type', (target) => {
    const read = readRevocation(sent(buildRevocation(target, 'a leaked key', NOW)));
    expect(read).toEqual({ target, reason: 'a leaked key', createdAt: NOW.toISOString() });
  });

  it('need a reason', () => {
    for (const reason of ['', '  ', 'a\u001b[2Jb'])
      expect(() => buildRevocation(targets[0]!, reason, NOW)).toThrow(/reason/);
  });

  const broken: readonly (readonly [string, JsonObject])[] = [
    ['an unknown target', { target: { type: 'everything' } }],
    ['two targets in one', { target: { type: 'key', keyid: digest, id: digest } }],
    ['a digest that is none', { target: { type: 'ruleset', digest: 'abc' } }],
    ['a target that is a list', { target: [] }],
    ['an unknown field', { until: '2027-01-01' }],
    ['no date', { createdAt: 'yesterday' }],
  ];
  it.each(broken)('are refused with %s', (_, change) => {
    expect(() => readRevocation(changed(buildRevocation(targets[0]!, 'x', NOW), change))).toThrow(
      expect.objectContaining({ code: 'TRUST_FORMAT' }),
    );
  });
});

describe('waivers', () => {
  it.each([waiver.accepts, { reason: 'no-predecessor' }])('survive the way there and back: %o', (accepts) => {
    const read = readWaiver(sent(buildWaiver({ ...waiver, accepts }, NOW)));
    expect(read).toEqual({ ...waiver, accepts, createdAt: NOW.toISOString() });
  });

  const broken: readonly (readonly [string, JsonObject])[] = [
    ['both a metric and a reason', { accepts: { metric: 'm', bound: 1, reason: 'r' } }],
    ['neither', { accepts: {} }],
    ['a metric without a bound', { accepts: { metric: 'm' } }],
    ['a bound that is a text', { accepts: { metric: 'm', bound: '1' } }],
    ['no reason', { reason: '' }],
    ['no end', { until: '' }],
    ['an end that is no date', { until: 'forever' }],
  ];
  it.each(broken)('are refused with %s', (_, change) => {
    expect(() => readWaiver(changed(buildWaiver(waiver, NOW), change))).toThrow(
      expect.objectContaining({ code: 'TRUST_FORMAT' }),
    );
  });

  it('are approved by naming the statement', () => {
    const read = readWaiverApproval(sent(buildWaiverApproval(digest, NOW)));
    expect(read).toEqual({ waiver: digest, createdAt: NOW.toISOString() });
    expect(() => readWaiverApproval(changed(buildWaiverApproval(digest, NOW), { more: 1 }))).toThrow(/unknown field/);
  });
});

describe('every reader', () => {
  it('leaves statements of other types alone', () => {
    expect([readRevocation(statement), readWaiver(statement), readWaiverApproval(statement)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('throws only readable errors on any predicate', () => {
    const samples = [
      buildRevocation(targets[0]!, 'x', NOW),
      buildWaiver(waiver, NOW),
      buildWaiverApproval(digest, NOW),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.jsonValue(), fc.nat(), (sample, value, pick) => {
        const names = Object.keys(sample.predicate);
        const name = names[pick % names.length]!;
        const statement = changed(sample, { [name]: value as JsonValue });
        try {
          [readRevocation(statement), readWaiver(statement), readWaiverApproval(statement)].filter(Boolean);
        } catch (error) {
          expect(error).toMatchObject({ name: 'VallumError' });
        }
      }),
    );
  });
});
