// The check digits agree with PyPI python-stdnum on numbers that it was asked about once (testing/national-ids.py).
import { describe, expect, it } from 'vitest';
import { CHECKS } from './checks.js';
import * as ids from './national-ids.js';
import cases from './testing/national-ids.json' with { type: 'json' };

const swedish = (id: string): boolean => {
  const match = /.*/.exec(id);
  return match !== null && CHECKS.se_personnummer(match);
};
const judges: Readonly<Record<string, (id: string) => boolean>> = { ...ids, isSwedishNumber: swedish };

describe.each(Object.entries(cases))('%s', (name, rows) => {
  const judge = judges[name.replace('#2', '')];

  it('agrees on valid numbers and on numbers one digit away', () => {
    const verdicts = rows.map(([id]) => [id, judge?.(String(id))]);
    expect(verdicts).toEqual(rows);
    expect(rows.filter(([, valid]) => valid).length).toBeGreaterThanOrEqual(30);
    expect(rows.filter(([, valid]) => !valid).length).toBeGreaterThanOrEqual(25);
  });
});

it('knows the National Insurance prefixes that are never issued', () => {
  expect(['AB123456C', 'BG123456C', 'ZZ123456A', 'AB123456E', 'QQ123456A'].map(ids.isNino)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});
