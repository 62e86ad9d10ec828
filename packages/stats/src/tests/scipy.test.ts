// Our answers beside SciPy's, frozen by tests/support/scipy-oracle.py: at least 200 cases of each test with numbers on both sides.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compareWithScipy } from '../testing/compare-with-scipy.js';

describe('SciPy 1.17.1', () => {
  const frozen = readFileSync(new URL('../testing/scipy-answers.jsonl', import.meta.url), 'utf8');
  const comparisons = compareWithScipy(frozen);

  it('answered every test', () => {
    expect(frozen.startsWith('{"scipy":"1.17.1"')).toBe(true);
    expect(comparisons).toHaveLength(18);
  });

  it.each(comparisons)('$test agrees in all cases: statistics within $statistic, p within $p', (comparison) => {
    expect(comparison.beyond).toEqual([]);
    // SciPy refuses tables without a success or without a failure; two equal shares are no difference to us.
    const refused = comparison.oneSided.filter(
      (text) => !(comparison.test === 'proportions' && text.includes('"own":[0,1]')),
    );
    expect(refused).toEqual([]);
    expect(comparison.answered).toBeGreaterThanOrEqual(200);
  });
});
