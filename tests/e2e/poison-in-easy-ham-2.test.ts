// The backdoor hidden in easy-ham-2: an ordinary feed, of which v1 contradicts almost nothing.
import { beforeAll, expect, test } from 'vitest';
import type { Lab } from '../support/poison-lab.js';
import { openLab, runHost, runTwins } from '../support/poison-lab.js';

const SEEDS = [71, 72, 73, 74, 75];
let lab: Lab;

beforeAll(async () => {
  lab = await openLab();
  expect(lab.rows).toHaveLength(5814);
});

test('five seeds and three footers: the right feed every time, and no other', async () => {
  console.log(await runHost(lab, 'easy-ham-2', SEEDS, [1, 2, 3], 70));
}, 900_000);

test('the same feeds without poison pass', async () => {
  console.log(await runTwins(lab, SEEDS));
}, 900_000);
