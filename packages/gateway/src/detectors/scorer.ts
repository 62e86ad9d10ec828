// From sightings to steps. A score for each caller and route leaks with a half-life; steps go up at once and down late. The step
// never goes beyond what the route allows, what the detectors that spoke may bring about, and how many automatic blocks an hour
// holds: who can make others look bad must not be able to lock them all out.
import { detectorFacts, signalOf, STEP_SCORES } from './facts.js';
import type { DetectorId, Sighting, Signal } from './facts.js';
import type { Postures } from './sketch.js';
import { STEPS } from './step.js';
import type { Step } from './step.js';

export interface ScorerSettings {
  readonly halfLifeSeconds: number;
  /** Automatic blocks in any hour, over all routes. */
  readonly blocksPerHour: number;
}

export interface Account {
  readonly principal: string;
  readonly route: string;
  /** Our own assessment: told about, never moved. */
  readonly own: boolean;
  /** What the route lets happen without a person. */
  readonly most: Step;
}

/** A caller that moved, or that would have moved if something did not hold it. */
export interface Change {
  readonly at: number;
  readonly principal: string;
  readonly route: string;
  readonly from: Step;
  readonly to: Step;
  /** The step that the score alone asks for, when `to` is lower, and what holds it. */
  readonly wanted?: Step;
  readonly held?: 'own' | 'route' | 'blocks-per-hour';
  readonly score: number;
  /** What spoke for it, the last of each detector; empty when the score leaked away. */
  readonly signals: readonly Signal[];
}

/** Accounts with a score, and how many of the oldest are looked at to find the one to forget. */
const MOST_ACCOUNTS = 20_000;
const LOOKED_AT = 64;
/** Of the score that brought a step about: below it the step ends. */
const FALL = 0.5;
/** From here on a detector counts as one that speaks. */
const SPEAKS = 0.5;
const HOUR_MS = 3_600_000;

interface Standing extends Account {
  readonly scores: Map<DetectorId, number>;
  readonly signals: Map<DetectorId, Signal>;
  own: boolean;
  most: Step;
  at: number;
  step: Step;
  told: Step;
}

const rank = (step: Step): number => STEPS.indexOf(step);
const lower = (a: Step, b: Step): Step => (rank(a) < rank(b) ? a : b);

export class Scorer {
  readonly #standings = new Map<string, Standing>();
  readonly #postures = new Map<string, Step>();
  readonly #settings: ScorerSettings;
  #blocks: number[] = [];

  constructor(settings: ScorerSettings) {
    this.#settings = settings;
  }

  /** Steps other than `observe`, for the workers. */
  get postures(): Postures {
    return this.#postures;
  }

  add(account: Account, sighting: Sighting, at: number): Change | undefined {
    const key = `${account.principal}\0${account.route}`;
    let standing = this.#standings.get(key);
    if (standing === undefined) {
      standing = { ...account, scores: new Map(), signals: new Map(), at, step: 'observe', told: 'observe' };
      if (this.#standings.size >= MOST_ACCOUNTS) this.#forgetOne();
    }
    // Put last again: the order is that of last sightings.
    this.#standings.delete(key);
    this.#standings.set(key, standing);
    [standing.own, standing.most] = [account.own, account.most];
    this.#leak(standing, at);
    const { detector } = sighting;
    standing.scores.set(detector, (standing.scores.get(detector) ?? 0) + detectorFacts(detector).points);
    standing.signals.set(detector, signalOf(sighting));
    return this.#settle(key, standing);
  }

  /** Lets scores leak; call it now and then, so that steps end without a query. */
  sweep(at: number): readonly Change[] {
    const changes: Change[] = [];
    for (const [key, standing] of this.#standings) {
      this.#leak(standing, at);
      const change = this.#settle(key, standing);
      if (change !== undefined) changes.push(change);
      if (standing.step === 'observe' && scoreOf(standing) < 0.01) this.#standings.delete(key);
    }
    return changes;
  }

  #leak(standing: Standing, at: number): void {
    const factor = 0.5 ** (Math.max(0, at - standing.at) / 1000 / this.#settings.halfLifeSeconds);
    standing.at = Math.max(standing.at, at);
    for (const [detector, score] of standing.scores) standing.scores.set(detector, score * factor);
  }

  #settle(key: string, standing: Standing): Change | undefined {
    const { step: from, at, principal, route, told } = standing;
    const wanted = wantedStep(standing);
    let to = wanted;
    let held: Change['held'];
    if (standing.own) [to, held] = ['observe', 'own'];
    else if (rank(wanted) > rank(standing.most)) [to, held] = [standing.most, 'route'];
    if (to === 'block' && from !== 'block' && !this.#mayBlock(at)) [to, held] = ['degrade', 'blocks-per-hour'];
    const isHeld = rank(wanted) > rank(to);
    standing.step = to;
    standing.told = wanted;
    if (to === 'observe') this.#postures.delete(key);
    else this.#postures.set(key, to);
    if (to === from && !(isHeld && rank(wanted) > rank(told))) return undefined;
    if (to === 'block' && from !== 'block') this.#blocks.push(at);
    return {
      at,
      principal,
      route,
      from,
      to,
      ...(isHeld && held !== undefined ? { wanted, held } : {}),
      score: scoreOf(standing),
      signals: rank(wanted) < rank(from) ? [] : [...standing.signals.values()],
    };
  }

  #mayBlock(at: number): boolean {
    this.#blocks = this.#blocks.filter((time) => at - time < HOUR_MS);
    return this.#blocks.length < this.#settings.blocksPerHour;
  }

  /** Of the accounts that were quiet longest, the one with the least score: a crowd of new ones cannot wash out a block. */
  #forgetOne(): void {
    let [least, found, seen] = [Infinity, '', 0];
    for (const [key, standing] of this.#standings) {
      const score = scoreOf(standing);
      if (score < least) [least, found] = [score, key];
      if ((seen += 1) >= LOOKED_AT) break;
    }
    this.#standings.delete(found);
    this.#postures.delete(found);
  }
}

function scoreOf({ scores }: Standing): number {
  let sum = 0;
  for (const score of scores.values()) sum += score;
  return sum;
}

/** The highest step that the score reaches and that those who speak may bring about: one alone its own, two at least `degrade`. */
function wantedStep(standing: Standing): Step {
  const score = scoreOf(standing);
  let reached: Step = 'observe';
  for (const step of ['tighten', 'degrade', 'block'] as const) {
    const isThere = rank(standing.told) >= rank(step);
    if (score >= STEP_SCORES[step] * (isThere ? FALL : 1)) reached = step;
  }
  const speaking = [...standing.scores].filter(([, points]) => points >= SPEAKS).map(([detector]) => detector);
  let allowed: Step = speaking.length >= 2 ? 'degrade' : 'tighten';
  for (const detector of speaking) {
    const { most } = detectorFacts(detector);
    if (rank(most) > rank(allowed)) allowed = most;
  }
  return lower(reached, allowed);
}
