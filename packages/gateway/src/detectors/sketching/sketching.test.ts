// Sketches: the same input gives the same one on every worker, a changed input a similar one, another input another one; and
// whatever a caller sends, a sketch keeps its bounds.
import { mulberry32 } from '@vallum/stats';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asRequest, inspected, noisy, picture, pictureSketcher, SECRET } from '../testing/pictures.js';
import { BottomK, sharedHashes } from './bottom-k.js';
import { rowAnswer } from './row-answer.js';
import { makeSketcher, MOST_ROWS } from './sketcher.js';
import type { NumberArray } from '../../protocol/inspected.js';

const hash = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('the smallest hashes', () => {
  it('are those that sorting finds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(hash, fc.integer({ min: 0, max: 20 }))),
        fc.integer({ min: 1, max: 12 }),
        (list, k) => {
          const kept = new BottomK(k);
          list.forEach((value) => kept.add(value));
          const wanted = [...new Set(list)].sort((a, b) => a - b).slice(0, k);
          expect([...kept.take()]).toEqual(wanted);
          expect(kept.take()).toHaveLength(0);
        },
      ),
    );
  });

  it('are counted as sets are', () => {
    const set = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 30 });
    fc.assert(
      fc.property(set, set, (a, b) => {
        const sorted = (list: number[]): Uint32Array => Uint32Array.from(list).sort();
        expect(sharedHashes(sorted(a), sorted(b))).toBe(a.filter((value) => b.includes(value)).length);
      }),
    );
  });
});

describe('a picture', () => {
  const random = mulberry32(2);
  const sketch = pictureSketcher();
  const prints = (x: Float32Array, by = sketch): Uint32Array => by(asRequest(x))[0]!.fingerprints;

  it('has the same sketch twice, and on another worker', () => {
    const x = picture(random);
    expect(sketch(asRequest(x))).toEqual(sketch(asRequest(x)));
    expect(pictureSketcher()(asRequest(x))).toEqual(sketch(asRequest(x)));
  });

  it('shares most fingerprints with a copy of little noise, few with another picture, none under another secret', () => {
    for (let i = 0; i < 20; i += 1) {
      const x = picture(random);
      expect(sharedHashes(prints(x), prints(noisy(x, 0.01, random)))).toBeGreaterThanOrEqual(20);
      expect(sharedHashes(prints(x), prints(picture(random)))).toBeLessThan(20);
      expect(sharedHashes(prints(x), prints(x, pictureSketcher(Buffer.alloc(32, 8))))).toBeLessThanOrEqual(1);
    }
  });

  it('differs in content by one bit of one number, where means and fingerprints do not see it', () => {
    const x = picture(random);
    const changed = x.slice();
    changed[0] = 1e-30;
    const [one, other] = [sketch(asRequest(x))[0]!, sketch(asRequest(changed))[0]!];
    expect(other.fingerprints).toEqual(one.fingerprints);
    expect(other.content).not.toBe(one.content);
  });

  it('is cut into tiles where its shape says so', () => {
    const x = new Float32Array(3 * 16 * 16);
    x.fill(1, 0, 2);
    const request = inspected([{ name: 'image', datatype: 'FP32', shape: [1, 3, 16, 16], numbers: x }]);
    const { means } = sketch(request)[0]!;
    expect(means).toHaveLength(64);
    expect(means[0]).toBeCloseTo(2 / 12, 5);
    expect([...means.slice(1)].every((mean) => mean === 0)).toBe(true);
  });
});

describe('whatever is sent', () => {
  const number = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, 1e308, -0, 5e-324));
  it.each(['tensor', 'table'] as const)('a sketch of a %s keeps its bounds', (kind) => {
    const sketcher = makeSketcher({ kind, secret: SECRET });
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 90 }), fc.integer({ min: 1, max: 4 }), (list, rows) => {
        const numbers: NumberArray = Float64Array.from(list);
        const width = Math.floor(list.length / rows);
        const shape = width * rows === list.length ? [rows, width] : [list.length];
        const sketches = sketcher(inspected([{ name: 'x', datatype: 'FP64', shape, numbers }], rows));
        for (const { means, fingerprints } of sketches) {
          expect(means.length).toBeLessThanOrEqual(64);
          expect(means.every((mean) => mean >= 0 && mean <= 1)).toBe(true);
          expect(fingerprints.length).toBeLessThanOrEqual(50);
          expect([...fingerprints]).toEqual([...new Set(fingerprints)].sort((a, b) => a - b));
        }
      }),
    );
  });

  it('one wild value without a learned range leaves most of the sketch as it was', () => {
    const random = mulberry32(4);
    const sketcher = makeSketcher({ kind: 'tensor', secret: SECRET });
    const x = picture(random);
    const wild = x.slice();
    wild[300] = 3;
    const [one, other] = [x, wild].map((row) => sketcher(asRequest(row))[0]!.fingerprints);
    expect(sharedHashes(one!, other!)).toBeGreaterThanOrEqual(25);
  });

  it('of a large batch 16 rows speak for all, not always the same ones', () => {
    const sketcher = makeSketcher({ kind: 'table', secret: SECRET });
    const numbers = Float64Array.from({ length: 1_000 }, (_, i) => i);
    const drawn = (): number[] => {
      const sketches = sketcher(inspected([{ name: 'x', datatype: 'FP64', shape: [1_000, 1], numbers }], 1_000));
      expect(sketches).toHaveLength(MOST_ROWS);
      expect(sketches.reduce((sum, { rows }) => sum + rows, 0)).toBeCloseTo(1_000, 6);
      return sketches.map(({ row }) => row);
    };
    expect(drawn()).not.toEqual(drawn());
  });
});

describe('rows and texts', () => {
  it('a row of a table with one changed value is similar, another row is not', () => {
    const sketcher = makeSketcher({ kind: 'table', secret: SECRET });
    const row = (values: readonly number[], city: string): Uint32Array => {
      const inputs = values.map((value, i) => {
        return { name: `c${i}`, datatype: 'FP64' as const, shape: [1], numbers: Float64Array.of(value) };
      });
      const text = { name: 'city', datatype: 'BYTES' as const, shape: [1], texts: [city] };
      return sketcher(inspected([...inputs, text]))[0]!.fingerprints;
    };
    const values = [1, 20, 300, 4_000, 5, 60, 700, 8_000, 9];
    const one = row(values, 'Paris');
    expect(sharedHashes(one, row([...values.slice(0, 8), 90], ' paris ')) / one.length).toBeGreaterThan(0.7);
    expect(
      sharedHashes(
        one,
        row(
          values.map((value) => value * 3),
          'Oslo',
        ),
      ) / one.length,
    ).toBeLessThan(0.3);
  });

  it('a text with one changed word is similar, another text is not', () => {
    const sketcher = makeSketcher({ kind: 'text', secret: SECRET });
    const text = (words: string): Uint32Array =>
      sketcher(inspected([{ name: 't', datatype: 'BYTES', shape: [1], texts: [words] }]))[0]!.fingerprints;
    const mail =
      'Dear customer, your parcel could not be delivered because the address was incomplete, please reply today.';
    const one = text(mail);
    expect(sharedHashes(one, text(mail.replace('parcel', 'packet')))).toBeGreaterThanOrEqual(30);
    expect(
      sharedHashes(one, text('The quarterly report is attached; the figures of June are on the second page.')),
    ).toBeLessThan(5);
  });
});

describe('an answer', () => {
  const output = (numbers: number[]) => ({
    name: 'p',
    datatype: 'FP32' as const,
    shape: [numbers.length],
    numbers: Float64Array.from(numbers),
  });
  it.each([
    ['probabilities', [output([0.1, 0.9, 0.7, 0.3])], 2, 1, { label: 0, confidence: 0.7 }],
    ['a class', [output([4, 2])], 2, 1, { label: 2 }],
    ['one probability', [output([0.25])], 1, 0, { label: 0, confidence: 0.75 }],
    ['numbers that are none', [output([5, 7.5, -1])], 1, 0, {}],
    ['nothing', [], 1, 0, {}],
  ])('of %s is read', (_, outputs, rows, row, wanted) => {
    expect(rowAnswer(outputs, rows, row)).toEqual(wanted);
  });
});
