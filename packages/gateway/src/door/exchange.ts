// One request that was let in, from its body to its record. The transport brings bytes; what may go on, and what is written
// down, is decided here and nowhere else.
import type { Sha256 } from '@vallum/core';
import type { Step } from '../detectors/step.js';
import { unitsOf } from '../limits/limiter.js';
import type { Place } from '../limits/upstream-queue.js';
import type { Answer, WrittenAnswer } from '../protocol/answer.js';
import { writeAnswer } from '../protocol/answer.js';
import type { Inspected } from '../protocol/inspected.js';
import type { Decision } from '../records/decision.js';
import type { Caller } from './caller.js';
import type { Admission, DoorParts, Incoming, OutputContext, Plan, StreamGuard } from './parts.js';
import type { Refusal, Soon } from './refusal.js';
import { isRefusal, refuse } from './refusal.js';
import { heard, next } from './soon.js';

/** What goes to the upstream: our own text of the request, around the bytes that were checked. */
export interface Forward {
  readonly upstream: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly stream: boolean;
}

/** What a request was let in with. */
export interface Admitted {
  readonly id: string;
  readonly at: number;
  readonly begun: number;
  readonly incoming: Incoming;
  readonly plan: Plan;
  readonly caller: Caller;
  readonly admission: Admission;
  readonly policies: readonly string[];
}

const NOTHING = Buffer.alloc(0);
/** Statuses of an upstream that are the caller's doing; all others are the upstream's. */
const CALLERS_DOING = new Set([400, 404, 406, 409, 411, 413, 415, 422]);

export class Exchange {
  readonly id: string;
  readonly plan: Plan;
  readonly step: Step;
  readonly #parts: DoorParts;
  readonly #admitted: Admitted;
  #inspected: Inspected | undefined;
  #input: Sha256 | undefined;
  #answer: Answer | undefined;
  #bytesIn = 0;
  #masked: Record<string, number> | undefined;
  /** Toward the upstream: held from when the request may go there. */
  #place: Place | undefined;
  #isDone = false;

  constructor(parts: DoorParts, admitted: Admitted) {
    this.#parts = parts;
    this.#admitted = admitted;
    this.id = admitted.id;
    this.plan = admitted.plan;
    this.step = parts.step(admitted.caller.principal, admitted.plan.route.id);
  }

  /** Looks at the whole body. @returns what may be forwarded */
  take(body: Buffer): Soon<Forward | Refusal> {
    const { plan, incoming } = this.#admitted;
    this.#bytesIn = body.length;
    if (plan.operation.body === 'none')
      return body.length === 0 ? this.#forward(NOTHING, {}, false) : refuse('bad-request', 'no body was expected');
    return next(plan.inspect(body, incoming), (inspected) =>
      isRefusal(inspected) ? inspected : this.#charge(inspected),
    );
  }

  #charge(inspected: Inspected): Soon<Forward | Refusal> {
    this.#inspected = inspected;
    const { elements, rows, tokens = 0 } = inspected;
    const usage = { elements, tokens, rows };
    const cost = unitsOf(this.plan.route.settings.cost, usage);
    return next(
      this.#admitted.admission.charge({ ...usage, bytes: this.#bytesIn, cost }, this.#parts.ticks()),
      (refusal) => refusal ?? this.#guard(inspected),
    );
  }

  #guard(inspected: Inspected): Soon<Forward | Refusal> {
    const guarded = this.plan.guardInput(inspected);
    if (isRefusal(guarded)) return guarded;
    this.#mask(guarded.masked);
    const { forward, headers, stream } = guarded.inspected;
    this.#input = this.#parts.digestInput(forward);
    return this.#forward(forward, headers, stream);
  }

  #forward(body: Buffer, headers: Readonly<Record<string, string>>, stream: boolean): Soon<Forward | Refusal> {
    const { operation, route } = this.plan;
    const { upstream } = route.settings;
    const entered = this.#parts.upstream(upstream).enter(this.#admitted.caller.principal, this.#parts.ticks());
    return next(entered, (place) => {
      if (isRefusal(place)) return place;
      if (this.#isDone) {
        place.leave();
        return refuse('time-out', 'the caller left while it waited');
      }
      this.#place = place;
      return { upstream, method: operation.method, path: operation.upstreamPath, headers, body, stream };
    });
  }

  /** The upstream is told of by whoever spoke with it: an answer of any kind but 5xx counts as success. */
  reported(succeeded: boolean): void {
    this.#parts.upstream(this.plan.route.settings.upstream).report(succeeded, this.#parts.ticks());
  }

  /** What the caller gets of the upstream's answer. Its error texts and headers stay behind. */
  answer(status: number, headers: Readonly<Record<string, string | undefined>>, body: Buffer): WrittenAnswer | Refusal {
    const refusal = this.refusalOf(status, headers);
    if (refusal !== undefined) return refusal;
    const guarded = this.plan.guardAnswer(body, headers, this.#context());
    if (isRefusal(guarded)) return guarded;
    this.#mask(guarded.masked);
    this.#answer = guarded.original;
    return writeAnswer(guarded.answer);
  }

  /** Why an answer with this head is not passed on. */
  refusalOf(status: number, headers: Readonly<Record<string, string | undefined>>): Refusal | undefined {
    if (status === 200) {
      const coding = headers['content-encoding'];
      return coding === undefined || coding === 'identity'
        ? undefined
        : refuse('bad-upstream', `the upstream answered in the coding ${coding.slice(0, 32)}`);
    }
    const said = `the upstream answered ${status}`;
    if (CALLERS_DOING.has(status)) return refuse('bad-input', said);
    if (status === 429 || status === 503) return refuse('overloaded', said, { retryAfter: 1 });
    return refuse('bad-upstream', said);
  }

  streamGuard(): StreamGuard | undefined {
    return this.plan.guardStream?.(this.#context());
  }

  /** Writes down how it ended; once. @returns a promise that resolves when the record is durable */
  end(end: { readonly status: number; readonly bytesOut: number; readonly refusal?: Refusal }): Promise<void> {
    if (this.#isDone) return Promise.resolve();
    this.#isDone = true;
    this.#admitted.admission.done();
    this.#place?.leave();
    const { status, bytesOut, refusal } = end;
    const outcome = refusal === undefined ? 'allowed' : this.#place !== undefined ? 'failed' : 'refused';
    const decision = this.#decision({ outcome, status, bytesOut, refusal });
    this.#parts.metrics.request({
      route: this.plan.route.id,
      outcome,
      code: refusal?.code ?? 'ok',
      seconds: decision.durationMs / 1_000,
      bytesIn: this.#bytesIn,
      bytesOut,
    });
    if (outcome !== 'refused' && this.plan.sketch !== undefined) this.#parts.afterwards(() => this.#observe());
    return heard(this.#parts.recorder.record(decision));
  }

  /** Writes down that a stream begins, before its first byte goes out. */
  begun(): Promise<void> {
    const decision = this.#decision({ outcome: 'allowed', status: 200, bytesOut: 0, refusal: undefined });
    return heard(this.#parts.recorder.record(decision));
  }

  mask(counts: Readonly<Record<string, number>>): void {
    this.#mask(counts);
  }

  #decision(end: {
    readonly outcome: Decision['outcome'];
    readonly status: number;
    readonly bytesOut: number;
    readonly refusal: Refusal | undefined;
  }): Decision {
    const { id, at, begun, incoming, plan, caller, policies } = this.#admitted;
    const { outcome, status, bytesOut, refusal } = end;
    const { rows, elements, tokens, version = plan.operation.version } = this.#inspected ?? {};
    // Each request pays for this: what may be absent is set afterwards, because spreading it in costs ten times as much.
    const decision: { -readonly [Key in keyof Decision]: Decision[Key] } = {
      id,
      at,
      outcome,
      route: plan.route.id,
      operation: plan.operation.id,
      model: plan.asked.model,
      principal: caller.principal,
      credential: caller.credential,
      means: caller.means,
      peer: incoming.peer,
      policies,
      status,
      bytesIn: this.#bytesIn,
      bytesOut,
      durationMs: this.#parts.ticks() - begun,
      config: this.#parts.config,
      policy: this.#parts.policy(),
    };
    if (rows !== undefined) decision.rows = rows;
    if (elements !== undefined) decision.elements = elements;
    if (this.#input !== undefined) decision.input = this.#input;
    if (tokens !== undefined) decision.tokens = tokens;
    if (version !== undefined) decision.version = version;
    if (this.step !== 'observe') decision.step = this.step;
    if (this.#masked !== undefined) decision.masked = this.#masked;
    if (refusal !== undefined) {
      decision.code = refusal.code;
      decision.reason = refusal.reason;
    }
    return decision;
  }

  #context(): OutputContext {
    return { principal: this.#admitted.caller.principal, input: this.#input, step: this.step };
  }

  #mask(counts: Readonly<Record<string, number>> | undefined): void {
    if (counts === undefined) return;
    for (const [rule, count] of Object.entries(counts)) {
      this.#masked ??= {};
      this.#masked[rule] = (this.#masked[rule] ?? 0) + count;
    }
  }

  #observe(): void {
    const { caller, at, id, plan } = this.#admitted;
    if (this.#inspected === undefined || plan.sketch === undefined) return;
    for (const sketch of plan.sketch(this.#inspected, this.#answer))
      this.#parts.observe({
        ...sketch,
        decision: id,
        at,
        principal: caller.principal,
        group: caller.group,
        route: plan.route.id,
        own: caller.own,
      });
  }
}
