// The detectors' desk in the primary process: takes sketches of queries, asks every detector, and says who moves to which step.
// Its memory is bounded whatever callers do: 2,000 busy callers (100 KiB each at most), 20,000 families (some 3 KiB, 16 KiB when 128
// accounts share one), a million fingerprints (12 MiB), 20,000 scores (1 KiB). Forced on purpose that is about 550 MB, which takes
// millions of queries from thousands of accounts; 100 honest callers take some 20 MB.
import type { Baseline } from './baseline.js';
import { BoundedMap } from './bounded-map.js';
import { CallerWatch, present } from './caller-watch.js';
import type { Surroundings } from './caller-watch.js';
import { Coverage } from './coverage.js';
import { detectorFacts } from './facts.js';
import type { Sighting } from './facts.js';
import { UsualCost } from './flood.js';
import { Lineages } from './lineages.js';
import type { Lineage } from './lineages.js';
import { Links } from './links.js';
import { Population } from './population.js';
import { Scorer } from './scorer.js';
import type { Change, ScorerSettings } from './scorer.js';
import type { Postures, QuerySketch } from './sketch.js';
import type { Step } from './step.js';
import { Confidences } from './unsure.js';

export interface WatchedRoute {
  /** What may be done without a person. */
  readonly most: Step;
  /** From training rows; without it one is drawn from what callers send. */
  readonly baseline?: Baseline;
}

export interface DeskSettings extends ScorerSettings {
  readonly routes: ReadonlyMap<string, WatchedRoute>;
  /** Numbers in [0, 1) that callers cannot foresee. */
  readonly random: () => number;
}

const MOST_CALLERS = 2_000;
const MOST_GROUPS = 1_000;
/** Of an equal part of the family: an account that made less of it is not at fault. */
const LEAST_PART = 0.3;
/** A caller is counted with other strangers when this part of its queries lies far off, of at least so many. */
const STRANGER_SHARE = 0.2;
const STRANGER_QUERIES = 20;
/** Strangers together must take more places than one caller alone. */
const TOGETHER = 2;

interface RouteWatch {
  readonly settings: WatchedRoute;
  readonly population: Population;
  readonly confidences: Confidences;
  readonly usual: UsualCost;
  readonly strangers: Coverage;
}

export class DetectorDesk {
  readonly #routes = new Map<string, RouteWatch>();
  readonly #callers = new BoundedMap<string, CallerWatch>(MOST_CALLERS);
  readonly #groups = new BoundedMap<string, Coverage>(MOST_GROUPS);
  readonly #lineages = new Lineages();
  readonly #links = new Links();
  /** Named in the configuration, so few. */
  readonly #own = new Set<string>();
  readonly #scorer: Scorer;

  constructor({ routes, random, ...scorer }: DeskSettings) {
    this.#scorer = new Scorer(scorer);
    for (const [route, settings] of routes)
      this.#routes.set(route, {
        settings,
        population: new Population(random),
        confidences: new Confidences(),
        usual: new UsualCost(),
        strangers: new Coverage(),
      });
  }

  /** The step of each caller that is not on `observe`: what the workers get. */
  get postures(): Postures {
    return this.#scorer.postures;
  }

  /** @returns callers that moved, and those that something held; nothing for a route that is not watched */
  observe(query: QuerySketch): readonly Change[] {
    const route = this.#routes.get(query.route);
    if (route === undefined) return [];
    if (query.own) this.#own.add(query.principal);
    const key = `${query.principal}\0${query.route}`;
    const caller = this.#callers.get(key) ?? new CallerWatch();
    this.#callers.set(key, caller);
    const sightings = [...present(caller.flood(query, route.usual))];
    const changes: Change[] = [];
    if (!caller.memory.repeats(query.content)) {
      const baseline = route.settings.baseline ?? route.population.baseline;
      if (route.settings.baseline === undefined && !query.own) route.population.admit(query.group, query.means);
      const found = caller.memory.find(query.means, query.label, baseline?.cell ?? 0);
      const isNear = baseline !== undefined && found.distance < baseline.near;
      const near = isNear ? this.#lineages.get(caller.memory.lineageAt(found.place) ?? 0, query) : undefined;
      const lineage = this.#lineages.find(query, baseline?.near ?? 0) ?? near;
      const family = this.#join(query, lineage);
      const isCopy = lineage !== undefined;
      if (isCopy) changes.push(...this.#judge(query, family, route));
      else if (query.confidence !== undefined)
        sightings.push(...present(caller.unsure(query.confidence, route.confidences)));
      if (baseline !== undefined) {
        const fromTraining = baseline.nearest(query.means);
        const surroundings = { family: family.id, isCopy, baseline, fromTraining };
        sightings.push(...caller.distinct(query, found, surroundings));
        sightings.push(...this.#spread(query, caller, route, surroundings));
      }
    }
    for (const sighting of sightings) changes.push(...this.#blame(query, sighting, [query.principal]));
    return changes;
  }

  /** Lets scores leak; call it every minute or so. */
  sweep(at: number): readonly Change[] {
    return this.#scorer.sweep(at);
  }

  #join(query: QuerySketch, lineage: Lineage | undefined): Lineage {
    if (lineage?.has(query) === true) return lineage;
    const isNewcomer = lineage?.accounts.peek(query.principal) === undefined;
    const family = this.#lineages.join(query, lineage);
    if (isNewcomer && !query.own) this.#links.entered(family, query.principal);
    return family;
  }

  /** A family is judged as one, whoever added to it: taking turns between accounts hides nothing. */
  #judge(query: QuerySketch, lineage: Lineage, { settings }: RouteWatch): readonly Change[] {
    const changes: Change[] = [];
    for (const sighting of lineage.sightings()) {
      const least = (LEAST_PART * lineage.members) / lineage.accounts.size;
      const blamed = [...lineage.accounts].filter(([, members]) => members > 1 && members >= least);
      changes.push(
        ...this.#blame(
          query,
          sighting,
          blamed.map(([principal]) => principal),
          settings,
        ),
      );
    }
    return changes;
  }

  #spread(
    query: QuerySketch,
    caller: CallerWatch,
    route: RouteWatch,
    { baseline, fromTraining }: Surroundings,
  ): readonly Sighting[] {
    const isNovel = fromTraining > baseline.far;
    const own = caller.spread(caller.coverage.add(query, isNovel, baseline.cell), caller.coverage);
    if (query.own) return present(own);
    const together: Sighting[] = [];
    if (query.group !== query.principal) {
      const key = `${query.group}\0${query.route}`;
      const group = this.#groups.get(key) ?? new Coverage();
      this.#groups.set(key, group);
      together.push(...present(caller.spread(group.add(query, isNovel, baseline.cell), group)));
    }
    const { coverage } = caller;
    if (isNovel) {
      const places = route.strangers.add(query, true, baseline.cell);
      const isStranger = coverage.share >= STRANGER_SHARE && coverage.window >= STRANGER_QUERIES;
      if (isStranger && places !== undefined && places >= TOGETHER * detectorFacts('coverage').threshold)
        together.push(...present(caller.spread(places, route.strangers)));
    }
    return present(own, ...together);
  }

  /** Accounts that are linked stand together. */
  #blame(
    { route, at }: QuerySketch,
    sighting: Sighting,
    principals: readonly string[],
    settings = this.#routes.get(route)?.settings,
  ): readonly Change[] {
    const changes: Change[] = [];
    const all = new Set(principals.flatMap((principal) => this.#links.of(route, principal)));
    for (const principal of all) {
      const account = { principal, route, own: this.#own.has(principal), most: settings?.most ?? 'observe' };
      const change = this.#scorer.add(account, sighting, at);
      if (change !== undefined) changes.push(change);
    }
    return changes;
  }
}
