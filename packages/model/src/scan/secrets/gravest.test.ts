import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Gravest } from './gravest.js';

it('keeps every grave value that there is room for, and counts what it left', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer()), fc.integer({ min: 1, max: 8 }), (values, most) => {
      const isGrave = (value: number): boolean => value % 2 === 0;
      const list = new Gravest(most, isGrave);
      for (const value of values) list.add(String(value), value);
      const grave = values.filter(isGrave).length;
      expect(list.values.filter(isGrave)).toHaveLength(Math.min(grave, most));
      expect(list.values).toHaveLength(Math.min(values.length, most));
      expect(list.left).toBe(Math.max(0, values.length - most));
    }),
  );
});

it('takes two values of one key as one', () => {
  const list = new Gravest<number>(1, () => true);
  list.add('a', 1);
  list.add('a', 2);
  expect([list.values, list.left]).toEqual([[1], 0]);
});
