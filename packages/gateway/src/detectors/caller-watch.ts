// What is watched about one caller on one route, without regard to others.
import type { Baseline } from './baseline.js';
import { Coverage } from './coverage.js';
import { detectorFacts, LastDecisions } from './facts.js';
import type { DetectorId, Sighting } from './facts.js';
import { Span } from './flood.js';
import type { UsualCost } from './flood.js';
import type { Found } from './memory.js';
import { QueryMemory } from './memory.js';
import { Crowd } from './crowd.js';
import { Pairs } from './pairs.js';
import { Prada } from './prada.js';
import type { QuerySketch } from './sketch.js';
import { Unsure } from './unsure.js';
import type { Confidences } from './unsure.js';

/** Queries of a caller between two sightings of one detector: a state that lasts is no new fact with every query. */
const PAUSE = 20;
/** Of the typical distance between neighbours: this far from all earlier inputs, an input stands for itself. */
const ISOLATED = 0.7;

/** Of the distance to the nearest training row: closer than this to one's own earlier inputs is made from them. */
const TETHER = 0.65;
/** Near what came or was near within so many queries, an input is one more frame of a scene. */
const FILM = 64;

export interface Surroundings {
  /** Id of the query's family of near-duplicates. */
  readonly family: number;
  /** It joined a family that was there: a frame of a film, and no sample of what the caller asks. */
  readonly isCopy: boolean;
  readonly baseline: Baseline;
  /** Distance to the nearest training row. */
  readonly fromTraining: number;
}

export class CallerWatch {
  readonly memory = new QueryMemory();
  readonly coverage = new Coverage();
  readonly #pairs = new Pairs();
  readonly #crowd = new Crowd();
  readonly #prada = new Prada();
  readonly #unsure = new Unsure();
  readonly #span = new Span();
  readonly #decisions = new LastDecisions();
  readonly #spoke = new Map<DetectorId, number>();
  #queries = 0;

  /** Every query, repetitions too. */
  flood({ at, cost, rows, decision }: QuerySketch, usual: UsualCost): Sighting | undefined {
    this.#queries += 1;
    this.#decisions.add(decision);
    const times = this.#span.add(at, cost, rows, usual);
    return this.#when('flood', times, this.#span.window);
  }

  /** Every query that is no repetition. */
  distinct(
    query: QuerySketch,
    found: Found,
    { family, isCopy, baseline, fromTraining }: Surroundings,
  ): readonly Sighting[] {
    const { means, label, at } = query;
    const isNear = found.distance < baseline.near;
    this.#pairs.add(isNear ? this.memory.hit(found.place) : 0, at);
    if (!isNear) this.memory.add(means, label, family, found.distance >= ISOLATED * baseline.cell);
    const isFilm = isCopy || (found.distance < baseline.cell && found.since <= FILM);
    const isTethered = isFilm ? undefined : found.distance < TETHER * fromTraining;
    this.#crowd.add(found, isTethered);
    return present(
      this.#when('boundary', this.#crowd.mixed, this.#crowd.window),
      this.#when('crowd', this.#crowd.crowd, this.#crowd.window),
      this.#when('tethered', this.#crowd.tethered, this.#crowd.window),
      this.#when('pairs', this.#pairs.pairs, this.#pairs.window),
      this.#when('membership', this.#pairs.asked, this.#pairs.window),
      isCopy ? undefined : this.#when('prada', this.#prada.add(found.ofLabel), this.#prada.window),
    );
  }

  unsure(confidence: number, usual: Confidences): Sighting | undefined {
    usual.add(confidence, this.#queries);
    const { low } = usual;
    return low === undefined
      ? undefined
      : this.#when('uncertain', this.#unsure.add(confidence, low), this.#unsure.window);
  }

  /** @param places far places that the caller, or those it is counted with, took by now */
  spread(places: number | undefined, from: Coverage): Sighting | undefined {
    return this.#when('coverage', places, from.window, from.decisions.ids);
  }

  #when(
    detector: DetectorId,
    score: number | undefined,
    window: number,
    decisions: readonly string[] = this.#decisions.ids,
  ): Sighting | undefined {
    if (score === undefined || score < detectorFacts(detector).threshold) return undefined;
    if (this.#queries - (this.#spoke.get(detector) ?? -PAUSE) < PAUSE) return undefined;
    this.#spoke.set(detector, this.#queries);
    return { detector, score, window, decisions };
  }
}

export function present<T>(...values: readonly (T | undefined)[]): readonly T[] {
  return values.filter((value) => value !== undefined);
}
