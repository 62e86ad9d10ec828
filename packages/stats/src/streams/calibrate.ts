// The threshold for a given expected time between false alarms, by simulation: values are drawn from the reference with
// replacement, many fresh detectors run, and the threshold is the one at which the first false alarms come late enough.
//
// A detector's score does not depend on its threshold until the first alarm, so one simulation serves all thresholds: of each
// run only the record highs are kept. What is asked for is met by the lower bound of the estimate, not by the estimate.
//
// What it does not cover: values that depend on each other in time (a daily season, a slow drift of the sensor) alarm more
// often than independent draws. And the reference is itself a sample: its mean is off by s / sqrt(n), which a CUSUM sums up.
// With 5,000 skewed values and a true mean put into the detector, the 95 % interval of the run length ended at 411 where 500
// were asked for; take mean and deviation from the same reference, and a long one.
import { mulberry32 } from '../random.js';
import { refuseInput } from '../samples.js';
import { createDetector } from './detectors.js';
import type { DetectorOptions } from './detectors.js';
import { requireRange } from './detector.js';

export interface CalibrationOptions {
  readonly detector: DetectorOptions;
  /** Expected values from a fresh start to the first false alarm. */
  readonly ert: number;
  /** Values without drift, at least 100, finite. */
  readonly reference: Float64Array;
  readonly seed: number;
  /** Simulated streams of 2 ert values each; default 200. */
  readonly runs?: number;
}

export interface Calibration {
  /** The options that were given, with their threshold (ADWIN: delta). */
  readonly detector: DetectorOptions;
  readonly threshold: number;
  readonly runs: number;
  /** Simulated false alarms at this threshold, in `runs` streams that end at their first alarm or after 2 ert values. */
  readonly alarms: number;
  /** Expected values to a false alarm at this threshold: estimate, and the bound that it exceeds with 95 % confidence. */
  readonly estimate: number;
  readonly low: number;
}

/** Updates in all: some seconds to a minute, by detector. */
const MOST_UPDATES = 200_000_000;
/** One-sided 95 % point of the normal distribution. */
const Z = 1.6448536269514722;

interface Highs {
  /** Value index (from 1) of each new record, and the record. */
  readonly times: readonly number[];
  readonly scores: readonly number[];
}

/** @throws VallumError `STATS_INPUT` if the simulation would be too long, or if no threshold is high enough */
export function calibrateThreshold(options: CalibrationOptions): Calibration {
  const { detector, ert, reference, seed, runs = 200 } = options;
  requireRange('ert', ert, 10, 1e9);
  requireRange('runs', runs, 50, 1e6);
  if (reference.length < 100) throw refuseInput(`a reference of ${reference.length} values; at least 100 are needed`);
  const length = Math.ceil(2 * ert);
  if (runs * length > MOST_UPDATES)
    throw refuseInput(
      `${runs} streams of ${length} values are too many to simulate`,
      'ask for a shorter time between false alarms, or for fewer runs',
    );
  const random = mulberry32(seed);
  const simulated = Array.from({ length: runs }, (_, run) =>
    simulate(untriggered(detector, run), reference, length, random),
  );
  const candidates = Float64Array.from(simulated.flatMap(({ scores }) => scores)).sort();
  // The smallest record that, as a threshold, keeps the bound above what was asked for: alarms only get fewer with it.
  let [low, high] = [0, candidates.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runLength(simulated, candidates[middle] as number, length).low >= ert) high = middle;
    else low = middle + 1;
  }
  const threshold = candidates[low];
  if (threshold === undefined || !Number.isFinite(threshold))
    throw refuseInput('no threshold makes false alarms so rare', 'choose another detector, or a shorter expected time');
  return { detector: withThreshold(detector, threshold), threshold, runs, ...runLength(simulated, threshold, length) };
}

function simulate(options: DetectorOptions, reference: Float64Array, length: number, random: () => number): Highs {
  const detector = createDetector(options);
  const times: number[] = [];
  const scores: number[] = [];
  let highest = -Infinity;
  for (let i = 1; i <= length; i += 1) {
    detector.update(reference[Math.floor(random() * reference.length)] as number);
    if (detector.score > highest) {
      highest = detector.score;
      times.push(i);
      scores.push(highest);
    }
  }
  return { times, scores };
}

/**
 * Mean time to the first score above the threshold where streams end at `length`: time at risk over alarms, which is the
 * maximum-likelihood estimate for a constant risk. A risk that falls with time (ADWIN, DDM) makes the truth longer.
 */
function runLength(simulated: readonly Highs[], threshold: number, length: number) {
  let alarms = 0;
  let time = 0;
  for (const { times, scores } of simulated) {
    const at = scores.findIndex((score) => score > threshold);
    if (at >= 0) alarms += 1;
    time += at < 0 ? length : (times[at] as number);
  }
  const estimate = alarms === 0 ? time : time / alarms;
  // The logarithm of the estimate has standard error 1 / sqrt(alarms); no alarm at all: exp(-3) = 5 %.
  return { alarms, estimate, low: alarms === 0 ? time / 3 : estimate * Math.exp(-Z / Math.sqrt(alarms)) };
}

/** The same detector, never alarmed; KSWIN draws differently in each run. */
function untriggered(detector: DetectorOptions, run: number): DetectorOptions {
  switch (detector.kind) {
    case 'adwin':
      return { ...detector, delta: Number.MIN_VALUE };
    case 'kswin':
      return { ...detector, threshold: 1, seed: run + 1 };
    case 'cusum':
    case 'ddm':
    case 'page-hinkley':
      return { ...detector, threshold: Number.MAX_VALUE };
  }
}

function withThreshold(detector: DetectorOptions, threshold: number): DetectorOptions {
  if (detector.kind === 'adwin') return { ...detector, delta: Math.min(1, Math.exp(-threshold)) };
  return { ...detector, threshold };
}
