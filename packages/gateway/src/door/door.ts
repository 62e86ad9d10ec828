// The door: who comes, to what, and whether they may, in an order in which each question is cheaper than the next and
// nobody unknown makes us do much. Everything that goes wrong inside turns the caller away.
import { messageOf } from '@vallum/core';
import type { Decision } from '../records/decision.js';
import { canonicalPath } from './canonical-path.js';
import type { Caller } from './caller.js';
import { Exchange } from './exchange.js';
import type { Admission, Choice, DoorParts, Incoming, Plan } from './parts.js';
import type { Refusal, Soon } from './refusal.js';
import { isRefusal, refuse } from './refusal.js';
import { heard, next } from './soon.js';

/** A request that goes no further; its record is on its way. */
export interface Turned {
  readonly turned: Refusal;
  readonly id: string;
  /** Resolves when the record is durable, or at once where it is only counted. */
  readonly recorded: Promise<void>;
}

/** Several routes have the path: the body has to be read before anybody can be let in. */
export interface Choosing {
  readonly maxBytes: number;
  /** Goes on with the whole body; what comes of it takes that body. Never throws. */
  readonly choose: (body: Buffer) => Soon<Exchange | Turned>;
  /** The body could not be read. */
  readonly refuse: (refusal: Refusal) => Turned;
}

/** What is known so far. */
interface Visit {
  readonly id: string;
  readonly at: number;
  readonly begun: number;
  readonly incoming: Incoming;
  plan?: Plan;
  caller?: Caller;
}

const DONE = Promise.resolve();

export class Door {
  readonly #parts: DoorParts;

  constructor(parts: DoorParts) {
    this.#parts = parts;
  }

  /** True when requests can be taken at all. */
  get isReady(): boolean {
    return this.#parts.recorder.ready;
  }

  /** Everything before the body. Never throws. */
  enter(incoming: Incoming): Soon<Exchange | Choosing | Turned> {
    const { newId, clock, ticks } = this.#parts;
    const visit: Visit = { id: newId(), at: clock(), begun: ticks(), incoming };
    return this.#try(visit, () => this.#enter(visit));
  }

  #try<T>(visit: Visit, work: () => Soon<T>): Soon<T | Turned> {
    try {
      const entered = work();
      return entered instanceof Promise ? entered.catch((error: unknown) => this.#broke(visit, error)) : entered;
    } catch (error) {
      return this.#broke(visit, error);
    }
  }

  #enter(visit: Visit): Soon<Exchange | Choosing | Turned> {
    const { incoming } = visit;
    const { recorder, find, identify } = this.#parts;
    if (!recorder.ready) return this.#turn(visit, refuse('unavailable', 'decisions cannot be recorded now'));
    if (incoming.refusal !== undefined) return this.#turn(visit, incoming.refusal);
    const path = incoming.transport === 'grpc' ? incoming.target : canonicalPath(incoming.target);
    if (isRefusal(path)) return this.#turn(visit, path);
    // Who nobody knows learns nothing of which routes there are: unknown paths and unknown callers are told apart only inside.
    const plan = find(incoming.transport, incoming.method, path);
    return next(identify(incoming.credentials, visit.at), (caller) => {
      if (isRefusal(caller)) return this.#turn(visit, caller);
      visit.caller = caller;
      if (isRefusal(plan)) return this.#turn(visit, plan);
      return 'choose' in plan ? this.#choosing(visit, plan, caller) : this.#admit(visit, plan, caller);
    });
  }

  #choosing(visit: Visit, choice: Choice, caller: Caller): Choosing | Turned {
    const early = this.#early(visit, caller, choice.maxBytes);
    if (early !== undefined) return this.#turn(visit, early);
    return {
      maxBytes: choice.maxBytes,
      refuse: (refusal) => this.#turn(visit, refusal),
      choose: (body) =>
        this.#try(visit, () => {
          const plan = choice.choose(body);
          return isRefusal(plan) ? this.#turn(visit, plan) : this.#admit(visit, plan, caller);
        }),
    };
  }

  /** What can be said before it is known which model is meant. */
  #early({ incoming }: Visit, caller: Caller, maxBytes: number): Refusal | undefined {
    if (this.#parts.isRevoked(caller)) return refuse('unauthenticated', 'the credential or principal is revoked');
    const length = incoming.contentLength ?? 0;
    return length > maxBytes ? refuse('too-large', `a body of ${length} bytes was announced`) : undefined;
  }

  #admit(visit: Visit, plan: Plan, caller: Caller): Soon<Exchange | Turned> {
    visit.plan = plan;
    const { serving, admit, step, ticks } = this.#parts;
    const { route, maxBytes } = plan;
    const refusal = this.#early(visit, caller, maxBytes) ?? serving(route.id);
    if (refusal !== undefined) return this.#turn(visit, refusal);
    if (step(caller.principal, route.id) === 'block')
      return this.#turn(visit, refuse('forbidden', 'the principal is blocked on this route after what detectors saw'));
    return next(admit(caller, route, ticks()), (admission) =>
      isRefusal(admission) ? this.#turn(visit, admission) : this.#ask(visit, plan, caller, admission),
    );
  }

  #ask(visit: Visit, plan: Plan, caller: Caller, admission: Admission): Soon<Exchange | Turned> {
    const give = (): void => admission.done();
    try {
      const asked = next(this.#parts.may(caller, plan.asked), (permission) => {
        if (isRefusal(permission)) {
          give();
          return this.#turn(visit, permission);
        }
        const { id, at, begun, incoming } = visit;
        const { policies } = permission;
        return new Exchange(this.#parts, { id, at, begun, incoming, plan, caller, admission, policies });
      });
      if (asked instanceof Promise) asked.catch(give);
      return asked;
    } catch (error) {
      give();
      throw error;
    }
  }

  /** A fault of ours, or of a part: the caller is turned away and an operator reads why. */
  #broke(visit: Visit, error: unknown): Turned {
    return this.#turn(visit, refuse('unavailable', `the gateway failed: ${messageOf(error)}`));
  }

  #turn(visit: Visit, turned: Refusal): Turned {
    const { id, at, begun, incoming, plan, caller } = visit;
    const { recorder, metrics, ticks, config, policy } = this.#parts;
    const durationMs = ticks() - begun;
    const route = plan?.route.id;
    metrics.request({
      route: route ?? '-',
      outcome: 'refused',
      code: turned.code,
      seconds: durationMs / 1_000,
      bytesIn: 0,
      bytesOut: 0,
    });
    if (!recorder.ready) return { turned, id, recorded: DONE };
    const decision: Decision = {
      id,
      at,
      outcome: 'refused',
      code: turned.code,
      reason: turned.reason,
      ...(plan === undefined ? {} : { route: plan.route.id, operation: plan.operation.id, model: plan.asked.model }),
      ...(caller === undefined
        ? {}
        : { principal: caller.principal, credential: caller.credential, means: caller.means }),
      peer: incoming.peer,
      ...(turned.policies === undefined ? {} : { policies: turned.policies }),
      status: turned.status,
      bytesIn: 0,
      bytesOut: 0,
      durationMs,
      config,
      policy: policy(),
    };
    return { turned, id, recorded: heard(recorder.record(decision)) };
  }
}

export function wasTurned(entered: Exchange | Choosing | Turned): entered is Turned {
  return 'turned' in entered;
}
