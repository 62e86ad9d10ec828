// The story of the gateway (`npm start -- gateway`), told in small on real processes. It checks its own claims and its exit code says
// whether all hold; here it is looked at that every act was told, and that nothing of it is left.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const STORY = 'examples/inference-server/dist/story/main.js';
const MS = 180_000;

const scratch = mkdtempSync(join(tmpdir(), 'vallum-story-test-'));
let told = '';
let exit: number | null = null;

beforeAll(() => {
  // Its temporary folder comes to lie in ours.
  const env = { ...process.env, TMPDIR: scratch, NO_COLOR: '1' };
  const ran = spawnSync(process.execPath, [STORY, '--small'], { encoding: 'utf8', env, timeout: MS });
  told = `${ran.stdout}${ran.stderr}`;
  exit = ran.status;
}, MS);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const act = (number: number): string => told.split(/^(?=\d\. )/m).find((part) => part.startsWith(`${number}. `)) ?? '';
const claims = (text: string): readonly string[] => text.match(/\[holds\]|\[DOES NOT HOLD\]/g) ?? [];

test('every claim holds, and the exit code says so', () => {
  expect(told.match(/\[DOES NOT HOLD\].*/g) ?? []).toEqual([]);
  expect(exit, told).toBe(0);
});

test.each([
  [1, 'Honest callers', 2],
  [2, 'A thief', 4],
  [3, 'The same theft, spread over 20 accounts', 2],
  [4, 'A picture that is read wrongly', 2],
  [5, 'A swapped model file', 4],
  [6, 'What a probe finds, and what a reader of the records sees', 6],
])('act %i, %s, claims %i things', (number, title, count) => {
  expect(act(number)).toContain(title);
  expect(claims(act(number))).toHaveLength(count);
});

test('figures stand in the acts as they were measured', () => {
  expect(act(1)).toMatch(/digits +\d+\.\d % of \d+ \(95 %: /);
  expect(act(2)).toMatch(/made-up pictures, gateway +\d+ +\d+ +[1-9]\d* /);
  expect(act(2)).toMatch(/40 rows for life +\d+ +40 /);
  expect(act(5)).toMatch(/model\.safetensors\s+\(changed\)/);
});

test('nothing is left behind', () => {
  expect(readdirSync(scratch)).toEqual([]);
});
