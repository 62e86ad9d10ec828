// Heads of calls: what is read, what is refused, and what is never looked at.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHead as readBounded } from './head.js';

const GOOD = [':method', 'POST', ':path', '/a/B', 'te', 'trailers', 'content-type', 'application/grpc'];
const readHead = (raw: readonly string[]): ReturnType<typeof readBounded> => readBounded(raw, 16_384);

describe('readHead', () => {
  it('reads the few headers that count and drops all others', () => {
    const head = readHead([
      ...GOOD,
      'authorization',
      'Bearer x',
      'grpc-timeout',
      '5S',
      'x-user',
      'root',
      '__proto__',
      'p',
    ]);
    expect(head).toEqual({
      method: 'POST',
      path: '/a/B',
      contentType: 'application/grpc',
      authorization: 'Bearer x',
      timeoutMs: 5_000,
    });
  });

  it('refuses two credentials of one kind, also when they are equal', () => {
    for (const name of ['authorization', 'x-api-key', 'grpc-timeout', 'te', 'content-type']) {
      const at = GOOD.indexOf(name);
      const value = at === -1 ? '1S' : (GOOD[at + 1] ?? '');
      const twice = at === -1 ? [...GOOD, name, value, name, value] : [...GOOD, name, value];
      expect(readHead(twice).refusal?.code, name).toBe('bad-request');
    }
  });

  it.each([
    ['GET', [':method', 'GET', ...GOOD.slice(2)], 'method-not-allowed'],
    ['JSON', [...GOOD.slice(0, 6), 'content-type', 'application/json'], 'unsupported-type'],
    ['gRPC-web', [...GOOD.slice(0, 6), 'content-type', 'application/grpc-web'], 'unsupported-type'],
    ['no te', [...GOOD.slice(0, 4), ...GOOD.slice(6)], 'bad-request'],
    ['another te', [...GOOD.slice(0, 4), 'te', 'trailers, deflate', ...GOOD.slice(6)], 'bad-request'],
    ['a bad timeout', [...GOOD, 'grpc-timeout', '-1S'], 'bad-request'],
  ])('refuses %s', (_what, raw, code) => {
    expect(readHead(raw).refusal?.code).toBe(code);
  });

  it('bounds all headers together, also those that it does not read', () => {
    const size = GOOD.reduce((sum, text) => sum + text.length, 0) + 4 * 32;
    expect(readBounded(GOOD, size).refusal).toBeUndefined();
    expect(readBounded(GOOD, size - 1).refusal?.code).toBe('headers-too-large');
    expect(readBounded([...GOOD, 'x', ''], size).refusal?.code).toBe('headers-too-large');
  });

  it('takes any headers without throwing', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 30 }), (raw) => {
        expect(readHead(raw).refusal).toBeDefined();
      }),
      { numRuns: 200 },
    );
  });
});
