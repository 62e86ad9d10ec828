// Texts looked at together give what each gives alone, whatever stands beside them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultRules } from './rules.js';
import { scanBounded, scanMany } from './scan-text.js';

const rules = defaultRules();
const drawn = (length: number): string => 'aB3dE5fG7hJ9kL2mN4pQ6rS8tV0wX1yZ'.repeat(4).slice(0, length);
const hex = (length: number): string => '0f1e2d3c4b5a69788796a5b4c3d2e1f0'.repeat(4).slice(0, length);

/** Inert, and put together here so that no secret scanner takes this file for a leak. */
const HELD = [
  `AKIA${'Q7XM2LZ5'.repeat(2)}`,
  `ghp_${'aB3dE5fG7h'.repeat(4)}`,
  `hf_${drawn(34)}`,
  `sk-ant-api03-${drawn(93)}AA`,
  `sk-or-v1-${hex(64)}`,
  `AIza${drawn(35)}`,
  `npm_${drawn(36)}`,
  `SG.${drawn(22)}.${drawn(43)}`,
  `1203948576:AA${drawn(33)}`,
  `AccountKey=${drawn(86)}==`,
  `wandb login ${hex(40)}`,
  `postgresql://svc:${drawn(12)}@db.example.net:5432/x`,
  `machine api.example.net login me password ${drawn(12)}`,
  ['-----BEGIN', 'OPENSSH PRIVATE', 'KEY-----'].join(' '),
  'jane.roe@example.org',
  '4111 1111 1111 1111',
  'card 4111111111111111',
  'GB82 WEST 1234 5698 7654 32',
  '123-45-6789',
  'ssn 123456789',
  '+41 44 668 18 00',
  'phone: 044 668 18 00',
  '(212) 555-0188',
  '203.0.113.77',
  '2001:db8::8a2e:370:7334',
  'AB123456C',
  'RSSMRA85T10A562S',
  'password = "hunter22hunter"',
  'Authorization: Bearer abcdefghijklmnop1234',
];
const filler = fc.constantFrom(
  '',
  ' ',
  '1',
  'a',
  '\n',
  '"',
  '2021-01-01',
  'card',
  'ssn ',
  'password=',
  '.',
  '@',
  'é',
  '-',
);
const cell = fc
  .tuple(filler, fc.oneof(fc.constantFrom(...HELD), fc.string({ maxLength: 12 })), filler)
  .map((parts) => parts.join(''));

describe('scanMany', () => {
  it.each(HELD)('finds %s between others', (held) => {
    const alone = scanBounded(held, rules);
    expect(scanMany(['plain', held, '2021-01-01', held], rules)).toEqual([
      { matches: [], stopped: [] },
      alone,
      { matches: [], stopped: [] },
      alone,
    ]);
  });

  it('gives what each text gives alone', () => {
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 30 }), (texts) => {
        expect(scanMany(texts, rules)).toEqual(texts.map((text) => scanBounded(text, rules)));
      }),
      { numRuns: 300 },
    );
  });

  it('takes no text for a part of its neighbour', () => {
    const halves = [
      '4111 1111',
      ' 1111 1111',
      'AKIA',
      'Q7XM2LZ5Q7XM2LZ5',
      'jane.roe',
      '@example.org',
      '+41 44 668',
      '18 00',
    ];
    expect(scanMany(halves, rules).flatMap(({ matches }) => matches)).toEqual([]);
  });
});
