import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasLeadingZero, isRounded, parseNumber } from './numbers.js';
import { parseTime } from './times.js';

describe('parseNumber', () => {
  const parse = (text: string): number => parseNumber(Buffer.from(text), 0, text.length);

  it('gives what Number() gives, for random decimals', () => {
    const digits = (maxLength: number): fc.Arbitrary<string> =>
      fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength });
    const text = fc
      .tuple(
        fc.constantFrom('', '-', '+'),
        digits(20),
        fc.option(digits(20)),
        fc.option(fc.integer({ min: -330, max: 308 })),
      )
      .filter(([, whole, fraction]) => whole + (fraction ?? '') !== '')
      .map(
        ([sign, whole, part, power]) =>
          `${sign}${whole}${part === null ? '' : `.${part}`}${power === null ? '' : `e${power}`}`,
      );
    const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map(String);
    fc.assert(
      fc.property(fc.oneof(text, double), (raw) => {
        const wanted = Number(raw);
        expect(parse(raw)).toBe(Number.isFinite(wanted) ? wanted : NaN);
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    '',
    '-',
    '.',
    '+.',
    '1e',
    '1e+',
    'inf',
    'Infinity',
    '0x10',
    '1,000',
    '1_000',
    '1e400',
    '1 2',
    '１',
    '1.2.3',
    'e5',
    '--1',
  ])('takes %j for no number', (text) => {
    expect(parse(text)).toBe(NaN);
  });

  it('knows which integers a double does not hold, and codes by their zeros', () => {
    const rounded = (text: string): boolean => isRounded(Buffer.from(text), 0, text.length);
    expect(
      [
        '9007199254740992',
        '9007199254740993',
        '-9007199254740993',
        '12345678901234567890',
        '100000000000000000000',
      ].map(rounded),
    ).toEqual([false, true, true, true, false]);
    expect(['007', '0', '0.5', '10'].map((text) => hasLeadingZero(Buffer.from(text), 0, text.length))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('parseTime', () => {
  const parse = (text: string): number => parseTime(Buffer.from(text), 0, text.length);

  it('gives what Date gives for years 0001 to 9999', () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date('0001-01-01T00:00:00Z'),
          max: new Date('9999-12-31T23:59:59.999Z'),
          noInvalidDate: true,
        }),
        (date) => {
          const iso = date.toISOString();
          expect(parse(iso)).toBe(date.getTime());
          expect(parse(iso.slice(0, -1).replace('T', ' '))).toBe(date.getTime());
          expect(parse(iso.slice(0, 10))).toBe(Date.parse(iso.slice(0, 10)));
        },
      ),
    );
  });

  it.each([
    ['2001-02-03T04:05:06+01:30', '2001-02-03T02:35:06.000Z'],
    ['2001-02-03T04:05-0130', '2001-02-03T05:35:00.000Z'],
    ['2001-02-03T04:05+01', '2001-02-03T03:05:00.000Z'],
    ['1700-02-28 23:59:59.123456789Z', '1700-02-28T23:59:59.123Z'],
    ['2000-02-29', '2000-02-29T00:00:00.000Z'],
  ])('%s', (text, iso) => {
    expect(new Date(parse(text)).toISOString()).toBe(iso);
  });

  it.each([
    '01/02/2003',
    '2001-2-3',
    '2001-13-01',
    '2001-02-29',
    '1900-02-29',
    '0000-01-01',
    '2001-02-03T24:00',
    '2001-02-03T04:60',
    '2001-02-03T04',
    '2001-02-03T04:05:06.',
    '2001-02-03T04:05:06+25:00',
    '2001-02-03x',
    '20010203',
    '2001-02-03T04:05:60Z',
    '2001-02-03T04:05Zz',
  ])('leaves %s alone', (text) => {
    expect(parse(text)).toBe(NaN);
  });
});
