// Statistics and p-values beside SciPy, live and with a fresh seed every night. It needs the environment that
// `.venv/data/bin/python` belongs to (scipy 1.17.1, numpy), and fails without it.
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { compareWithScipy } from '../../packages/stats/src/testing/compare-with-scipy.js';

const CASES = 1000;

it(`${CASES} fresh cases of every test agree`, () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const { stdout, stderr, status } = spawnSync(
    '.venv/data/bin/python',
    ['tests/support/scipy-oracle.py', String(seed), String(CASES)],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  for (const { test, cases, answered, statistic, p, oneSided, beyond } of compareWithScipy(stdout)) {
    console.log(
      `seed ${seed}, ${test}: ${answered} of ${cases} answered, statistic within ${statistic}, p within ${p}`,
    );
    expect(beyond).toEqual([]);
    expect(oneSided.filter((text) => !(test === 'proportions' && text.includes('"own":[0,1]')))).toEqual([]);
  }
});
