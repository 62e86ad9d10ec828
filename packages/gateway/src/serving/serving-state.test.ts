// The gate as a table of what was seen and what follows.
import type { Sha256 } from '@vallum/core';
import { sha256 } from '@vallum/core';
import { describe, expect, it } from 'vitest';
import { NOT_LOOKED_YET, OPEN_WITHOUT_VERDICT, refusalAt } from './gate.js';
import type { IntegrityLook, Looks, VerdictLook, VerdictPass } from './looks.js';
import type { ServingRules, ServingState } from './serving-state.js';
import { FIRST_STATE, stepServing } from './serving-state.js';

const HOUR = 3_600_000;
const T0 = Date.parse('2026-06-01T00:00:00Z');
const MODEL = sha256('model');
const OTHER = sha256('other');
const RULES: ServingRules = { by: 'store', atExpiry: 'alert', everyMs: 5_000, graceMs: 2 * HOUR };

function pass(change: Partial<VerdictPass> = {}): VerdictPass {
  return {
    kind: 'pass',
    statement: sha256('verdict'),
    subject: MODEL,
    decidedAt: '2026-05-31T00:00:00.000Z',
    validUntil: new Date(T0 + 10 * HOUR).toISOString(),
    size: 7,
    ...change,
  };
}
const match = (subject: Sha256 = MODEL): IntegrityLook => ({ kind: 'match', subject });
const UNREACHABLE: VerdictLook = { kind: 'unreachable', reason: 'no such folder' };
const BUSY: IntegrityLook = { kind: 'unanswered', reason: 'time-out' };

/** Looks at hours since T0. */
function after(
  looks: readonly (readonly [hours: number, verdict: VerdictLook, integrity: IntegrityLook, incident?: string])[],
  rules: ServingRules = RULES,
): ServingState {
  return looks.reduce<ServingState>(
    (state, [hours, verdict, integrity, incident]) =>
      stepServing(
        state,
        { at: T0 + hours * HOUR, verdict, integrity, ...(incident === undefined ? {} : { incident }) },
        rules,
      ).state,
    FIRST_STATE,
  );
}
const codes = (state: ServingState): readonly string[] => state.alerts.map(({ code }) => code);

type Row<T> = readonly [name: string, looks: Parameters<typeof after>[0], expected: T, rules?: ServingRules];

const CLOSED: readonly Row<string>[] = [
  ['no ledger at the start', [[0, UNREACHABLE, match()]], 'the ledger cannot be read'],
  ['no verdict', [[0, { kind: 'not-proven', reason: 'none' }, match()]], 'not proven: none'],
  [
    'a swapped model',
    [
      [0, pass(), match()],
      [1, pass(), { kind: 'mismatch', reason: 'model.onnx (changed)' }],
    ],
    'model.onnx',
  ],
  ['a model of another digest', [[0, pass(), match(OTHER)]], `the model is ${OTHER.slice(0, 12)}`],
  [
    'another verdict than the model',
    [
      [0, pass(), match()],
      [1, pass({ subject: OTHER }), match()],
    ],
    'the verdict is about',
  ],
  [
    'a store that cannot be read',
    [
      [0, pass(), match()],
      [1, pass(), { kind: 'unreadable', reason: 'denied' }],
    ],
    'denied',
  ],
  ['a store that nobody looked at', [[0, pass(), { kind: 'not-asked' }]], 'not looked at'],
  [
    'a revocation',
    [
      [0, pass(), match()],
      [1, { kind: 'revoked', reason: 'backdoor' }, match()],
    ],
    'revoked: backdoor',
  ],
  [
    'a refusal',
    [
      [0, pass(), match()],
      [1, { kind: 'refused', reason: 'abc' }, match()],
    ],
    'refuses the version',
  ],
  [
    'an incident',
    [
      [0, pass(), match()],
      [1, pass(), match(), 'VLM-7'],
    ],
    'an incident is open: VLM-7',
  ],
  [
    'a revocation, although the ledger goes away afterwards',
    [
      [0, pass(), match()],
      [1, { kind: 'revoked', reason: 'backdoor' }, match()],
      [2, UNREACHABLE, match()],
    ],
    'the ledger cannot be read',
  ],
  [
    'no ledger past end and grace',
    [
      [0, pass(), match()],
      [12, UNREACHABLE, match()],
    ],
    'its grace have ended',
  ],
  [
    'no ledger past the grace, under a verdict without an end',
    [
      [0, pass({ validUntil: null }), match()],
      [2, UNREACHABLE, match()],
    ],
    'its grace have ended',
  ],
  [
    'the end, where the route says so',
    [
      [0, pass(), match()],
      [10, pass(), match()],
    ],
    'closes with it',
    { ...RULES, atExpiry: 'close' },
  ],
  [
    'the end without a ledger, where the route says so',
    [
      [0, pass(), match()],
      [10, UNREACHABLE, match()],
    ],
    'closes with it',
    { ...RULES, atExpiry: 'close' },
  ],
  ['a verdict that ended longer ago than the grace, at the start', [[12, pass(), match()]], 'the verdict ended at'],
  [
    'a store that gives no answer',
    [
      [0, pass(), match()],
      [0, pass(), BUSY],
    ],
    'did not answer',
  ],
  ['a canary that was never answered', [[0, pass(), BUSY]], 'did not answer', { ...RULES, by: 'canary' }],
  [
    'a canary that is left unanswered',
    [
      [0, pass(), match()],
      [1, pass(), BUSY],
    ],
    'did not answer',
    { ...RULES, by: 'canary' },
  ],
];

const OPEN: readonly Row<readonly string[]>[] = [
  ['a verdict and a model that fit', [[0, pass(), match()]], []],
  ['a declared model', [[0, pass(), { kind: 'not-asked' }]], [], { ...RULES, by: 'declared' }],
  [
    'no ledger before the end',
    [
      [0, pass(), match()],
      [9.5, UNREACHABLE, match()],
    ],
    ['verdict-ends-soon', 'ledger-unreachable'],
  ],
  [
    'no ledger within the grace',
    [
      [0, pass(), match()],
      [11.9, UNREACHABLE, match()],
    ],
    ['verdict-ended', 'ledger-unreachable'],
  ],
  ['the last tenth of its time', [[7, pass(), match()]], ['verdict-ends-soon']],
  [
    'past the end, for what serves already',
    [
      [9, pass(), match()],
      [9_000, pass(), match()],
    ],
    ['verdict-ended'],
  ],
  ['a restart within the grace', [[11, pass(), match()]], ['verdict-ended']],
  [
    'a restored model after a new look',
    [
      [0, pass(), { kind: 'mismatch', reason: 'x' }],
      [1, pass(), match()],
    ],
    [],
  ],
  [
    'an incident that was closed',
    [
      [0, pass(), match(), 'VLM-7'],
      [1, pass(), match()],
    ],
    [],
  ],
  [
    'a canary that is unanswered for a moment',
    [
      [0, pass(), match()],
      [15 / 3600, pass(), BUSY],
    ],
    ['model-unanswered'],
    { ...RULES, by: 'canary' },
  ],
];

function named<T>(rows: readonly Row<T>[]) {
  return rows.map(([name, looks, expected, rules = RULES]) => ({ name, looks, expected, rules }));
}

describe('a route', () => {
  it.each(named(CLOSED))('is closed by $name', ({ looks, expected: reason, rules }) => {
    const { gate, alerts } = after(looks, rules);
    expect(gate).toEqual({ open: false, reason: expect.stringContaining(reason) as string });
    expect(alerts).toContainEqual({ code: 'route-closed', message: gate.open ? '' : gate.reason });
  });

  it.each(named(OPEN))('is open with $name', ({ looks, expected: alerts, rules }) => {
    const state = after(looks, rules);
    expect(state.gate).toMatchObject({ open: true, subject: MODEL, statement: sha256('verdict') });
    expect(codes(state)).toEqual(alerts);
  });

  it('tells an alert once, and another reason for being closed as news', () => {
    const look = (verdict: VerdictLook): Looks => ({ at: T0, verdict, integrity: match() });
    const first = stepServing(FIRST_STATE, look(UNREACHABLE), RULES);
    expect(first.raised.map(({ code }) => code)).toEqual(['ledger-unreachable', 'route-closed']);
    const second = stepServing(first.state, look(UNREACHABLE), RULES);
    expect(second.raised).toEqual([]);
    const third = stepServing(second.state, look({ kind: 'revoked', reason: 'x' }), RULES);
    expect(third.raised.map(({ code }) => code)).toEqual(['route-closed']);
  });

  it('keeps since when the ledger cannot be read', () => {
    const { alerts } = after([
      [0, pass(), match()],
      [1, UNREACHABLE, match()],
      [2, UNREACHABLE, match()],
    ]);
    expect(alerts[0]?.message).toContain('2026-06-01T01:00:00.000Z');
  });
});

describe('the answer that workers get', () => {
  const until = (state: ServingState): number => (state.gate.open ? state.gate.until : NaN);

  it('holds without news until the end and the grace', () => {
    expect(until(after([[0, pass(), match()]]))).toBe(T0 + 12 * HOUR);
    expect(until(after([[0, pass({ validUntil: null }), match()]]))).toBe(T0 + 2 * HOUR);
    expect(until(after([[0, pass(), match()]], { ...RULES, atExpiry: 'close' }))).toBe(T0 + 10 * HOUR);
  });

  it('holds for three intervals when the verdict ended long ago', () => {
    const state = after([
      [9, pass(), match()],
      [50, pass(), match()],
    ]);
    expect(until(state)).toBe(T0 + 50 * HOUR + 15_000);
  });

  it('is a refusal that tells the caller nothing', () => {
    const { gate } = after([[0, pass(), match()]]);
    expect(refusalAt(gate, T0 + 12 * HOUR - 1)).toBeUndefined();
    expect(refusalAt(gate, T0 + 12 * HOUR)).toMatchObject({ code: 'not-served', status: 503 });
    expect(refusalAt(NOT_LOOKED_YET, T0)).toMatchObject({ code: 'not-served' });
    expect(refusalAt(JSON.parse(JSON.stringify(OPEN_WITHOUT_VERDICT)) as typeof gate, T0)).toBeUndefined();
    expect(refusalAt({ open: true, until: NaN }, T0)).toMatchObject({ code: 'not-served' });
  });
});
