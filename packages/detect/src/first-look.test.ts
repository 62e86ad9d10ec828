// The first look (anchors, digit regions) only saves time: with it and without it the rules find the same.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnchorSearch } from './anchors.js';
import { digitRegions } from './digit-regions.js';
import type { RuleSet } from './rules.js';
import { defaultRules } from './rules.js';
import { scanText } from './scan-text.js';
import ids from './testing/national-ids.json' with { type: 'json' };

const rules = defaultRules();
const everywhere: RuleSet = {
  ...rules,
  rules: rules.rules.map(({ anchors: _anchors, digits: _digits, ...rule }) => rule),
};

const numbers = Object.values(ids).flatMap((rows) => rows.map(([id]) => String(id)));
const words = rules.rules.flatMap(({ anchors }) => anchors ?? []);
const piece = fc.oneof(
  fc.constantFrom(...numbers),
  fc.constantFrom(...words),
  fc.constantFrom(
    '+49 30 1234567',
    '(212) 555-0199 x12',
    '4111 1111 1111 1111',
    '8.8.8.8',
    'tel',
    'card',
    'ssn 123-45-6789',
  ),
  fc.constantFrom(' ', '  ', ' - ', '.', '/', ':', '=', '\n', '(', ')', '+', 'é', '\u{1F600}', 'ſ', '0', '12', 'x'),
  fc.stringMatching(/^[0-9 .()/-]{1,30}$/),
);

it('finds the same with a first look as without', () => {
  let found = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join('');
      const matches = scanText(text, rules);
      found += matches.length;
      expect(matches).toEqual(scanText(text, everywhere));
    }),
    { numRuns: 3_000 },
  );
  expect(found).toBeGreaterThan(500);
});

it('sees numbers in very long runs of digits, and at their ends', () => {
  const run = '7 '.repeat(6_000);
  const text = `${run}x 4111 1111 1111 1111 x${run}, card 4111111111111111`;
  expect(scanText(text, rules)).toEqual(scanText(text, everywhere));
  expect(scanText(text, rules).filter((match) => match.class === 'payment_card').length).toBeGreaterThan(0);
});

describe('AnchorSearch', () => {
  it('finds exactly the anchors that are there', () => {
    const letters = fc.stringMatching(/^[ab_c -]{1,4}$/);
    fc.assert(
      fc.property(
        fc.array(fc.array(letters, { maxLength: 3 }), { minLength: 1, maxLength: 6 }),
        fc.string({ unit: fc.constantFrom(...'abcABC _-é') }),
        (groups, text) => {
          const fold = (value: string): string => value.toLowerCase().replace(/[_-]/g, ' ');
          const expected = groups.flatMap((anchors, index) =>
            anchors.some((anchor) => fold(text).includes(fold(anchor))) ? [index] : [],
          );
          expect([...new AnchorSearch(groups).look(text)].sort()).toEqual(expected);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

it('joins digits over two separators and not over three', () => {
  expect(digitRegions('12 - 34').map(({ digits }) => digits)).toEqual([]);
  expect(digitRegions('a 12. 34b').map(({ start, end, digits }) => [start, end, digits])).toEqual([[2, 8, 4]]);
});
