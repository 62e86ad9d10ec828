// Steps go up at once and down late; nothing goes beyond what route, detector and the blocks of an hour allow.
import { describe, expect, it } from 'vitest';
import { detectorFacts } from './facts.js';
import type { DetectorId, Sighting } from './facts.js';
import { Scorer } from './scorer.js';
import type { Account, Change } from './scorer.js';
import type { Step } from './step.js';

const HOUR = 3_600_000;
const ada: Account = { principal: 'ada', route: 'r', own: false, most: 'block' };
const saw = (detector: DetectorId): Sighting => ({ detector, score: 99, window: 10, decisions: ['d'] });

function push(scorer: Scorer, account: Account, times: number, detector: DetectorId = 'probing', at = 0): Change[] {
  const changes = Array.from({ length: times }, () => scorer.add(account, saw(detector), at));
  return changes.filter((change) => change !== undefined);
}

const scorer = (blocksPerHour = 10): Scorer => new Scorer({ halfLifeSeconds: 3_600, blocksPerHour });
const steps = (changes: readonly Change[]): Step[] => changes.map(({ to }) => to);

describe('the score of a caller', () => {
  it('moves it step by step, and tells workers only who is not on observe', () => {
    const one = scorer();
    const changes = push(one, ada, 4);
    expect(steps(changes)).toEqual(['tighten', 'degrade', 'block']);
    expect(changes[2]?.signals).toEqual([
      { ...saw('probing'), threshold: detectorFacts('probing').threshold, technique: 'AML.T0043.001' },
    ]);
    expect([...one.postures]).toEqual([['ada\0r', 'block']]);
  });

  it('leaks away: each step ends at half of what brought it about', () => {
    const one = scorer();
    push(one, ada, 4);
    expect(steps(one.sweep(HOUR))).toEqual([]);
    expect(steps(one.sweep(1.5 * HOUR))).toEqual(['degrade']);
    expect(steps(one.sweep(2.9 * HOUR))).toEqual(['tighten']);
    expect(steps(one.sweep(4 * HOUR))).toEqual(['observe']);
    expect(one.postures.size).toBe(0);
  });

  it('does not grow when a clock goes back', () => {
    const one = scorer();
    push(one, ada, 4, 'probing', 10 * HOUR);
    expect(one.sweep(0)).toEqual([]);
    expect(one.postures.get('ada\0r')).toBe('block');
  });

  it('stays below what the detector may bring about alone; two of them may degrade', () => {
    const one = scorer();
    expect(steps(push(one, ada, 50, 'prada'))).toEqual(['tighten']);
    expect(steps(push(one, ada, 2, 'uncertain'))).toEqual(['degrade']);
    expect(push(one, ada, 50, 'uncertain')).toEqual([]);
  });

  it('stays below what the route allows, and says once what it would have been', () => {
    const one = scorer();
    const changes = push(one, { ...ada, most: 'tighten' }, 20);
    expect(changes.map(({ to, wanted, held }) => [to, wanted, held])).toEqual([
      ['tighten', undefined, undefined],
      ['tighten', 'degrade', 'route'],
      ['tighten', 'block', 'route'],
    ]);
  });

  it('never moves our own assessments, and tells of them', () => {
    const one = scorer();
    const changes = push(one, { ...ada, own: true }, 20);
    expect(changes.map(({ from, to, wanted, held }) => [from, to, wanted, held])).toEqual(
      ['tighten', 'degrade', 'block'].map((wanted) => ['observe', 'observe', wanted, 'own']),
    );
    expect(one.postures.size).toBe(0);
  });
});

describe('automatic blocks', () => {
  it('are capped in any hour; who comes after stays degraded and is told of', () => {
    const one = scorer(2);
    const last = Array.from({ length: 4 }, (_, i) => push(one, { ...ada, principal: `p${i}` }, 4).at(-1));
    expect(last.map((change) => [change?.to, change?.held])).toEqual([
      ['block', undefined],
      ['block', undefined],
      ['degrade', 'blocks-per-hour'],
      ['degrade', 'blocks-per-hour'],
    ]);
    expect(steps(push(one, { ...ada, principal: 'p2' }, 1, 'probing', HOUR))).toEqual(['block']);
  });

  it('can be switched off', () => {
    expect(steps(push(scorer(0), ada, 20))).not.toContain('block');
  });
});

describe('a crowd of accounts', () => {
  it('cannot wash out a block', () => {
    const one = scorer();
    push(one, ada, 6);
    for (let i = 0; i < 20_100; i += 1) one.add({ ...ada, principal: `new${i}` }, saw('flood'), 0);
    expect(one.postures.get('ada\0r')).toBe('block');
  });
});
