// One control, broken in every way: the runner always gets a well-formed answer.
import { expect, test } from 'vitest';
import type { ControlResult, RunContext, Task } from '@vallum/core';
import { asSha256, VallumError } from '@vallum/core';
import { runTask } from './run-task.js';

const GOOD: ControlResult = { outcome: 'pass', findings: [], metrics: [], coverage: { examined: {}, notExamined: [] } };
const OPTIONS = { timeoutMs: 50, progress: () => undefined };

function taskOf(run: (context: RunContext) => unknown): Task {
  const subject = { name: 'a', digest: { sha256: asSha256('a'.repeat(64)) } };
  return { kind: 'artifact.scan', version: '1', subject, inputs: [], parameters: {}, run: run as Task['run'] };
}

test('a good answer is handed on as it is', async () => {
  expect(
    await runTask(
      taskOf(() => Promise.resolve(GOOD)),
      OPTIONS,
    ),
  ).toBe(GOOD);
});

test.each([
  ['throws', () => Promise.reject(new Error('a defect')), 'control-threw'],
  ['throws a typed error', () => Promise.reject(new VallumError('DISK_READ', 'cannot read')), 'DISK_READ'],
  ['throws at once, before it returns a promise', () => JSON.parse('{') as unknown, 'control-threw'],
  ['returns nothing', () => Promise.resolve(undefined), 'control-returned-nothing'],
  ['returns null', () => Promise.resolve(null), 'control-returned-nothing'],
  [
    'returns an outcome that does not exist',
    () => Promise.resolve({ ...GOOD, outcome: 'fine' }),
    'control-returned-nothing',
  ],
  ['returns a pass without findings', () => Promise.resolve({ outcome: 'pass' }), 'control-returned-nothing'],
  ['returns a pass without coverage', () => Promise.resolve({ ...GOOD, coverage: null }), 'control-returned-nothing'],
  ['never answers', () => new Promise(() => undefined), 'control-timed-out'],
])('a control that %s is inconclusive', async (_how, run, code) => {
  const result = await runTask(taskOf(run), OPTIONS);
  expect([result.outcome, result.reason?.code]).toEqual(['inconclusive', code]);
});

test('a control whose time is up is told so', async () => {
  let aborted = false;
  await runTask(
    taskOf(({ signal }) => new Promise(() => signal.addEventListener('abort', () => (aborted = true)))),
    OPTIONS,
  );
  expect(aborted).toBe(true);
});
