// A flood becomes one entry a second, nothing else is merged, and memory is bounded whoever calls.
import { describe, expect, it } from 'vitest';
import type { Decision, Recorder } from './decision.js';
import { Repeats, SparingRecorder } from './repeats.js';
import { decision } from './testing/decisions.js';

const refused = (change: Partial<Decision> = {}): Decision =>
  decision({ outcome: 'refused', code: 'unauthenticated', status: 401, ...change });

describe('equal refusals of one peer', () => {
  it('are told once at first, and then in one entry a second', () => {
    const repeats = new Repeats();
    const told: (number | undefined)[] = [];
    for (let now = 0; now < 5000; now += 10) {
      if (repeats.isFirst(refused(), now)) told.push(undefined);
      for (const one of repeats.due(now)) told.push(one.times);
    }
    expect(told).toHaveLength(5);
    const whole = told.map((times) => times ?? 1).reduce((sum, times) => sum + times, 0);
    const [rest] = repeats.due(Infinity);
    expect(whole + (rest?.times ?? 1)).toBe(500);
  });

  it('that end are forgotten', () => {
    const repeats = new Repeats();
    repeats.isFirst(refused(), 0);
    expect([repeats.size, repeats.due(1000), repeats.size]).toEqual([1, [], 0]);
    expect(repeats.isFirst(refused(), 1001)).toBe(true);
  });

  it('are apart by peer, code, route and principal', () => {
    const repeats = new Repeats();
    const kinds = [{}, { peer: '192.0.2.8' }, { code: 'forbidden' as const }, { route: 'x' }, { principal: 'bob' }];
    expect(kinds.map((kind) => repeats.isFirst(refused(kind), 0))).toEqual(kinds.map(() => true));
    expect(kinds.map((kind) => repeats.isFirst(refused(kind), 1))).toEqual(kinds.map(() => false));
  });

  it('count together when peers are more than are remembered', () => {
    const repeats = new Repeats();
    let recorded = 0;
    for (let at = 0; at < 20_000; at += 1) recorded += Number(repeats.isFirst(refused({ peer: `peer ${at}` }), 0));
    expect([repeats.size, recorded]).toEqual([10_001, 10_001]);
    expect(repeats.due(1000).map(({ times }) => times)).toEqual([9_999]);
  });
});

it('a recorder that spares the ledger lets everything else through, and tells of what it records', async () => {
  const entered: Decision[] = [];
  const seen: Decision[] = [];
  const ledger: Recorder = { ready: true, record: async (one) => void entered.push(one) };
  let now = 0;
  const recorder = new SparingRecorder(
    ledger,
    () => now,
    (one) => seen.push(one),
  );
  for (let at = 0; at < 3; at += 1) await recorder.record(decision());
  for (let at = 0; at < 10; at += 1) await recorder.record(refused());
  expect(entered).toHaveLength(4);
  now = 1000;
  await recorder.tell();
  expect(entered.at(-1)).toMatchObject({ times: 9, code: 'unauthenticated' });
  expect([seen, recorder.ready]).toEqual([entered, true]);
});
