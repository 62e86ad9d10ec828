// Families of near-duplicates on all routes, whoever sent them: which input a query was made from, by shared fingerprints
// (Blacklight), followed from copy to copy (the provenance of QPA) rather than to one origin. Bounded: 20,000 families of at most
// eight members' fingerprints and a million fingerprints; both forget what was used longest ago.
import { BoundedMap } from './bounded-map.js';
import { detectorFacts, LastDecisions } from './facts.js';
import type { DetectorId, Sighting } from './facts.js';
import { squaredTo } from './distance.js';
import { HashTable } from './hash-table.js';
import { sharedHashes } from './sketching/bottom-k.js';
import type { QuerySketch } from './sketch.js';
import { Trial } from './trial.js';

const MOST_LINEAGES = 20_000;
/** Fingerprints of members that are kept: the first one and those that were matched most. */
const MOST_HUBS = 8;
const MOST_ACCOUNTS = 128;
const MOST_CONTENTS = 64;
/** Of the smaller set of fingerprints: half, as Blacklight's 25 of 50. */
const SHARE = 0.5;
const LEAST_SHARED = 4;
/** Families with so many members have their last one held against every query: fresh noise blinds fingerprints, and not means. */
const HOT = 3;
const MOST_HOT = 256;
/** A family that nobody added to for so long is over. */
const TIME_OUT_MS = 24 * 3_600_000;

interface Hub {
  fingerprints: Uint32Array;
  matches: number;
}

export class Lineage {
  readonly hubs: Hub[] = [];
  /** Members by account: who shares a family shares its blame. */
  readonly accounts = new BoundedMap<string, number>(MOST_ACCOUNTS);
  readonly decisions = new LastDecisions();
  readonly trial = new Trial();
  readonly #contents = new BoundedMap<number, true>(MOST_CONTENTS);
  readonly #told = new Map<DetectorId, number>();
  members = 0;
  lastAt: number;
  readonly id: number;
  readonly route: string;

  constructor(id: number, route: string, at: number) {
    this.id = id;
    this.route = route;
    this.lastAt = at;
  }

  /** The most fingerprints that any kept member shares, as a part of the smaller set. */
  share(fingerprints: Uint32Array): number {
    let best = 0;
    for (const hub of this.hubs) {
      const shared = sharedHashes(hub.fingerprints, fingerprints);
      if (shared < LEAST_SHARED) continue;
      const share = shared / Math.min(hub.fingerprints.length, fingerprints.length);
      if (share >= SHARE) hub.matches += 1;
      if (share > best) best = share;
    }
    return best;
  }

  /** This very input is a member already: an example that everybody knows, sent by one more caller. */
  has({ content }: QuerySketch): boolean {
    return this.#contents.peek(content) === true;
  }

  /** What the trial shows, told again only when it goes on: a tipping answer after 20 more members, confidence after three more steps. */
  sightings(): readonly Sighting[] {
    const { flips, falls, rises, window } = this.trial;
    const found: Sighting[] = [];
    const tell = (detector: DetectorId, score: number, clock: number, pause: number): void => {
      const since = Math.abs(clock - (this.#told.get(detector) ?? -Infinity));
      if (score < detectorFacts(detector).threshold || since < pause) return;
      this.#told.set(detector, clock);
      found.push({ detector, score, window, decisions: this.decisions.ids });
    };
    tell('probing', flips, this.members, 20);
    tell('descent', falls, falls, 3);
    tell('climb', rises, rises, 3);
    return found;
  }

  join(query: QuerySketch): void {
    this.members += 1;
    this.#contents.set(query.content, true);
    this.lastAt = query.at;
    this.accounts.set(query.principal, (this.accounts.get(query.principal) ?? 0) + 1);
    this.decisions.add(query.decision);
    this.trial.add(query);
    const hub: Hub = { fingerprints: query.fingerprints, matches: 0 };
    if (this.hubs.length < MOST_HUBS) {
      this.hubs.push(hub);
      return;
    }
    // The first stays; of the others the one that fewest were like makes room, and old merit fades.
    let least = 1;
    for (let i = 1; i < this.hubs.length; i += 1) {
      const old = this.hubs[i] as Hub;
      old.matches *= 0.95;
      if (old.matches < (this.hubs[least] as Hub).matches) least = i;
    }
    this.hubs[least] = hub;
  }
}

export class Lineages {
  readonly #lineages = new BoundedMap<number, Lineage>(MOST_LINEAGES);
  readonly #byHash = new HashTable();
  readonly #hot = new BoundedMap<number, Float32Array>(MOST_HOT);
  readonly #routes = new Map<string, number>();
  #last = 0;

  /**
   * The family that this query belongs to, if any.
   * @param near distance of means within which an input is a copy; 0 when it is not known
   */
  find(query: QuerySketch, near: number): Lineage | undefined {
    return this.#byFingerprints(query) ?? this.#byMeans(query, near);
  }

  #byMeans(query: QuerySketch, near: number): Lineage | undefined {
    let [found, least]: [number, number] = [0, near * near];
    for (const [id, means] of this.#hot) {
      const squared = squaredTo(query.means, means, 0, least);
      if (squared < least) [found, least] = [id, squared];
    }
    return found === 0 ? undefined : this.get(found, query);
  }

  #byFingerprints(query: QuerySketch): Lineage | undefined {
    const salt = this.#salt(query.route);
    const tally = new Map<number, number>();
    for (const hash of query.fingerprints) {
      const id = this.#byHash.get((hash ^ salt) >>> 0);
      if (id !== 0) tally.set(id, (tally.get(id) ?? 0) + 1);
    }
    let found: Lineage | undefined;
    let best = SHARE;
    for (const [id, count] of tally) {
      if (count < LEAST_SHARED) continue;
      const lineage = this.get(id, query);
      const share = lineage?.share(query.fingerprints) ?? 0;
      if (share >= best) [found, best] = [lineage, share];
    }
    return found;
  }

  get(id: number, { route, at }: QuerySketch): Lineage | undefined {
    const lineage = this.#lineages.get(id);
    return lineage?.route === route && at - lineage.lastAt <= TIME_OUT_MS ? lineage : undefined;
  }

  /** Enters the query into its family, or begins one with it. */
  join(query: QuerySketch, known?: Lineage): Lineage {
    const lineage = known ?? new Lineage(this.#nextId(), query.route, query.at);
    if (known === undefined) this.#lineages.set(lineage.id, lineage);
    lineage.join(query);
    if (lineage.members >= HOT) this.#hot.set(lineage.id, query.means);
    const salt = this.#salt(query.route);
    for (const hash of query.fingerprints) this.#byHash.set((hash ^ salt) >>> 0, lineage.id);
    return lineage;
  }

  #nextId(): number {
    this.#last = (this.#last + 1) >>> 0 || 1;
    return this.#last;
  }

  /** Routes share one table and do not see one another. The configuration bounds their number. */
  #salt(route: string): number {
    let salt = this.#routes.get(route);
    if (salt === undefined) this.#routes.set(route, (salt = Math.imul(this.#routes.size + 1, 0x9e3779b1)));
    return salt;
  }
}
