// Calibrated thresholds, measured on streams that the calibration has not seen: false alarms come no oftener than asked, and
// a shift is found long before a false alarm would come.
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../random.js';
import { calibrateThreshold } from './calibrate.js';
import { createDetector } from './detectors.js';
import type { DetectorOptions } from './detectors.js';

const ERT = 500;

/** Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Heavy on one side: nothing about the calibration is normal. */
const exponential = (random: () => number): number => -Math.log(1 - random());
const error = (random: () => number): number => Number(random() < 0.2);

interface Case {
  readonly detector: DetectorOptions;
  readonly draw: (random: () => number) => number;
  /** The same after a shift. */
  readonly shifted: (random: () => number) => number;
  /** Mean delay that is allowed; the false alarms come after 500. */
  readonly delay: number;
}

const cases: readonly Case[] = [
  { detector: { kind: 'cusum', mean: 0, deviation: 1 }, draw: normal, shifted: (r) => normal(r) + 1, delay: 12 },
  {
    detector: { kind: 'cusum', mean: 1, deviation: 1 },
    draw: exponential,
    shifted: (r) => exponential(r) + 1,
    delay: 20,
  },
  { detector: { kind: 'page-hinkley', delta: 0.2 }, draw: normal, shifted: (r) => normal(r) + 1, delay: 25 },
  { detector: { kind: 'ddm' }, draw: error, shifted: (r) => Number(r() < 0.6), delay: 40 },
  { detector: { kind: 'adwin', clock: 8 }, draw: normal, shifted: (r) => normal(r) + 1, delay: 60 },
  { detector: { kind: 'kswin' }, draw: normal, shifted: (r) => normal(r) + 1.5, delay: 40 },
];

/** Some detectors grow blunter with time (DDM, ADWIN), and then a stream without shift may never alarm: here it ends. */
const LONGEST = 6 * ERT;

/** Values until the first alarm of a fresh detector, at most LONGEST, where the shift comes after `quiet` values. */
function runLength(options: DetectorOptions, random: () => number, { draw, shifted }: Case, quiet: number): number {
  const detector = createDetector(options);
  for (let i = 1; i < LONGEST; i += 1)
    if (detector.update(i > quiet ? shifted(random) : draw(random)) === 'drift') return i;
  return LONGEST;
}

describe.each(cases)('$detector.kind calibrated to one false alarm in 500 values', (one) => {
  const random = mulberry32(20);
  const reference = Float64Array.from({ length: 5000 }, () => one.draw(random));
  const calibration = calibrateThreshold({ detector: one.detector, ert: ERT, reference, seed: 4 });

  it('states its own error, and its bound is what was asked for', () => {
    expect(calibration.low).toBeGreaterThanOrEqual(ERT);
    expect(calibration.estimate).toBeGreaterThan(calibration.low);
    expect(calibration.estimate).toBeLessThan(2 * ERT);
    expect(calibration.alarms).toBeGreaterThan(100);
  });

  it('has no more false alarms than that in 200 new streams: the 95 % interval reaches 500', () => {
    const fresh = mulberry32(77);
    // From the reference: its own error as a sample of a population is not in the promise.
    const quiet = { ...one, draw: (r: () => number) => reference[Math.floor(r() * reference.length)] as number };
    const lengths = Array.from({ length: 200 }, () => runLength(calibration.detector, fresh, quiet, Infinity));
    const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    const variance = lengths.reduce((sum, length) => sum + (length - mean) ** 2, 0) / (lengths.length - 1);
    expect(mean + 1.96 * Math.sqrt(variance / lengths.length)).toBeGreaterThanOrEqual(ERT);
    // Not bought by silence either.
    expect(mean).toBeLessThan(3 * ERT);
  });

  it('finds a shift after 150 values soon (mean of 200 streams that had no false alarm before)', () => {
    const fresh = mulberry32(78);
    const delays = Array.from({ length: 200 }, () => runLength(calibration.detector, fresh, one, 150) - 150);
    const after = delays.filter((delay) => delay > 0);
    expect(after.length).toBeGreaterThan(90);
    expect(after.reduce((sum, delay) => sum + delay, 0) / after.length).toBeLessThan(one.delay);
  });
});

describe('calibration', () => {
  const reference = Float64Array.from({ length: 1000 }, mulberry32(1));
  const detector = { kind: 'cusum', mean: 0.5, deviation: 0.29 } as const;

  it('repeats from the same seed', () => {
    const options = { detector, ert: 100, reference, seed: 9, runs: 50 };
    expect(calibrateThreshold(options)).toEqual(calibrateThreshold(options));
  });

  it('refuses what it cannot simulate, a reference without tails and one that never alarms', () => {
    const refused = expect.objectContaining({ code: 'STATS_INPUT' }) as Error;
    expect(() => calibrateThreshold({ detector, ert: 1e7, reference, seed: 1 })).toThrow(refused);
    expect(() => calibrateThreshold({ detector, ert: 100, reference: reference.slice(0, 99), seed: 1 })).toThrow(
      refused,
    );
    const nan = Float64Array.from({ length: 200 }, () => Number.NaN);
    expect(() => calibrateThreshold({ detector, ert: 100, reference: nan, seed: 1 })).toThrow(refused);
  });

  it('gives a threshold for a constant reference: anything else is drift', () => {
    const constant = new Float64Array(200).fill(3);
    const { detector: calibrated } = calibrateThreshold({
      detector: { kind: 'page-hinkley' },
      ert: 100,
      reference: constant,
      seed: 1,
    });
    const fresh = createDetector(calibrated);
    const said = Array.from({ length: 400 }, (_, i) => fresh.update(i < 200 ? 3 : 4));
    expect(said.slice(0, 200)).not.toContain('drift');
    expect(said.slice(200, 215)).toContain('drift');
  });
});
