// Groups: who shares one, who waits how long, and what a failure means for those who come later.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Groups, type GroupLimits } from './groups.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function made(limits: GroupLimits, write?: () => Promise<void>) {
  const written: number[][] = [];
  const groups = new Groups<number, number>(
    limits,
    () => 1,
    async (group) => {
      written.push([...group]);
      await write?.();
      return group.map((n) => (n < 0 ? { refused: new Error('negative') } : { answer: n * 10 }));
    },
  );
  return { groups, written };
}

test('the first waits for others, but not longer than it takes to fill a group or the time is over', async () => {
  const { groups, written } = made({ entries: 3, waitMs: 5 });
  const one = groups.add(1);
  await vi.advanceTimersByTimeAsync(4);
  expect(written).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect([await one, written]).toEqual([10, [[1]]]);
  const full = Promise.all([groups.add(2), groups.add(3), groups.add(4)]);
  expect([await full, written.at(-1)]).toEqual([
    [20, 30, 40],
    [2, 3, 4],
  ]);
});

test('what arrives while a group is written joins the next; the time it has waited counts', async () => {
  const { groups, written } = made({ entries: 2, waitMs: 25 }, () => new Promise((done) => setTimeout(done, 10)));
  const first = Promise.all([groups.add(1), groups.add(2)]);
  await vi.advanceTimersByTimeAsync(1);
  const later = groups.add(3);
  await vi.advanceTimersByTimeAsync(24);
  expect([await first, written]).toEqual([[10, 20], [[1, 2]]]);
  await vi.advanceTimersByTimeAsync(1);
  expect(written).toEqual([[1, 2], [3]]);
  await vi.advanceTimersByTimeAsync(10);
  expect(await later).toBe(30);
});

test('a refused request does not disturb its neighbours; closing waits for no one', async () => {
  const { groups } = made({ entries: 100, waitMs: 1e9 });
  const both = Promise.allSettled([groups.add(-1), groups.add(2)]);
  await groups.settled();
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
});

test('after a failure nothing more is taken', async () => {
  let failing = true;
  const { groups, written } = made({ entries: 1, waitMs: 0 }, async () => {
    if (failing) throw new Error('the disk is full');
  });
  await expect(groups.add(1)).rejects.toMatchObject({ code: 'LEDGER_FAILED' });
  failing = false;
  await expect(groups.add(2)).rejects.toThrow(/the disk is full/);
  expect(written).toEqual([[1]]);
});

test('work that must be alone runs between groups, and its failure harms nobody', async () => {
  const { groups, written } = made({ entries: 1, waitMs: 0 });
  let inside = false;
  const alone = groups.alone(async () => {
    inside = true;
    await new Promise((done) => setTimeout(done, 5));
    expect(written).toEqual([]);
    inside = false;
    throw new Error('no');
  });
  const waiting = groups.add(1);
  const refused = expect(alone).rejects.toThrow('no');
  expect(inside).toBe(true);
  await vi.advanceTimersByTimeAsync(5);
  await refused;
  expect(await waiting).toBe(10);
});
