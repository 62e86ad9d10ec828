// One row for each rule about evidence, each with its clean twin: the same world without the one thing that is wrong.
import { sha256 } from '@vallum/core';
import type { Statement } from '@vallum/core';
import { localTrust, REVOCATION_TYPE } from '@vallum/trust';
import { describe, expect, it } from 'vitest';
import type { Requirement } from '../requirement.js';
import { all, by, revoke, scanWith, short, verdictOf, wrong } from '../testing/say.js';
import {
  approval,
  approved,
  evidence,
  idOf,
  keys,
  log,
  metric,
  MODEL,
  OTHER,
  predicate,
  robust,
  run,
  scan,
  scanned,
  task,
  tested,
  world,
} from '../testing/world.js';
import type { Said } from '../testing/world.js';
import type { JudgeInput } from './input.js';
import { judge } from './judge.js';

describe('the clean world', () => {
  it('passes, and names what it rests on', () => {
    const verdict = judge(world(log(...all)));
    expect(short(verdict)).toBe('pass');
    expect(verdict.evidence).toEqual(all.map(idOf));
    expect(verdict.validUntil).toBe('2026-07-01T10:00:00.000Z');
    expect(verdict).toMatchObject({
      action: 'deploy',
      subject: MODEL,
      waivers: [],
      superseded: [],
      notes: [],
      local: false,
    });
  });

  it('does not change what it is given', () => {
    const input = world(log(...[...all].reverse()));
    const before = JSON.stringify(input.statements);
    judge(input);
    expect(JSON.stringify(input.statements)).toBe(before);
  });
});

describe('evidence with one thing wrong', () => {
  it.each(wrong)('%s', (_, instead, expected) => {
    expect(verdictOf([...instead, tested, approved])).toBe(expected);
    expect(verdictOf([...instead, scanned, tested, approved])).toBe('pass');
  });

  it('a ruleset counts only for kinds that turn stale by it', () => {
    const old = { ...predicate('robustness.report').tool, rules: { sha256: sha256('old') } };
    expect(verdictOf([scanned, by('runner', run({ words: 5, seed: 1 }, 0.1, { tool: old })), approved])).toBe('pass');
  });

  it('inputs are compared by name and digest, and absence is a value', () => {
    const signature = { name: 'model.sig', digest: { sha256: sha256('sig') } };
    const gone = { name: 'model.sig', absent: true } as const;
    const plan = (input: typeof signature | typeof gone) => [
      task('artifact.scan', { inputs: [MODEL, input] }),
      ...world([]).plan.slice(1),
    ];
    const said = [scanWith({ inputs: [signature, MODEL] }), tested, approved];
    expect(verdictOf(said, { plan: plan(signature) })).toBe('pass');
    expect(verdictOf(said, { plan: plan(gone) })).toBe('not-proven scan:stale-inputs');
  });

  it('the age of a kind counts from the end of the run', () => {
    expect(verdictOf([...all], { now: new Date('2026-07-01T09:59:59Z') })).toBe('pass');
    expect(verdictOf([...all], { now: new Date('2026-07-01T10:00:00Z') })).toBe('not-proven robust:expired');
  });

  it('the newest of what is left decides: an expired run hides the older pass', () => {
    expect(verdictOf([scanned, scanWith({ expiresAt: '2026-06-01T11:00:00Z' }), tested, approved])).toBe(
      'not-proven scan:expired',
    );
  });

  it('a clock that is set back hides no failure', () => {
    const later = '2026-06-01T13:00:00Z';
    expect(verdictOf([scanned, scanWith({ outcome: 'fail', finishedAt: later }), tested, approved])).toBe(
      'not-proven scan:not-yet',
    );
    const strong = by('runner', run({ words: 9, seed: 1 }, 0.5, { finishedAt: later }));
    expect(verdictOf([scanned, strong, tested, approved])).toBe('refused robust:not-superseded');
    const early = by('runner', run({ words: 9, seed: 1 }, 0.5));
    const pending = by('runner', run({ words: 9, seed: 1 }, 0.1, { finishedAt: later }));
    expect(verdictOf([scanned, early, pending, tested, approved])).toBe('refused robust:not-superseded');
  });

  it('an expired failure counts no more', () => {
    const old = by('runner', run({ words: 9, seed: 1 }, 0.5, { expiresAt: '2026-06-01T11:00:00Z' }));
    expect(verdictOf([scanned, old, tested, approved])).toBe('pass');
  });

  it('an input that is named twice is never the same input', () => {
    const plan = [task('artifact.scan', { inputs: [MODEL] }), ...world([]).plan.slice(1)];
    expect(verdictOf([scanWith({ inputs: [MODEL, OTHER] }), tested, approved], { plan })).toBe(
      'not-proven scan:stale-inputs',
    );
    expect(verdictOf([scanWith({ inputs: [OTHER, MODEL] }), tested, approved], { plan })).toBe(
      'not-proven scan:stale-inputs',
    );
    expect(verdictOf([scanWith({ inputs: [MODEL] }), tested, approved], { plan })).toBe('pass');
  });

  it('tells the nearest miss and how to mend it', () => {
    const verdict = judge(world(log(by('stranger', scanned[1]), scanWith({ inputs: [MODEL] }), tested, approved)));
    expect(verdict.reasons[0]).toMatchObject({ code: 'stale-inputs', message: /spam-filter@v1/, fix: /vallum check/ });
  });
});

describe('order', () => {
  const fail = scanWith({ outcome: 'fail' });
  it('is the index of the log, never the clock', () => {
    const early = scanWith({ outcome: 'fail', finishedAt: '2026-05-01' });
    expect(verdictOf([scanned, early, tested, approved])).toBe('refused scan:failed');
    expect(verdictOf([early, scanned, tested, approved])).toBe('pass');
  });

  it('does not depend on the order of the list', () => {
    const statements = log(scanned, fail, tested, approved);
    expect(short(judge(world([...statements].reverse())))).toBe('refused scan:failed');
  });

  it('a pass that is appended again does not win over a later failure', () => {
    expect(verdictOf([scanned, fail, scanned, tested, approved])).toBe('refused scan:failed');
    expect(verdictOf([scanned, fail, by('stranger', scanned[1]), tested, approved])).toBe('refused scan:failed');
  });

  it('a copy of a failure under a self-made key does not hide it', () => {
    expect(verdictOf([by('stranger', fail[1]), scanned, fail, tested, approved])).toBe('refused scan:failed');
  });

  it('refused beats not proven, and requirements keep their order', () => {
    expect(verdictOf([by('runner', run({ words: 5, seed: 1 }, 0.5))])).toBe(
      'refused robust:out-of-bounds scan:missing approval:missing',
    );
  });
});

describe('a failing run is superseded only by one with the same or stronger parameters', () => {
  const rows: readonly (readonly [string, Statement<object>, Statement<object>, string])[] = [
    ['the same', run({ words: 5, seed: 1 }, 0.5), run({ words: 5, seed: 1 }), 'pass'],
    ['stronger', run({ words: 5, seed: 1 }, 0.5), run({ words: 9, seed: 1 }), 'pass'],
    ['weaker', run({ words: 9, seed: 1 }, 0.5), run({ words: 5, seed: 1 }), 'refused robust:not-superseded'],
    ['another seed', run({ words: 5, seed: 1 }, 0.5), run({ words: 5, seed: 2 }), 'refused robust:not-superseded'],
    ['one parameter less', run({ words: 5, seed: 1 }, 0.5), run({ words: 5 }), 'refused robust:not-superseded'],
    [
      'an inconclusive run',
      run({ words: 5, seed: 1 }, 0.5),
      run({ words: 5, seed: 1 }, 0.1, { outcome: 'inconclusive', reason: { code: 'timeout', message: 'slow' } }),
      'refused robust:not-superseded robust:timeout',
    ],
  ];
  it.each(rows)('%s', (_, first, second, expected) => {
    const verdict = judge(world(log(scanned, by('runner', first), by('runner', second), approved)));
    expect(short(verdict)).toBe(expected);
    const superseded = {
      requirement: 'robust',
      kind: 'robustness.report',
      evidence: idOf(by('runner', first)),
      by: idOf(by('runner', second)),
    };
    expect(verdict.superseded).toEqual(expected === 'pass' ? [superseded] : []);
  });

  it('a revoked run supersedes nothing, a revoked failure counts no more', () => {
    const strong = by('runner', run({ words: 9, seed: 1 }, 0.5));
    const same = by('runner', run({ words: 9, seed: 1 }));
    const weak = by('runner', run({ words: 5, seed: 1 }));
    const rest = [scanned, approved, strong, same, weak];
    expect(verdictOf(rest)).toBe('pass');
    expect(verdictOf([...rest, revoke({ type: 'statement', id: idOf(same) })])).toBe('refused robust:not-superseded');
    expect(verdictOf([scanned, approved, strong, weak, revoke({ type: 'statement', id: idOf(strong) })])).toBe('pass');
  });
});

describe('a free parameter', () => {
  const scanFor = (classes: readonly string[], outcome: 'pass' | 'fail'): Said =>
    scanWith({ parameters: { approved: classes }, outcome });
  const said = [scanFor([], 'fail'), scanFor(['email'], 'pass'), tested, approved];
  const asked = (free: boolean): Partial<JudgeInput> => ({
    requirements: [{ ...scan, ...(free ? { parameters: { approved: { free: true } } } : {}) }, robust, approval],
  });
  it('may change between a failure and the run that supersedes it', () => {
    expect(verdictOf(said, asked(true))).toBe('pass');
    expect(verdictOf(said, asked(false))).toBe('refused scan:not-superseded');
    expect(verdictOf([...all], asked(true))).toBe('pass');
  });
});

describe('minimum parameters', () => {
  const required = (parameters: Requirement['parameters']): Partial<JudgeInput> => ({
    requirements: [scan, { ...robust, ...(parameters === undefined ? {} : { parameters }) }, approval],
  });
  const rows: readonly (readonly [string, Requirement['parameters'], boolean])[] = [
    ['at least, met', { words: { atLeast: 5 } }, true],
    ['at least, not met', { words: { atLeast: 6 } }, false],
    ['at most, met', { words: { atMost: 5 } }, true],
    ['at most, not met', { words: { atMost: 4 } }, false],
    ['equals, met', { seed: { equals: 1 } }, true],
    ['equals, not met', { seed: { equals: '1' } }, false],
    ['one of, met', { seed: { oneOf: [2, 1] } }, true],
    ['one of, not met', { seed: { oneOf: [2, 3] } }, false],
    ['missing', { budget: { atLeast: 0 } }, false],
    ['of the prototype', { constructor: { oneOf: [null] } }, false],
  ];
  it.each(rows)('%s', (_, parameters, met) => {
    expect(verdictOf([...all], required(parameters))).toBe(met ? 'pass' : 'not-proven robust:weaker-parameters');
  });

  it('a weaker run does not stand in the way of an older one that is strong enough', () => {
    expect(verdictOf([...all, by('runner', run({ words: 1, seed: 1 }, 0.9))])).toBe('pass');
  });
});

describe('a figure is judged on its bound', () => {
  const at = (change: Parameters<typeof metric>[1], high = 0.1): Said =>
    by('runner', run({ words: 5, seed: 1 }, 0.1, { metrics: [metric(high, change)] }));
  const exact = { id: 'evasion-rate', unit: 'share' };
  const rows: readonly (readonly [string, Said, string])[] = [
    ['the upper bound within', at({}, 0.2), 'pass'],
    ['the upper bound above, the value within', at({}, 0.21), 'refused robust:out-of-bounds'],
    [
      'no interval, with a sample',
      by('runner', run({ words: 5, seed: 1 }, 0, { metrics: [{ ...exact, value: 0.1, n: 9 }] })),
      'not-proven robust:no-interval',
    ],
    [
      'no interval, exact',
      by('runner', run({ words: 5, seed: 1 }, 0, { metrics: [{ ...exact, value: 0.2 }] })),
      'pass',
    ],
    [
      'no interval, exact, above',
      by('runner', run({ words: 5, seed: 1 }, 0, { metrics: [{ ...exact, value: 0.3 }] })),
      'refused robust:out-of-bounds',
    ],
    ['an interval that does not hold its value', at({ value: 0.15 }, 0.1), 'not-proven robust:no-interval'],
    [
      'an interval turned round',
      at({ interval: { low: 0.3, high: 0.1, level: 0.95, method: 'x' } }),
      'not-proven robust:no-interval',
    ],
    ['no figure', by('runner', run({ words: 5, seed: 1 }, 0, { metrics: [] })), 'not-proven robust:metric-missing'],
    [
      'the worst of two',
      by('runner', run({ words: 5, seed: 1 }, 0, { metrics: [metric(0.1), metric(0.3)] })),
      'refused robust:out-of-bounds',
    ],
    [
      'a control that fails although the figure is good',
      by('runner', run({ words: 5, seed: 1 }, 0.1, { outcome: 'fail' })),
      'refused robust:failed',
    ],
  ];
  it.each(rows)('%s', (_, report, expected) => {
    expect(verdictOf([scanned, report, approved])).toBe(expected);
  });

  it('on the lower bound for "at least"', () => {
    const least = (bound: number): Partial<JudgeInput> => ({
      requirements: [scan, { ...robust, metric: { id: 'evasion-rate', atLeast: bound } }, approval],
    });
    const report = at({ value: 0.5, interval: { low: 0.4, high: 0.6, level: 0.95, method: 'x' } });
    expect(verdictOf([scanned, report, approved], least(0.4))).toBe('pass');
    expect(verdictOf([scanned, report, approved], least(0.45))).toBe('refused robust:out-of-bounds');
  });

  it('without a threshold it does not pass', () => {
    const requirements = [scan, { ...robust, metric: { id: 'evasion-rate' } }, approval];
    expect(verdictOf([...all], { requirements })).toBe('not-proven robust:no-threshold');
  });
});

describe('the plan', () => {
  const rest = world([]).plan.slice(1);
  it('that is blocked names the file', () => {
    const plan = [
      { kind: 'artifact.scan', blocked: { code: 'DISK_READ', message: 'permission denied', file: 'model.onnx' } },
      ...rest,
    ];
    const verdict = judge(world(log(...all), { plan, subject: { name: MODEL.name } }));
    expect(short(verdict)).toBe('not-proven scan:DISK_READ');
    expect(verdict.reasons[0]?.message).toContain('model.onnx');
  });

  it('that does not name the kind proves nothing', () => {
    expect(verdictOf([...all], { plan: rest })).toBe('not-proven scan:not-planned');
  });

  it('with two subjects of a kind needs evidence about both', () => {
    const data = { name: 'data@v1', digest: { sha256: sha256('data') } };
    const plan = [...world([]).plan, task('artifact.scan', { subject: data })];
    const verdict = judge(world(log(...all), { plan }));
    expect(short(verdict)).toBe('not-proven scan:missing');
    expect(verdict.reasons[0]?.subject).toBe('data@v1');
    expect(verdictOf([...all, by('runner', evidence('artifact.scan', {}, data))], { plan })).toBe('pass');
  });
});

describe('requirements', () => {
  it('of other actions are not asked, and an action without any is not proven', () => {
    expect(verdictOf([tested, approved], { requirements: [{ ...scan, actions: ['export'] }, robust, approval] })).toBe(
      'pass',
    );
    expect(verdictOf([...all], { action: 'export' })).toBe('not-proven verdict:no-requirement');
    expect(verdictOf([...all], { requirements: [] })).toBe('not-proven verdict:no-requirement');
  });

  it('of an unknown kind are not proven', () => {
    expect(verdictOf([...all], { requirements: [{ ...scan, kind: 'x.y' }, robust, approval] })).toBe(
      'not-proven scan:unknown-kind',
    );
  });

  it('can be left out by kind', () => {
    expect(verdictOf([scanned, tested], { except: ['approval.record'] })).toBe('pass');
    expect(verdictOf([scanned, tested])).toBe('not-proven approval:missing');
  });
});

describe('entries that cannot be read', () => {
  const entry = {
    index: 99,
    id: sha256('lost'),
    keyid: keys.runner.keyid,
    type: 'urn:vallum:evidence:artifact.scan:v1',
    subject: MODEL.digest.sha256,
    outcome: 'pass',
  };
  const rows: readonly (readonly [string, Partial<typeof entry>, string])[] = [
    ['newer than the newest', {}, 'not-proven scan:unreadable'],
    ['older, and it passed', { index: -1 }, 'pass'],
    ['older, and it failed', { index: -1, outcome: 'fail' }, 'not-proven scan:unreadable'],
    [
      'older, passed, but with a figure',
      { index: -1, type: 'urn:vallum:evidence:robustness.report:v1' },
      'not-proven robust:unreadable',
    ],
    ['a copy of one that can be read', { index: -1, outcome: 'fail', id: idOf(scanned) }, 'pass'],
    ['by a self-made key', { keyid: keys.stranger.keyid }, 'pass'],
    ['about other bytes', { subject: OTHER.digest.sha256 }, 'pass'],
    ['a revocation', { type: REVOCATION_TYPE, keyid: keys.revoker.keyid }, 'not-proven verdict:unreadable'],
    ['a revocation by somebody who may not', { type: REVOCATION_TYPE }, 'pass'],
    [
      'a newer approval of any bytes',
      { type: 'urn:vallum:evidence:approval.record:v1', keyid: keys.approver.keyid, subject: OTHER.digest.sha256 },
      'not-proven approval:unreadable',
    ],
  ];
  it('of a statement that was appended again keep its first place', () => {
    const fail = scanWith({ outcome: 'fail' });
    const [first, ...rest] = log(scanned, fail, scanned, tested, approved);
    const unreadable = [{ ...entry, index: 0, id: first!.id }];
    expect(short(judge(world(rest, { unreadable })))).toBe('refused scan:failed');
  });

  it('that failed stop to matter once they are revoked', () => {
    const unreadable = [{ ...entry, index: -1, outcome: 'fail' }];
    expect(verdictOf([...all, revoke({ type: 'statement', id: entry.id })], { unreadable })).toBe('pass');
    expect(verdictOf([...all, revoke({ type: 'statement', id: entry.id })], { unreadable: [entry] })).toBe(
      'not-proven scan:unreadable',
    );
  });

  it.each(rows)('%s', (_, change, expected) => {
    expect(verdictOf([...all], { unreadable: [{ ...entry, ...change }] })).toBe(expected);
  });
});

describe('local trust', () => {
  it('is marked, and approves nothing', () => {
    const local = { trust: localTrust(keys.runner) };
    expect(verdictOf([scanned, tested], { ...local, requirements: [scan, robust] })).toBe('pass');
    expect(judge(world(log(scanned, tested), local)).local).toBe(true);
    expect(verdictOf([...all], local)).toBe('not-proven approval:untrusted');
    expect(verdictOf([by('second', scanned[1]), tested], { ...local, requirements: [scan, robust] })).toBe(
      'not-proven scan:untrusted',
    );
  });
});
