// The parts of a monitor that need no disk: thresholds that keep their budget, alerts that open once, and bytes that are not ours.
import type { Sha256 } from '@vallum/core';
import { sha256 } from '@vallum/core';
import { calibrateThreshold } from '@vallum/stats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dice, numbers, sample, texts } from '../testing/rows.js';
import { close, isOpen, raise } from './alerts.js';
import { changedFiles, unreadableFile } from './file-signals.js';
import { cusumThreshold, levelOf, referenceOffset } from './level.js';
import { planDriftMonitor, planPerformanceMonitor } from './plan-monitor.js';
import { readReference } from './reference.js';
import type { Signal } from './signal.js';
import { newState, readState, stateBytes } from './state.js';
import type { StreamStates } from './streams.js';
import { Streams } from './streams.js';
import { estimateWindow, labelledIn, learnReference, measureWindow, scoredIn } from './watch-performance.js';

const DAY = 86_400_000;
const NOW = new Date('2026-11-22T12:00:00Z');
const REFERENCE = sha256('reference');

describe('the level of a window', () => {
  it('follows from the budget and the rate', () => {
    const { judge, windows, reached } = levelOf(30 * DAY, { windows: 240, elapsed: 10 * DAY, claimed: 0 }, 1);
    expect(windows).toBe(720);
    expect(judge).toBeCloseTo(0.5 / 720, 12);
    expect(reached).toBe(true);
  });
  it('is not loosened by rows that claim to come fast, nor by a monitor that just began', () => {
    const slow = levelOf(30 * DAY, { windows: 10, elapsed: 10 * DAY, claimed: 1 }, 1);
    expect(slow.windows).toBe(30);
    expect(levelOf(30 * DAY, { windows: 10, elapsed: 1000, claimed: 0 }, 1).windows).toBe(300);
  });
  it('says where it cannot be reached', () => {
    expect(levelOf(30 * DAY, { windows: 100_000, elapsed: DAY, claimed: 0 }, 2).reached).toBe(false);
  });
});

describe('the threshold of a CUSUM', () => {
  it.each([
    [0.5, 0, 200],
    [1.2, 0.4, 1000],
  ])(
    'slack %d, offset %d: a simulation of the same detector agrees that false alarms come no more often',
    (slack, offset, run) => {
      const { normal } = dice(8);
      const reference = Float64Array.from({ length: 20_000 }, () => normal() + offset);
      const detector = { kind: 'cusum', mean: 0, deviation: 1, slack } as const;
      const { threshold } = calibrateThreshold({ detector, ert: run, reference, seed: 3, runs: 400 });
      const ours = cusumThreshold(slack, offset, run);
      // Ours gives both sides the worse offset; the simulation asks for the lower bound of its estimate.
      expect(ours).toBeGreaterThan(0.85 * threshold);
      expect(ours).toBeLessThan(1.35 * threshold + 0.5);
    },
  );
  it('grows with the error of a small reference', () => {
    expect(referenceOffset(40, 1000, 2000)).toBeGreaterThan(referenceOffset(40, 1000, 200_000));
  });
});

describe('streams', () => {
  const settings = { windowRows: 500, floorShift: 0.05, by: ['caller'] };
  const { normal, uniform } = dice(21);
  const draw = (rows: number, shift: (caller: string) => number) => {
    const callers = Array.from({ length: rows }, () => (uniform() < 0.7 ? 'web' : 'app'));
    return sample(
      'rows',
      texts('caller', callers),
      numbers('amount', rows, (row) => Math.exp(normal()) + shift(callers[row] as string)),
    );
  };
  const streams = new Streams(
    draw(10_000, () => 0),
    settings,
  );
  const watch = (windows: number, shift: (caller: string) => number): readonly Signal[] => {
    let states: StreamStates = {};
    for (let at = 0; at < windows; at += 1) {
      const taken = streams.take(draw(500, shift), states, 300);
      if (taken.signals.length > 0) return taken.signals;
      states = JSON.parse(JSON.stringify(taken.states)) as StreamStates;
    }
    return [];
  };

  it('stay quiet for a hundred windows of like rows', () => {
    expect(watch(100, () => 0)).toEqual([]);
  });
  it('sum up what a window does not show', () => {
    expect(watch(40, () => 0.15).map(({ columns }) => columns)).toContainEqual(['amount']);
  });
  it('name no caller where all of them move alike', () => {
    let states: StreamStates = {};
    const rules = new Set<string>();
    for (let at = 0; at < 40; at += 1) {
      const taken = streams.take(
        draw(500, () => 0.3),
        states,
        300,
      );
      states = taken.states;
      for (const { rule } of taken.signals) rules.add(rule);
    }
    expect([...rules]).toEqual(['VLM-MON-003']);
  });
  it('name a small caller that moves by itself', () => {
    const signals = watch(40, (caller) => (caller === 'app' ? 0.5 : 0));
    expect(signals).toContainEqual(
      expect.objectContaining({ rule: 'VLM-MON-002', groups: ['app'], columns: ['amount'] }),
    );
  });
});

describe('alerts', () => {
  const signal: Signal = { key: 'k', rule: 'VLM-MON-001', columns: ['a'], groups: [], why: 'it moved' };
  const moment = (window: number, reference: Sha256 = REFERENCE) => ({ monitor: 'm@v1', reference, window, at: NOW });
  it('open once, count, and stay quiet for a while when settled', () => {
    const first = raise([], [signal], moment(1));
    const again = raise(first.alerts, [{ ...signal, columns: ['b'] }], moment(2));
    expect(again.opened).toEqual([]);
    expect(again.alerts).toMatchObject([{ count: 2, columns: ['a', 'b'], lastWindow: 2 }]);
    const settled = close(again.alerts, {
      settled: new Set([first.alerts[0]?.id ?? '']),
      reference: REFERENCE,
      window: 2,
    });
    expect(settled.filter(isOpen)).toEqual([]);
    expect(raise(settled, [signal], moment(11)).opened).toEqual([]);
    expect(raise(settled, [signal], moment(12)).opened).toHaveLength(1);
  });
  it('about some columns, settled, keep no other column quiet', () => {
    const about = (...columns: readonly string[]): Signal => ({
      ...signal,
      key: JSON.stringify(['window', ...columns]),
      columns,
    });
    const { alerts } = raise([], [about('a', 'b')], moment(1));
    const settled = close(alerts, { settled: new Set(alerts.map(({ id }) => id)), reference: REFERENCE, window: 1 });
    expect(raise(settled, [about('a')], moment(2)).opened).toEqual([]);
    expect(raise(settled, [about('a', 'c')], moment(2)).opened).toHaveLength(1);
  });
  it('about files are told apart by path and bytes, and none is kept quiet', () => {
    const file = (path: string, text: string) => ({ path, sha256: sha256(text) });
    const at = (ms: number) => ({ ...moment(1), at: new Date(NOW.getTime() + ms) });
    const changed = changedFiles([file('a.csv', '1'), file('b.csv', '1')]);
    expect(new Set([...changed, unreadableFile(file('a.csv', '1'), 'no header')].map(({ key }) => key)).size).toBe(3);
    const { alerts } = raise([], changed, at(0));
    const settled = close(alerts, { settled: new Set(alerts.map(({ id }) => id)), reference: REFERENCE, window: 1 });
    const again = raise(settled, changed, at(1));
    expect(again.opened).toHaveLength(2);
    expect(alerts.map(({ id }) => id)).not.toContain(again.opened[0]?.id);
    const many = Array.from({ length: 2_000 }, (_, index) => file(`${index}.csv`, 'x'));
    expect(changedFiles(many)).toHaveLength(51);
  });
  it('about files stay open over a new pin, the others do not', () => {
    const file: Signal = { ...signal, key: 'f', rule: 'VLM-MON-006' };
    const { alerts } = raise([], [signal, file], moment(1));
    const after = close(alerts, { settled: new Set(), reference: sha256('next'), window: 1 });
    expect(after.filter(isOpen).map(({ rule }) => rule)).toEqual(['VLM-MON-006']);
  });
  it('about the first reference are answered once for each pin', () => {
    const old: Signal = { ...signal, rule: 'VLM-MON-004' };
    const { alerts } = raise([], [old], moment(1));
    const settled = close(alerts, { settled: new Set(alerts.map(({ id }) => id)), reference: REFERENCE, window: 1 });
    expect(raise(settled, [old], moment(90)).opened).toEqual([]);
    expect(raise(settled, [old], moment(90, sha256('next'))).opened).toHaveLength(1);
  });
});

describe('the control', () => {
  const subject = { name: 'm@v1', digest: { sha256: sha256('model') } };
  const lived = {
    ...newState('m@v1', REFERENCE, NOW),
    judged: 3,
    recent: [{ number: 3, at: NOW.toISOString(), outcome: 'no-drift', level: 0.01, signals: 0 } as const],
  };
  const facts = { subject, reference: REFERENCE, first: REFERENCE, declared: {}, state: lived, now: NOW };
  const told = async (more: object): Promise<string> => {
    const task = planDriftMonitor({ ...facts, ...more });
    const { outcome, reason } = await task.run({ signal: new AbortController().signal, progress: () => undefined });
    return reason === undefined ? outcome : reason.code;
  };
  it('passes only while it lives', async () => {
    expect(await told({})).toBe('pass');
    expect(await told({ now: new Date(NOW.getTime() + DAY + 1) })).toBe('no-recent-window');
    expect(await told({ now: new Date(NOW.getTime() - 1) })).toBe('window-after-now');
    expect(await told({ fault: 'gone' })).toBe('reference-changed');
    expect(await told({ state: { ...lived, reference: sha256('other') } })).toBe('not-run-since-pin');
    expect(await told({ state: undefined })).toBe('not-run');
  });
  it('knows performance only from figures of now', async () => {
    const figure = { metric: 'auroc', value: 0.9, low: 0.8, high: 1, n: 500, reference: 0.9 };
    const cbpe = { ...figure, method: 'cbpe', window: 100 } as const;
    const realised = { ...figure, method: 'realised', window: 60 } as const;
    const about = async (performance: readonly object[], more: object = {}): Promise<string> => {
      const state = { ...lived, judged: 100, number: 100, performance, ...more } as typeof lived;
      const task = planPerformanceMonitor({ ...facts, declared: { probabilities: ['spam'] }, state });
      const { outcome, reason } = await task.run({ signal: new AbortController().signal, progress: () => undefined });
      return reason === undefined ? outcome : reason.code;
    };
    expect(await about([cbpe, realised])).toBe('pass');
    expect(await about([{ ...cbpe, window: 99 }, realised])).toBe('no-performance');
    expect(await about([cbpe, realised], { unlabelled: [99, 100] })).toBe('pass');
    expect(await about([cbpe, { ...realised, window: 40 }], { unlabelled: [99, 100] })).toBe('no-labels');
  });
  it('fails on an open critical alert, even when nothing arrives any more', async () => {
    const signal: Signal = { key: 'k', rule: 'VLM-MON-002', columns: ['a'], groups: ['x'], why: 'it moved' };
    const { alerts } = raise([], [signal], { monitor: 'm@v1', reference: REFERENCE, window: 3, at: NOW });
    expect(await told({ state: { ...lived, alerts }, now: new Date(NOW.getTime() + 9 * DAY) })).toBe('fail');
  });
});

describe('performance', () => {
  const columns = { probabilities: ['ham', 'spam'], label: 'truth', labels: ['ham', 'spam'] };
  const { uniform } = dice(33);
  /** @param wrong share of rows whose truth is the other label */
  const answers = (rows: number, wrong: number) => {
    const scores = Array.from({ length: rows }, uniform);
    const truth = scores.map((score) => uniform() < score !== uniform() < wrong);
    return sample(
      'rows',
      numbers('ham', rows, (row) => 1 - (scores[row] as number)),
      numbers('spam', rows, (row) => scores[row] as number),
      texts(
        'truth',
        truth.map((spam) => (spam ? 'spam' : 'ham')),
      ),
    );
  };
  const settings = { columns, alpha: 0.25 / 300, floor: 0.02, seed: 1 };
  const reference = labelledIn(answers(5_000, 0), columns);
  const measured = (wrong: number): readonly string[] => {
    const window = labelledIn(answers(1_000, wrong), columns);
    if (window === undefined) throw new Error('no answers');
    return measureWindow(reference, window, 1, settings).signals.map(({ rule }) => rule);
  };
  it('with labels that are wrong more often is an alert, and like labels are none', () => {
    expect(measured(0.25)).toEqual(['VLM-MON-009']);
    for (let window = 0; window < 20; window += 1) expect(measured(0)).toEqual([]);
  });
  it('without labels falls where the model is less sure, and says nothing of what it cannot see', async () => {
    if (reference === undefined) throw new Error('no answers');
    const learnt = await learnReference(reference, settings);
    const look = async (rows: ReturnType<typeof answers>): Promise<readonly string[]> =>
      (await estimateWindow(learnt, scoredIn(rows, columns), 1, settings)).signals.map(({ rule }) => rule);
    const unsure = { ...answers(1_000, 0) };
    const half = (name: string) =>
      numbers(name, 1_000, (row) => 0.5 + (name === 'spam' ? 0.0001 : -0.0001) * (row % 7));
    expect(await look({ ...unsure, columns: [half('ham'), half('spam')] })).toEqual(['VLM-MON-008']);
    expect(await look(answers(1_000, 0))).toEqual([]);
    // Concept drift: the same scores mean something else now.
    expect(await look(answers(1_000, 0.4))).toEqual([]);
  });
  it('has no figure where an answer cannot be read', () => {
    const rows = answers(100, 0);
    const broken = rows.columns.map((column) => (column.name === 'spam' ? numbers('spam', 100, () => 2) : column));
    expect(scoredIn({ ...rows, columns: broken }, columns)).toBeUndefined();
  });
});

describe('bytes', () => {
  it('of a state are read back', () => {
    const state = newState('m@v1', REFERENCE, NOW);
    expect(readState(stateBytes(state), 'm@v1')).toMatchObject(state);
  });
  it('of a state with another outcome are refused', () => {
    const recent = [{ number: 1, at: NOW.toISOString(), outcome: 'fine', level: 0.01, signals: 0 }];
    const text = JSON.stringify({
      ...JSON.parse(Buffer.from(stateBytes(newState('m@v1', REFERENCE, NOW))).toString()),
      recent,
    });
    expect(() => readState(Buffer.from(text), 'm@v1')).toThrow('recent');
  });
  it('that are no state or no reference are refused with a code', () => {
    const broken = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .tuple(fc.constantFrom(...Object.keys(newState('m@v1', REFERENCE, NOW))), fc.jsonValue())
        .map(([key, value]) => {
          const state = JSON.parse(Buffer.from(stateBytes(newState('m@v1', REFERENCE, NOW))).toString()) as object;
          return Buffer.from(JSON.stringify({ ...state, [key]: value }));
        }),
    );
    fc.assert(
      fc.property(broken, (bytes) => {
        for (const read of [() => readState(bytes, 'm@v1'), () => readReference(bytes)])
          try {
            read();
          } catch (error) {
            expect((error as { code?: string }).code).toMatch(/^[A-Z]+_/);
          }
      }),
      { numRuns: 500, seed: 4 },
    );
  });
});
