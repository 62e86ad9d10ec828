// The door's real parts in a worker process, put together from what the primary sent at the start.
import { nodeDisk } from '@vallum/core';
import type { GatewayConfig, Route } from '../../config/config.js';
import { compileConfig } from '../../config/read-config.js';
import { Door } from '../../door/door.js';
import type { DoorParts } from '../../door/parts.js';
import { refuse } from '../../door/refusal.js';
import { RouteTable } from '../../door/route-table.js';
import type { Step } from '../../detectors/step.js';
import type { GatewayRanges } from '../../guard/learn/ranges.js';
import { readLearned } from '../../guard/learn/read-ranges.js';
import { LeasedLimiter } from '../../limits/leased-limiter.js';
import { Limiter } from '../../limits/limiter.js';
import { Revocations } from '../../limits/revocations.js';
import { GuardedUpstream } from '../../limits/upstream-gate.js';
import { Authoriser } from '../../may/decide.js';
import { planRoute } from '../../plans/plan-route.js';
import { sketchingOf } from '../../plans/sketching.js';
import { RecordBuffer } from '../../records/buffer.js';
import { eventOfDecision } from '../../records/events/event-of.js';
import type { EventSource } from '../../records/events/event-of.js';
import { inputDigester } from '../../records/input-digest.js';
import { traceRequest } from '../../records/metrics/request-span.js';
import { RequestCounts } from '../../records/metrics/request-counts.js';
import { SparingRecorder } from '../../records/repeats.js';
import type { Gate } from '../../serving/gate.js';
import { NOT_LOOKED_YET, OPEN_WITHOUT_VERDICT, refusalAt } from '../../serving/gate.js';
import { keySetLoader } from '../../who/edge/load-key-set.js';
import type { Identifier } from '../../who/identifier.js';
import { identifier } from '../../who/identifier.js';
import { openPackedKeys } from '../../who/keys/key-ring.js';
import { LeaseLine } from './lease-line.js';
import type { Standing, ToPrimary, WorkerStart } from './messages.js';
import { randomIds } from './random-ids.js';
import { SketchPost } from './sketch-post.js';

/** Budgets of a principal on the step `tighten` and above are divided by this. */
const TIGHTER = 10;

export interface WorkerParts {
  readonly config: GatewayConfig;
  readonly door: Door;
  readonly identifier: Identifier;
  readonly authoriser: Authoriser;
  readonly records: RecordBuffer;
  readonly sparing: SparingRecorder;
  readonly leases: LeaseLine;
  /** Budgets that are lent to this worker. */
  readonly accounts: LeasedLimiter;
  readonly counts: RequestCounts;
  readonly sketches: SketchPost;
  readonly upstreams: ReadonlyMap<string, GuardedUpstream>;
  /** From now on this holds. */
  readonly stand: (standing: Standing) => void;
}

export function workerParts(start: WorkerStart, send: (message: ToPrimary) => void): WorkerParts {
  const config = compileConfig(start.settings, start.folder);
  const { settings } = config;
  const source: EventSource = { gateway: settings.name, version: start.version };
  const records = new RecordBuffer({ send, life: start.life, waiting: settings.records.waiting });
  const sparing = new SparingRecorder(records, ticks, (decision) => {
    traceRequest(decision);
    const event = start.events ? eventOfDecision(source, decision) : undefined;
    if (event !== undefined) send({ type: 'event', event });
  });
  const leases = new LeaseLine(send);
  const counts = new RequestCounts(config.routes.map(({ id }) => id));
  const sketches = new SketchPost(send);
  const authoriser = new Authoriser(start.policies);
  const who = identifier({
    settings: settings.identity,
    ...(start.keys === undefined ? {} : { keyRing: openPackedKeys(start.keys.packed, start.keys.pepper) }),
    loadKeySet: keySetLoader({ disk: nodeDisk, folder: start.folder }),
    clock: () => new Date(),
    onTrouble: (trouble) => send({ type: 'key-set-trouble', trouble }),
  });
  const upstreams = new Map(
    Object.entries(settings.upstreams).map(([name, one]) => [name, new GuardedUpstream(name, one, later)] as const),
  );
  const standing = new Standings(config.routes);
  standing.take(start.standing);
  const accounts = new LeasedLimiter({ source: leases, now: ticks });
  const limiter = new Limiter({
    leases: accounts,
    factorOf: (principal, route) => (standing.step(principal, route) === 'observe' ? 1 : TIGHTER),
    workers: start.workers,
  });
  const parts: DoorParts = {
    find: (
      (table) => (transport, method, path) =>
        table.find(transport, method, path)
    )(routeTable(config, start)),
    identify: (credentials, now) => who.identify(credentials, now),
    isRevoked: (caller) => standing.revocations.isRevoked(caller),
    serving: (route) => refusalAt(standing.gate(route), Date.now()),
    admit: (caller, route, now) => limiter.admit(caller, route, now),
    may: (caller, asked) => authoriser.decide(caller, asked),
    upstream: (name) => upstreams.get(name) ?? NO_UPSTREAM,
    step: (principal, route) => standing.step(principal, route),
    observe: (sketch) => sketches.add(sketch),
    afterwards: (work) => sketches.afterwards(work),
    recorder: sparing,
    metrics: counts,
    digestInput: inputDigester(start.secrets.inputs),
    newId: randomIds(),
    clock: () => Date.now(),
    ticks,
    config: start.config,
    policy: () => authoriser.digest,
  };
  const stand = (next: Standing): void => standing.take(next);
  const door = new Door(parts);
  return {
    config,
    door,
    identifier: who,
    authoriser,
    records,
    sparing,
    leases,
    accounts,
    counts,
    sketches,
    upstreams,
    stand,
  };
}

function ticks(): number {
  return performance.now();
}

function later(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
}

const NO_UPSTREAM = {
  enter: () => refuse('unavailable', 'the route names an upstream that is not there'),
  report: () => undefined,
};

function routeTable(config: GatewayConfig, { learned, secrets }: WorkerStart): RouteTable {
  const ranges = new Map<string, GatewayRanges>(
    Object.entries(learned).map(([file, bytes]) => [file, readLearned(bytes)] as const),
  );
  const plans = config.routes.flatMap((route) =>
    planRoute(route, {
      learned: (file) => {
        const found = ranges.get(file);
        if (found === undefined) throw new Error(`the ranges of ${file} are missing`);
        return found;
      },
      secret: Buffer.from(secrets.noise),
      sketching: (one, found) => sketchingOf(one, found, secrets.sketches),
    }),
  );
  return new RouteTable(plans);
}

/** What holds now of routes, principals and credentials, as the primary told it last. */
class Standings {
  readonly revocations = new Revocations();
  readonly #free: ReadonlySet<string>;
  #gates: ReadonlyMap<string, Gate> = new Map();
  #steps: ReadonlyMap<string, Step> = new Map();

  constructor(routes: readonly Route[]) {
    this.#free = new Set(routes.filter(({ settings }) => settings.serving.by === 'nothing').map(({ id }) => id));
  }

  take({ gates, steps, revoked }: Standing): void {
    this.#gates = new Map(gates);
    this.#steps = new Map(steps);
    this.revocations.add(revoked);
  }

  gate(route: string): Gate {
    return this.#gates.get(route) ?? (this.#free.has(route) ? OPEN_WITHOUT_VERDICT : NOT_LOOKED_YET);
  }

  step(principal: string, route: string): Step {
    return this.#steps.size === 0 ? 'observe' : (this.#steps.get(`${principal}\0${route}`) ?? 'observe');
  }
}
