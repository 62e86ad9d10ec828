// Stream detectors against River 0.26.1: where they alarm on seeded streams, frozen (recipe in `oracle`), and what all of
// them have in common: exact restart, refusal of what is no number, bounded state.
import { canonicalJson, parseJsonStrict } from '@vallum/core';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../random.js';
import { Adwin } from './adwin.js';
import { createDetector, restoreDetector } from './detectors.js';
import type { DetectorOptions } from './detectors.js';
import type { StreamDetector } from './detector.js';

/** 4000 draws of mulberry32; the level is added (uniform), or is the probability of a 1 (bits). */
function stream(seed: number, levels: readonly [number, number, number, number], kind: 'uniform' | 'bits'): number[] {
  const random = mulberry32(seed);
  return Array.from({ length: 4000 }, (_, i) => {
    const level = levels[Math.floor(i / 1000)] as number;
    return kind === 'uniform' ? random() + level : Number(random() < level);
  });
}

const uniform = (seed: number): number[] => stream(seed, [0, 0.3, -0.2, 0.05], 'uniform');
const bits = (seed: number): number[] => stream(seed, [0.2, 0.35, 0.1, 0.3], 'bits');

function alarms(detector: StreamDetector, values: readonly number[]): number[] {
  return values.flatMap((value, i) => (detector.update(value) === 'drift' ? [i] : []));
}

/** What River says: alarms of ADWIN, of ADWIN with other options on bits, of two Page-Hinkleys and of DDM. */
const oracle = [
  {
    seed: 1,
    adwin: [1055, 2047, 3103],
    other: [1259, 2092, 3043],
    hinkley: [1027, 2016, 3029, 3931],
    nervous: [
      220, 405, 560, 673, 751, 1017, 1165, 1219, 1400, 1468, 1515, 1754, 2002, 2173, 2448, 2511, 2646, 3002, 3052, 3260,
      3770, 3885,
    ],
    ddm: [1216, 3339],
    windows: [
      [500, 0.482921345315408, 41.74033177453574],
      [444, 0.8097153402753828, 34.66653959969457],
      [896, 0.5466369501915923, 75.80783679289043],
    ],
  },
  {
    seed: 2,
    adwin: [1055, 2047, 3071],
    other: [1161, 2066, 3088],
    hinkley: [1031, 2008, 3029],
    nervous: [
      247, 720, 860, 1006, 1259, 1543, 1663, 1815, 1941, 2004, 2137, 2271, 2664, 2771, 2878, 2950, 3006, 3391, 3651,
      3787, 3923,
    ],
    ddm: [1402, 3354],
    windows: [
      [500, 0.4949611715557985, 42.0618992064452],
      [444, 0.798913306497497, 35.49837137171797],
      [928, 0.5451041209108098, 74.57276287232773],
    ],
  },
  {
    seed: 3,
    adwin: [1087, 2047, 3071],
    other: [1066, 2075, 3080],
    hinkley: [1023, 2021, 3038],
    nervous: [
      88, 159, 267, 374, 825, 891, 984, 1051, 1266, 1668, 1839, 1950, 2007, 2044, 2224, 2459, 2612, 2926, 3014, 3175,
      3326, 3623, 3832,
    ],
    ddm: [1380, 3263],
    windows: [
      [500, 0.5010760225346312, 40.19318021473807],
      [412, 0.8001998885350535, 33.29678370295612],
      [928, 0.538171090863418, 76.35516345093915],
    ],
  },
];

describe.each(oracle)('streams of seed $seed', ({ seed, adwin, other, hinkley, nervous, ddm, windows }) => {
  it('alarm where River does', () => {
    expect(alarms(createDetector({ kind: 'adwin' }), uniform(seed))).toEqual(adwin);
    const options = { kind: 'adwin', delta: 0.05, clock: 1, maxBuckets: 3, minWindow: 10, grace: 20 } as const;
    expect(alarms(createDetector(options), bits(seed))).toEqual(other);
    const page = { kind: 'page-hinkley', threshold: 10, delta: 0.02 } as const;
    expect(alarms(createDetector(page), uniform(seed))).toEqual(hinkley);
    expect(alarms(createDetector({ kind: 'page-hinkley', threshold: 5 }), uniform(seed))).toEqual(nervous);
    expect(alarms(createDetector({ kind: 'ddm' }), bits(seed))).toEqual(ddm);
  });

  it("has River's window of ADWIN: width, mean, sum of squares", () => {
    const detector = new Adwin({ kind: 'adwin' });
    const seen: [number, number, number][] = [];
    uniform(seed).forEach((value, i) => {
      detector.update(value);
      if ([499, 1499, 3999].includes(i))
        seen.push([detector.width, detector.mean, detector.state()['squares'] as number]);
    });
    seen.flat().forEach((figure, i) => expect(figure / (windows.flat()[i] as number)).toBeCloseTo(1, 11));
  });
});

const every: DetectorOptions[] = [
  { kind: 'adwin' },
  { kind: 'cusum', mean: 0.2, deviation: 0.4 },
  { kind: 'ddm' },
  { kind: 'kswin' },
  { kind: 'page-hinkley', threshold: 5 },
];

describe.each(every)('$kind', (options) => {
  it('continues exactly after a restart, at any place', () => {
    const values = bits(7);
    const through = createDetector(options);
    let restarted = createDetector(options);
    values.forEach((value, i) => {
      const status = through.update(value);
      if (i % 37 === 0) restarted = restoreDetector(parseJsonStrict(canonicalJson(restarted.state())));
      expect(restarted.update(value)).toBe(status);
    });
    expect(restarted.state()).toEqual(through.state());
  });

  it('refuses NaN and infinities and stays as it was', () => {
    const detector = createDetector(options);
    bits(3)
      .slice(0, 500)
      .forEach((value) => detector.update(value));
    const before = detector.state();
    for (const value of [Number.NaN, Infinity, -Infinity])
      expect(() => detector.update(value)).toThrow(expect.objectContaining({ code: 'STATS_INPUT' }));
    expect(detector.state()).toEqual(before);
  });

  it('keeps a bounded state', () => {
    const detector = createDetector(options);
    const random = mulberry32(5);
    for (let i = 0; i < 50_000; i += 1) detector.update(Number(random() < 0.2));
    expect(canonicalJson(detector.state()).length).toBeLessThan(6000);
  });

  it('refuses states that it did not write', () => {
    const state = createDetector(options).state();
    for (const key of Object.keys(state))
      expect(() => restoreDetector({ ...state, [key]: { not: 'this' } }), key).toThrow(
        expect.objectContaining({ code: 'STREAM_STATE' }),
      );
    expect(() => restoreDetector([])).toThrow(expect.objectContaining({ code: 'STREAM_STATE' }));
    expect(() => restoreDetector({ kind: 'oracle' })).toThrow(expect.objectContaining({ code: 'STREAM_STATE' }));
  });
});

describe('values beyond 2^53', () => {
  it.each(['adwin', 'page-hinkley', 'kswin'] as const)('survive a restart of %s', (kind) => {
    const detector = createDetector({ kind });
    for (let i = 0; i < 40; i += 1) detector.update(2 ** 60 + i * 2 ** 50);
    const again = restoreDetector(parseJsonStrict(canonicalJson(detector.state())));
    expect(again.state()).toEqual(detector.state());
  });
});

describe('DDM', () => {
  it('warns before it alarms, and takes only 0 and 1', () => {
    const detector = createDetector({ kind: 'ddm' });
    const said = bits(1).map((value) => detector.update(value));
    expect(said.indexOf('warning')).toBeLessThan(said.indexOf('drift'));
    expect(() => detector.update(0.5)).toThrow('0 or 1');
  });
});

describe('CUSUM', () => {
  it('is the recursion by hand', () => {
    const detector = createDetector({ kind: 'cusum', mean: 10, deviation: 2, slack: 0.5, threshold: 2 });
    // z = 1, 1, -1, 2.5: up = 0.5, 1, 0, 2; then 3.5 alarms and begins anew.
    const scores = [12, 12, 8, 15].map((value) => [detector.update(value), detector.score]);
    expect(scores).toEqual([
      ['stable', 0.5],
      ['stable', 1],
      ['stable', 0.5],
      ['stable', 2],
    ]);
    expect(detector.update(14)).toBe('drift');
    expect(detector.state()).toMatchObject({ up: 0, down: 0 });
  });
});

describe('KSWIN', () => {
  it('has the critical distance of scipy: 13 of 30 is significant at 0.01, 14 at 0.005', () => {
    expect(createDetector({ kind: 'kswin', alpha: 0.01 }).state()['threshold']).toBe(12 / 30);
    expect(createDetector({ kind: 'kswin' }).state()['threshold']).toBe(13 / 30);
  });

  it('sees a change of spread that leaves the mean alone', () => {
    const random = mulberry32(11);
    const detector = createDetector({ kind: 'kswin' });
    const found = Array.from({ length: 600 }, (_, i) => detector.update((random() - 0.5) * (i < 300 ? 1 : 8)));
    expect(found.slice(300, 400)).toContain('drift');
  });
});
