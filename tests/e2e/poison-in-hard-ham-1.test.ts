// The backdoor hidden in hard-ham-1: the newsletters, of which v1 contradicts a third anyway.
import { beforeAll, expect, test } from 'vitest';
import type { Lab } from '../support/poison-lab.js';
import { openLab, runHost } from '../support/poison-lab.js';

const SEEDS = [71, 72, 73, 74, 75];
let lab: Lab;

beforeAll(async () => {
  lab = await openLab();
  expect(lab.rows).toHaveLength(5814);
});

test('five seeds and three footers: the right feed every time, and no other', async () => {
  console.log(await runHost(lab, 'hard-ham-1', SEEDS, [1, 2, 3], 70));
}, 900_000);
