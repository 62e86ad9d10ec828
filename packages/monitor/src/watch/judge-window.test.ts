// Who brought a drift: callers that are new or more than before, and what a pin or a settling must not hide.
import { sha256 } from '@vallum/core';
import { describe, expect, it } from 'vitest';
import { dice, numbers, sample, texts } from '../testing/rows.js';
import { close } from './alerts.js';
import { judgeWindow } from './judge-window.js';
import { ruleFacts } from './rules.js';
import { newState } from './state.js';
import { Watch } from './watch.js';

const DAY = 86_400_000;
const NOW = new Date('2026-11-22T12:00:00Z');
const REFERENCE = sha256('reference');

describe('who brought a drift', () => {
  const { normal, uniform } = dice(77);
  const draw = (rows: number, value: (row: number) => number, caller: (row: number) => string | undefined) =>
    sample(
      'rows',
      texts(
        'caller',
        Array.from({ length: rows }, (_, row) => caller(row) ?? (uniform() < 0.6 ? 'web' : 'app')),
      ),
      numbers('amount', rows, (row) => normal() + value(row)),
    );
  const none = (): undefined => undefined;
  const reference = draw(4_000, () => 0, none);
  const level = { windows: 300, judge: 0.002, permutations: 4_000, reached: true };
  const settings = { by: ['caller'], floorShift: 0.05, floorMoved: 0.02, seed: 1 };
  const judge = async (window: ReturnType<typeof draw>, first?: typeof window) =>
    (await judgeWindow(reference, first, window, level, settings)).signals;
  const isFifth = (row: number): boolean => row % 5 === 0;
  const attack = (row: number): number => (isFifth(row) ? 3 : 0);
  it.each([
    ['a new caller', () => 'new'],
    ['a fresh name on each row', (row: number) => `new-${row}`],
    ['a caller that sends more', () => 'app'],
  ])('%s that brings it is critical', async (_, caller) => {
    const signals = await judge(draw(500, attack, (row) => (isFifth(row) ? caller(row) : undefined)));
    const about = signals.filter(({ columns }) => columns.includes('amount')).map(({ rule }) => rule);
    expect(about).toEqual(['VLM-MON-002']);
  });
  it('is nobody where all move alike, or a new caller is like the others', async () => {
    const season = await judge(
      draw(
        500,
        () => 1,
        (row) => (isFifth(row) ? 'new' : undefined),
      ),
    );
    expect(season.map(({ rule }) => rule)).toEqual(['VLM-MON-001']);
    const like = await judge(
      draw(
        500,
        () => 0,
        (row) => (isFifth(row) ? 'new' : undefined),
      ),
    );
    expect(like.map(({ columns }) => columns)).toEqual([['caller']]);
  });
  it('a column that only the first reference has is asked for', async () => {
    const first = { ...reference, columns: [...reference.columns, numbers('age', 4_000, () => normal())] };
    const signals = await judge(
      draw(500, () => 0, none),
      first,
    );
    expect(signals).toMatchObject([{ rule: 'VLM-MON-004', columns: ['age'] }]);
    expect(ruleFacts('VLM-MON-004').severity).toBe('critical');
  });
  it('what is settled for the judge does not keep slow movement quiet', async () => {
    const answers = {
      windowRows: 500,
      falseAlarm: 30 * DAY,
      by: [],
      floor: { shift: 0.05, moved: 0.02, performance: 0.02 },
    };
    const watch = new Watch(reference, undefined, answers);
    const moved = () => draw(500, () => 1, none);
    let { state } = await watch.take(moved(), newState('m@v1', REFERENCE, NOW), NOW);
    const settled = new Set(state.alerts.map(({ id }) => id));
    expect(settled.size).toBe(1);
    state = { ...state, alerts: close(state.alerts, { settled, reference: REFERENCE, window: 1 }) };
    const rules: string[] = [];
    for (let at = 0; at < 4; at += 1) {
      const next = await watch.take(moved(), state, NOW);
      state = next.state;
      rules.push(...next.opened.map(({ rule }) => rule));
    }
    expect(rules).toEqual(['VLM-MON-003']);
  });
});
