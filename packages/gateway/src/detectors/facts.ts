// What each detector is called, points at and weighs: detectors.json, typed.
import data from './detectors.json' with { type: 'json' };
import type { Step } from './step.js';

export type DetectorId =
  | 'probing'
  | 'descent'
  | 'climb'
  | 'boundary'
  | 'crowd'
  | 'tethered'
  | 'coverage'
  | 'prada'
  | 'pairs'
  | 'membership'
  | 'uncertain'
  | 'flood';

export interface DetectorFacts {
  readonly id: DetectorId;
  readonly what: string;
  /** Id of MITRE ATLAS. */
  readonly technique: string;
  /** In the detector's own measure. */
  readonly threshold: number;
  /** Added to a principal's score each time the detector speaks. */
  readonly points: number;
  /** The highest step that it can bring about alone. */
  readonly most: Step;
  readonly source: string;
}

const FACTS = new Map((data.detectors as readonly DetectorFacts[]).map((facts) => [facts.id, facts]));

/** Score from which a step holds. */
export const STEP_SCORES: Readonly<Record<Exclude<Step, 'observe'>, number>> = data.steps;

export function detectorFacts(id: DetectorId): DetectorFacts {
  const facts = FACTS.get(id);
  if (facts === undefined) throw new Error(`detectors.json has no ${id}`);
  return facts;
}

/** What a detector saw. */
export interface Sighting {
  readonly detector: DetectorId;
  readonly score: number;
  /** Queries that it looked at. */
  readonly window: number;
  /** Ids of decisions, at most 20. */
  readonly decisions: readonly string[];
}

/** A sighting with what it is measured against and what it points at. */
export interface Signal extends Sighting {
  readonly threshold: number;
  readonly technique: string;
}

export function signalOf(sighting: Sighting): Signal {
  const { threshold, technique } = detectorFacts(sighting.detector);
  return { ...sighting, threshold, technique };
}

const MOST_DECISIONS = 20;

/** The last ids of decisions, in order. */
export class LastDecisions {
  #ids: string[] = [];

  add(id: string): void {
    if (this.#ids.length >= MOST_DECISIONS) this.#ids.shift();
    this.#ids.push(id);
  }

  get ids(): readonly string[] {
    return [...this.#ids];
  }
}
