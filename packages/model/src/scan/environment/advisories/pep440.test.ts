// Orders that PEP 440 prints, and laws that every order obeys. The oracle against Python's own implementation runs nightly.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pep440 } from './pep440.js';
import { comparePep440, parsePep440 } from './pep440.js';
import { version } from '../testing/versions.js';

const parsed = (text: string): Pep440 => {
  const value = parsePep440(text);
  if (value === undefined) throw new Error(`${text} is no version`);
  return value;
};
const compare = (a: string, b: string): number => Math.sign(comparePep440(parsed(a), parsed(b)));

describe('comparePep440', () => {
  it('orders as the specification prints it', () => {
    const order = [
      '0.9',
      '1.dev0',
      '1.0.dev456',
      '1.0a1',
      '1.0a2.dev456',
      '1.0a12.dev456',
      '1.0a12',
      '1.0b1.dev456',
      '1.0b2',
      '1.0b2.post345.dev456',
      '1.0b2.post345',
      '1.0rc1.dev456',
      '1.0rc1',
      '1.0',
      '1.0+abc.5',
      '1.0+abc.7',
      '1.0+5',
      '1.0.post456.dev34',
      '1.0.post456',
      '1.0.15',
      '1.1.dev1',
      '2018.1',
      '1!0.1',
    ];
    for (const [at, one] of order.entries())
      for (const [beside, other] of order.entries())
        expect([one, other, compare(one, other)]).toEqual([one, other, Math.sign(at - beside)]);
  });

  it.each([
    ['1.0', '1.0.0'],
    ['v1.0', '1'],
    ['1.0alpha1', '1.0a1'],
    ['1.0-1', '1.0.post1'],
    ['1.0rev2', '1.0.post2'],
    ['1.0c1', '1.0rc1'],
    ['1.0-dev', '1.0.dev0'],
    ['01.002', '1.2'],
    ['1.0+ubuntu-1', '1.0+ubuntu.1'],
    ['0!1', '1'],
  ])('%s is %s', (a, b) => {
    expect(compare(a, b)).toBe(0);
  });

  it('compares numbers that no double can hold', () => {
    expect(compare('1.9007199254740993', '1.9007199254740992')).toBe(1);
  });

  it.each(['', 'latest', '1.0.x', '1..0', '1.0+', '1.0-', '1.0a1b2', '1 0', '1'.repeat(300), 'é1'])(
    'does not take %j for a version',
    (text) => {
      expect(parsePep440(text)).toBeUndefined();
    },
  );

  it('is an order: antisymmetric, transitive, equal to itself', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(compare(a, b)).toBe(-compare(b, a) + 0);
        expect(compare(a, a)).toBe(0);
        if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 1000 },
    );
  });

  it('answers for any text in linear time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        parsePep440(text);
      }),
    );
    for (const piece of ['1.', '1a', '1.dev', '1-1-', '1+a.']) parsePep440(piece.repeat(100_000));
  });
});
