// What all stream detectors have in common: one value at a time, bounded memory, and a state that survives a restart.
import type { JsonObject } from '@vallum/core';
import { refuseInput } from '../samples.js';

export type StreamStatus = 'stable' | 'warning' | 'drift';

export interface StreamDetector {
  /**
   * Takes the next value. After `drift` the detector begins anew (KSWIN: with its newest values).
   * @throws VallumError `STATS_INPUT` for NaN and infinities; the state is then as before
   */
  update(value: number): StreamStatus;
  /**
   * How strongly the last value speaks for a change, on the scale of the threshold: `drift` is score above threshold. It does
   * not depend on the threshold as long as there was no drift, which is what calibration uses.
   */
  readonly score: number;
  /** Everything that the next updates depend on; `restoreDetector` continues from it exactly. */
  state(): JsonObject;
}

export function requireFinite(value: number): void {
  if (!Number.isFinite(value))
    throw refuseInput(`a stream detector takes finite numbers, not ${value}`, 'Count missing values apart.');
}

/** For parameters: the caller's, or a person's configuration. */
export function requireRange(name: string, value: number, least: number, most: number): void {
  if (!(value >= least && value <= most)) throw refuseInput(`${name} lies from ${least} to ${most}, not at ${value}`);
}
