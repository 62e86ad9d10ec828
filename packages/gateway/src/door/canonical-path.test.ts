import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalPath } from './canonical-path.js';
import { isRefusal } from './refusal.js';

describe('a target with one reading', () => {
  it.each([
    ['/v2/models/digits/infer', '/v2/models/digits/infer'],
    ['/v2/models/digits%2Dv1/infer', '/v2/models/digits-v1/infer'],
    ['/%76%32/models', '/v2/models'],
    ['/a/.well-known', '/a/.well-known'],
    ['/a/b..c', '/a/b..c'],
  ])('%s is %s', (target, path) => {
    expect(canonicalPath(target)).toBe(path);
  });
});

describe('refused', () => {
  it.each([
    'http://host/v2/models/digits/infer',
    '//v2/models',
    '/v2//models',
    '/v2/models/',
    '/',
    '',
    '*',
    'host:443',
    '/v2/../admin',
    '/v2/./models',
    '/v2/%2e%2e/admin',
    '/v2/%2E./admin',
    '/v2/models%2fdigits',
    '/v2/models%5Cdigits',
    '/v2/models\\digits',
    '/v2/%252e%252e/admin',
    '/v2/models%00',
    '/v2/models%',
    '/v2/models%zz',
    '/v2/models;x=1',
    '/v2/models?x=1',
    '/v2/models?',
    '/v2/models#x',
    '/v2/m%C3%B6dels',
    '/v2/mödels',
    '/v2/models digits',
    '/v2/models\u0000',
    `/${'a'.repeat(3_000)}`,
  ])('%j', (target) => {
    expect(isRefusal(canonicalPath(target))).toBe(true);
  });
});

it('property: a canonical path is its own canonical path, and has no escape, dot segment, query or empty segment', () => {
  const piece = fc.constantFrom('/', '.', '..', '%2e', '%2f', '%252e', 'a', 'v2', '\\', ';', '?', '#', '%', '%00', '~');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const path = canonicalPath(pieces.join(''));
      if (typeof path !== 'string') return;
      expect(canonicalPath(path)).toBe(path);
      expect(path).toMatch(/^(\/[A-Za-z0-9._~-]+)+$/);
      for (const part of path.split('/').slice(1)) expect(['', '.', '..']).not.toContain(part);
    }),
    { numRuns: 2_000 },
  );
});
