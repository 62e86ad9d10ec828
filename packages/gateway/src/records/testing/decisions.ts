// Decisions for tests: one that is usual, and a generator of any.
import { sha256 } from '@vallum/core';
import type { Sha256 } from '@vallum/core';
import fc from 'fast-check';
import { STEPS } from '../../detectors/step.js';
import { REFUSALS } from '../../door/refusal.js';
import type { RefusalCode } from '../../door/refusal.js';
import type { Decision } from '../decision.js';

export const CONFIG = sha256('config');

export function decision(change: Partial<Decision> = {}): Decision {
  return {
    id: '00112233445566778899aabbccddeeff',
    at: 1_795_000_000_000,
    outcome: 'allowed',
    route: 'oip/spam-filter',
    operation: 'infer',
    model: 'spam-filter',
    version: 'v2',
    principal: 'alice',
    credential: 'k_01',
    means: 'key',
    peer: '192.0.2.7',
    policies: ['permit-infer'],
    status: 200,
    bytesIn: 1024,
    bytesOut: 64,
    rows: 1,
    elements: 57,
    input: sha256('input'),
    durationMs: 1.25,
    config: CONFIG,
    policy: sha256('policy'),
    ...change,
  };
}

export function numbered(at: number): Decision {
  return decision({ id: at.toString(16).padStart(32, '0') });
}

const text = (most: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: most }),
    fc.constantFrom('\u0000'.repeat(most), '\ud800'.repeat(most), '"\\'.repeat(most), '\u20ac'.repeat(most)),
  );
const amount = fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e15, noNaN: true }));
const digest = fc.string().map((of): Sha256 => sha256(of));

/** Any decision, with texts and lists far beyond what is kept. */
export const anyDecision: fc.Arbitrary<Decision> = fc.record(
  {
    id: text(64),
    at: fc.nat(),
    outcome: fc.constantFrom('allowed' as const, 'refused' as const, 'failed' as const),
    code: fc.constantFrom(...(Object.keys(REFUSALS) as RefusalCode[])),
    reason: text(5000),
    route: text(600),
    operation: text(600),
    model: text(600),
    version: text(600),
    principal: text(600),
    credential: text(600),
    means: fc.constantFrom('key' as const, 'token' as const, 'certificate' as const),
    peer: text(600),
    policies: fc.array(text(600), { maxLength: 40 }),
    status: fc.nat(599),
    bytesIn: amount,
    bytesOut: amount,
    rows: amount,
    elements: amount,
    tokens: amount,
    input: digest,
    step: fc.constantFrom(...STEPS),
    masked: fc.dictionary(fc.oneof(text(300), fc.constant('__proto__')), fc.nat(), { maxKeys: 60 }),
    durationMs: amount,
    times: fc.nat(),
    config: digest,
    policy: digest,
  },
  {
    requiredKeys: ['id', 'at', 'outcome', 'peer', 'status', 'bytesIn', 'bytesOut', 'durationMs', 'config', 'policy'],
  },
);
