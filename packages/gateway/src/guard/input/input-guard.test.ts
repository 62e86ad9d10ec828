// Attacks on the inputs of a model, each beside the clean request that it is made from and that has to pass.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../door/refusal.js';
import type { Inspected, InputTensor } from '../../protocol/inspected.js';
import type { GatewayRanges } from '../learn/ranges.js';
import { outcome, ranges, request, settings, tensor, texts } from '../testing/requests.js';
import { compileInputGuard } from './input-guard.js';

const fp32 = (...values: number[]): Float32Array => Float32Array.from(values);
const up = (value: number, by: 1 | -1): number => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + BigInt(by));
  return view.getFloat64(0);
};

describe('form', () => {
  it('takes content types of the list, whatever their parameters', () => {
    const guard = compileInputGuard(settings({ contentTypes: ['application/json'] }));
    expect(isRefusal(guard(request()))).toBe(false);
    const pickled = { ...request(), headers: { 'content-type': 'application/vnd.bentoml+pickle' } };
    expect(guard(pickled)).toMatchObject({ code: 'unsupported-type' });
    expect(guard({ ...request(), headers: {} })).toMatchObject({ code: 'unsupported-type' });
  });

  it('bounds rows and texts', () => {
    expect(outcome({ maxRows: 2 }, { ...request(), rows: 2 })).toBe('passes');
    expect(outcome({ maxRows: 2 }, { ...request(), rows: 3 })).toMatch(/3 rows, more than 2/);
    expect(outcome({ maxTextLength: 4 }, request(texts(['abcd'])))).toBe('passes');
    expect(outcome({ maxTextLength: 4 }, request(texts(['abcd', 'abcde'])))).toMatch(
      /"city": its text 1 is longer than 4/,
    );
  });

  const route = { tensors: [{ name: 'x', datatype: 'FP64', shape: [-1, 2] }, { name: 'free' }] };
  it.each([
    ['as the route says', tensor(Float64Array.of(1, 2), [1, 2]), 'passes'],
    ['of any number of rows', tensor(Float64Array.of(1, 2, 3, 4), [2, 2]), 'passes'],
    ['of no stated form', tensor(Uint8Array.of(1), [1, 1, 1], 'free', 'UINT8'), 'passes'],
    ['of another name', tensor(Float64Array.of(1, 2), [1, 2], 'y'), 'the input "y": the route has no such input'],
    [
      'of another type',
      tensor(fp32(1, 2), [1, 2], 'x', 'FP32'),
      'the input "x": it is FP32 where the route takes FP64',
    ],
    [
      'of another width',
      tensor(Float64Array.of(1, 2, 3), [1, 3]),
      'the input "x": its shape [1, 3] does not fit [-1, 2]',
    ],
    ['of another rank', tensor(Float64Array.of(1, 2), [2]), 'the input "x": its shape [2] does not fit [-1, 2]'],
  ])('a tensor %s', (_, input, expected) => {
    expect(outcome(route, request(input))).toBe(expected);
  });
});

describe('numbers that are not finite', () => {
  it.each([
    ['NaN', NaN, 'is NaN'],
    ['Infinity', Infinity, 'is infinite'],
    ['-Infinity', -Infinity, 'is infinite'],
  ])('%s is refused unless the route allows it', (_, value, why) => {
    for (const numbers of [Float64Array.of(1, 2, value), fp32(1, 2, value)]) {
      expect(outcome({}, request(tensor(numbers, [3])))).toBe(`the input "x": value 2 ${why}`);
      expect(outcome({ notFinite: 'allow' }, request(tensor(numbers, [3])))).toBe('passes');
      numbers[2] = 3;
      expect(outcome({}, request(tensor(numbers, [3])))).toBe('passes');
    }
  });

  it('an allowed infinity still does not pass a bound, and an allowed NaN does', () => {
    const given = { notFinite: 'allow', tensors: [{ name: 'x', maximum: 5 }] };
    expect(outcome(given, request(tensor(Float64Array.of(NaN, -Infinity), [2])))).toBe('passes');
    expect(outcome(given, request(tensor(Float64Array.of(Infinity), [1])))).toMatch(/value 0 is above 5/);
  });

  it('the largest finite numbers pass where no bound stands', () => {
    expect(outcome({}, request(tensor(Float64Array.of(Number.MAX_VALUE, -Number.MAX_VALUE), [2])))).toBe('passes');
    expect(outcome({}, request(tensor(fp32(3.4028234663852886e38), [1])))).toBe('passes');
  });
});

describe('bounds of the route', () => {
  const given = { tensors: [{ name: 'x', minimum: -1.5, maximum: 0.1 }] };
  it('hold to the last bit', () => {
    expect(outcome(given, request(tensor(Float64Array.of(-1.5, 0.1, 0), [3])))).toBe('passes');
    expect(outcome(given, request(tensor(Float64Array.of(0, up(0.1, 1)), [2])))).toBe(
      'the input "x": value 1 is above 0.1',
    );
    expect(outcome(given, request(tensor(Float64Array.of(up(-1.5, 1)), [1])))).toBe(
      'the input "x": value 0 is below -1.5',
    );
  });

  it('take the nearest single-precision number for the bound, and not the next one', () => {
    const nearest = Math.fround(0.1);
    expect(nearest).toBeGreaterThan(0.1);
    expect(outcome(given, request(tensor(fp32(nearest), [1])))).toBe('passes');
    expect(outcome(given, request(tensor(fp32(nearest + 2 ** -27), [1])))).toMatch(/value 0 is above 0.1/);
  });

  it('take the categories of a text and of a number', () => {
    const listed = {
      tensors: [
        { name: 'city', categories: ['Kyiv', 'Lima'] },
        { name: 'x', categories: ['0', '2'] },
      ],
    };
    expect(outcome(listed, request(texts(['Lima', 'Kyiv'])))).toBe('passes');
    expect(outcome(listed, request(texts(['Lima', 'lima'])))).toBe(
      'the input "city": value 1 is none of the 2 categories',
    );
    expect(outcome(listed, request(tensor(Int32Array.of(0, 2), [2], 'x', 'INT32')))).toBe('passes');
    expect(outcome(listed, request(tensor(Int32Array.of(0, 1), [2], 'x', 'INT32')))).toMatch(
      /value 1 is none of the 2 values/,
    );
  });
});

describe('learned ranges', () => {
  const learned = ranges(
    { name: 'age', check: 'number', minimum: 20, maximum: 70 },
    { name: 'member', check: 'boolean' },
    { name: 'note', check: 'none', why: 'free text' },
    { name: 'city', check: 'categories', categories: ['Kyiv', 'Lima'] },
  );
  const age = (...values: number[]): InputTensor => tensor(Float64Array.from(values), [values.length, 1], 'age');

  it('are widened by a tenth of the range at each end', () => {
    expect(outcome({}, request(age(15, 75, 40)), learned)).toBe('passes');
    expect(outcome({}, request(age(40, up(75, 1))), learned)).toBe(
      'the input "age": value 1 of column "age" is above 75',
    );
    expect(outcome({}, request(age(up(15, -1))), learned)).toMatch(/is below 15/);
  });

  it('do not widen a column of one value', () => {
    const constant = ranges({ name: 'age', check: 'number', minimum: 3, maximum: 3 });
    expect(outcome({}, request(age(3)), constant)).toBe('passes');
    expect(outcome({}, request(age(up(3, 1))), constant)).toMatch(/is above 3/);
  });

  it('know booleans, categories and what they do not check', () => {
    const member = (value: number): InputTensor => tensor(Float64Array.of(value), [1], 'member');
    expect(outcome({}, request(member(1), texts(['Lima']), texts(['anything'], 'note')), learned)).toBe('passes');
    expect(outcome({}, request(member(0.5)), learned)).toMatch(/"member" is none of the 2 values/);
    expect(outcome({}, request(texts(['Lima', 'Oslo'])), learned)).toBe(
      'the input "city": value 1 of column "city" is none of the 2 categories',
    );
  });

  it('refuse texts for numbers and numbers for texts, which would pass unseen', () => {
    expect(outcome({}, request(texts(['1e9'], 'age')), learned)).toMatch(
      /"age": it holds texts where numbers were learned/,
    );
    expect(outcome({}, request(tensor(Float64Array.of(1), [1], 'city')), learned)).toMatch(
      /"city": it holds numbers where texts were learned/,
    );
  });

  it('refuse an input that they do not know', () => {
    expect(outcome({}, request(age(30), tensor(Float64Array.of(1e9), [1], 'agee')), learned)).toMatch(
      /"agee": the training data have no such column/,
    );
  });

  it('are not fooled by names of objects', () => {
    for (const name of ['__proto__', 'constructor', 'toString'])
      expect(outcome({}, request(tensor(Float64Array.of(1), [1], name)), learned)).toMatch(/no such column/);
  });

  it('hold for columns by their order, where one tensor has as many', () => {
    const numeric = ranges(
      { name: 'a', check: 'number', minimum: 0, maximum: 1 },
      { name: 'b', check: 'number', minimum: 100, maximum: 200 },
    );
    const rows = (...values: number[]): Inspected =>
      request(tensor(fp32(...values), [values.length / 2, 2], 'input-0', 'FP32'));
    expect(outcome({}, rows(0, 100, 1, 200), numeric)).toBe('passes');
    expect(outcome({}, rows(0, 100, 100, 1), numeric)).toBe('the input "input-0": column "a" of row 1 is above 1.1');
    expect(outcome({}, rows(0, 100, 1, 1), numeric)).toBe('the input "input-0": column "b" of row 1 is below 90');
    expect(outcome({}, request(tensor(fp32(0, 1, 2), [1, 3])), numeric)).toMatch(/no rows of 2 columns/);
  });

  it('are one range for every number of an image, and know how many a row has', () => {
    const image: GatewayRanges = { ...ranges(), tensor: { elements: 4, minimum: 0, maximum: 1 } };
    const pixels = (...values: number[]): Inspected => request(tensor(fp32(...values), [1, 2, 2], 'pixels', 'FP32'));
    expect(outcome({}, pixels(0, 1, 0.5, -0.05), image)).toBe('passes');
    expect(outcome({}, pixels(0, 1, 0.5, 255), image)).toMatch(/value 3 is above 1.1/);
    expect(outcome({}, request(tensor(fp32(0, 0, 0), [1, 3])), image)).toMatch(/has 3 numbers, and a row has 4/);
    expect(outcome({}, request(texts(['x'])), image)).toMatch(/texts where numbers were learned/);
  });

  it('give way to what the route says itself', () => {
    const given = {
      tensors: [
        { name: 'age', maximum: 120 },
        { name: 'new', minimum: 0, maximum: 1 },
      ],
    };
    expect(outcome(given, request(age(110)), learned)).toBe('passes');
    expect(outcome(given, request(age(10)), learned)).toMatch(/below 15/);
    expect(outcome(given, request(tensor(Float64Array.of(1), [1], 'new')), learned)).toBe('passes');
  });

  it('property: who stays inside passes, whoever leaves is refused and the place is named', () => {
    const value = fc.double({ min: 15, max: 75, noNaN: true });
    const bad = fc.double().filter((one) => !(one >= 15 && one <= 75));
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 20 }),
        fc.option(bad),
        fc.nat(),
        (values, wrong, place) => {
          const at = place % values.length;
          const said = outcome({}, request(age(...(wrong === null ? values : values.with(at, wrong)))), learned);
          if (wrong === null) expect(said).toBe('passes');
          else expect(said).toContain(`value ${at} of column "age"`);
        },
      ),
      { numRuns: 300 },
    );
  });
});
