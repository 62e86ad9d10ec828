// Codes of gRPC for refusals and for what upstreams say.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RefusalCode } from '../door/refusal.js';
import { REFUSALS, refuse } from '../door/refusal.js';
import { codeOfRefusal, percentEncode, readStatus, refusalOfUpstream, refusalTrailers } from './status.js';

const EXPECTED: Record<RefusalCode, number> = {
  'bad-request': 3,
  'bad-framing': 3,
  'bad-path': 3,
  'bad-input': 3,
  unauthenticated: 16,
  forbidden: 7,
  'not-found': 5,
  'method-not-allowed': 12,
  'time-out': 4,
  'too-large': 8,
  'unsupported-type': 12,
  'over-limit': 8,
  'headers-too-large': 8,
  'bad-upstream': 14,
  unavailable: 14,
  overloaded: 14,
  'not-served': 14,
  'upstream-time-out': 4,
};

describe('status codes', () => {
  it('has a code of gRPC for every refusal', () => {
    for (const code of Object.keys(REFUSALS) as RefusalCode[])
      expect(codeOfRefusal(refuse(code, 'x'), true), code).toBe(EXPECTED[code]);
  });

  it('calls a method that does not exist unimplemented, and a model that does not exist not found', () => {
    expect(codeOfRefusal(refuse('not-found', 'x'), false)).toBe(12);
    expect(codeOfRefusal(refuse('not-found', 'x'), true)).toBe(5);
  });

  it('blames the caller for an upstream only where the upstream does', () => {
    const codes = Array.from({ length: 18 }, (_, code) => refusalOfUpstream(code).code);
    expect(codes[3]).toBe('bad-input');
    expect(codes[5]).toBe('not-found');
    expect(codes[4]).toBe('upstream-time-out');
    // The upstream does not know the gateway, or forbids it: no matter of the caller.
    expect([codes[7], codes[16]]).toEqual(['bad-upstream', 'bad-upstream']);
    expect(codes[17]).toBe('bad-upstream');
  });

  it('reads a status only as the protocol writes it', () => {
    expect(['0', '14'].map(readStatus)).toEqual([0, 14]);
    for (const bad of ['', '00', '01', '-1', '1.0', ' 0', '0 ', 'OK', '999999', undefined, ['0']])
      expect(readStatus(bad)).toBeUndefined();
  });

  it('tells callers a code and the decision, and keeps the sentence', () => {
    const trailers = refusalTrailers(refuse('over-limit', 'key k1 of Ann', { retryAfter: 1.5 }), true, 'abc');
    expect(trailers).toEqual({
      'grpc-status': '8',
      'grpc-message': 'refused: over-limit, decision abc',
      'grpc-retry-pushback-ms': '1500',
      'x-vallum-decision': 'abc',
    });
  });

  it('percent-encodes to printable ASCII that decodes to the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const encoded = percentEncode(text);
        expect(encoded).toMatch(/^[\x20-\x7e]*$/);
        expect(decodeURIComponent(encoded)).toBe(text);
      }),
    );
    expect(percentEncode('a%\né')).toBe('a%25%0A%C3%A9');
  });
});
