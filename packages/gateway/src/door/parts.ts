// What the door is put together from. Each part is a function or a small object that knows nothing of the others; the worker
// process makes the real ones and tests make their own.
import type { Sha256 } from '@vallum/core';
import type { Route } from '../config/config.js';
import type { QuerySketch } from '../detectors/sketch.js';
import type { Step } from '../detectors/step.js';
import type { Place } from '../limits/upstream-queue.js';
import type { Asked, Permission } from '../may/decide.js';
import type { Answer } from '../protocol/answer.js';
import type { Inspected } from '../protocol/inspected.js';
import type { Recorder } from '../records/decision.js';
import type { Caller, Credentials } from './caller.js';
import type { Operation } from './operation.js';
import type { Refusal, Soon } from './refusal.js';

export type Transport = 'rest' | 'grpc';

/** The head of a request as a transport read it. Nothing of it is believed. */
export interface Incoming {
  readonly transport: Transport;
  readonly method: string;
  /** As it was sent. */
  readonly target: string;
  readonly credentials: Credentials;
  /** Address of the peer, without port. */
  readonly peer: string;
  readonly contentType: string | undefined;
  /** Value of `inference-header-content-length`. */
  readonly headerLength: string | undefined;
  /** Of a body whose length was announced. */
  readonly contentLength: number | undefined;
  /** What the transport itself found wrong. */
  readonly refusal?: Refusal;
}

/** The head of a body. */
export interface BodyHead {
  readonly contentType: string | undefined;
  readonly headerLength: string | undefined;
}

/** What a guard made of an input. */
export interface GuardedInput {
  readonly inspected: Inspected;
  /** What was masked, as counts by rule. */
  readonly masked?: Readonly<Record<string, number>>;
}

export interface OutputContext {
  readonly principal: string;
  /** Keyed digest of the input. */
  readonly input: Sha256 | undefined;
  readonly step: Step;
}

export interface GuardedAnswer {
  readonly answer: Answer;
  /** As the upstream gave it: detectors look at that. */
  readonly original: Answer;
  readonly masked?: Readonly<Record<string, number>>;
}

/** Takes a stream of events apart and puts it together again, guarded. */
export interface StreamGuard {
  /** @returns what may go on now, or why the stream ends here */
  push(chunk: Buffer): Buffer | Refusal;
  finish(): Buffer | Refusal;
  readonly masked: Readonly<Record<string, number>>;
}

/** One operation of one route, with everything that is known of it before a request comes. */
export interface Plan {
  readonly route: Route;
  readonly operation: Operation;
  readonly asked: Asked;
  /** Bytes of the longest body that is read; 0 for none. */
  readonly maxBytes: number;
  readonly inspect: (body: Buffer, head: BodyHead) => Soon<Inspected | Refusal>;
  readonly guardInput: (inspected: Inspected) => GuardedInput | Refusal;
  readonly guardAnswer: (
    body: Buffer,
    headers: Readonly<Record<string, string | undefined>>,
    context: OutputContext,
  ) => GuardedAnswer | Refusal;
  readonly guardStream: ((context: OutputContext) => StreamGuard) | undefined;
  /** Absent where nobody looks at sequences of queries. */
  readonly sketch?: (inspected: Inspected, answer: Answer | undefined) => readonly Sketched[];
}

/** Several routes answer to one path; the body says which is meant. */
export interface Choice {
  /** Bytes of the longest body of all of them. */
  readonly maxBytes: number;
  readonly choose: (body: Buffer) => Plan | Refusal;
}

export type Sketched = Omit<QuerySketch, 'decision' | 'at' | 'principal' | 'group' | 'route' | 'own'>;

export interface Charged {
  readonly bytes: number;
  readonly elements: number;
  readonly tokens: number;
  readonly rows: number;
  /** Units of the route's `cost`. */
  readonly cost: number;
}

/** One request that was let in; holds its place among those of the caller that run at once. */
export interface Admission {
  charge(cost: Charged, now: number): Soon<Refusal | undefined>;
  done(): void;
}

/** Who may go to an upstream now: its breaker, and the places toward it. */
export interface UpstreamGate {
  enter(principal: string, now: number): Soon<Place | Refusal>;
  report(succeeded: boolean, now: number): void;
}

export interface Metrics {
  request(seen: {
    readonly route: string;
    readonly outcome: string;
    readonly code: string;
    readonly seconds: number;
    readonly bytesIn: number;
    readonly bytesOut: number;
  }): void;
}

export interface DoorParts {
  /** @param path canonical */
  readonly find: (transport: Transport, method: string, path: string) => Plan | Choice | Refusal;
  readonly identify: (credentials: Credentials, now: number) => Soon<Caller | Refusal>;
  readonly isRevoked: (caller: Caller) => boolean;
  /** Why a route does not serve now. */
  readonly serving: (route: string) => Refusal | undefined;
  readonly admit: (caller: Caller, route: Route, now: number) => Soon<Admission | Refusal>;
  readonly may: (caller: Caller, asked: Asked) => Soon<Permission>;
  readonly upstream: (name: string) => UpstreamGate;
  readonly step: (principal: string, route: string) => Step;
  readonly observe: (sketch: QuerySketch) => void;
  /** Does what no answer has to wait for, once the answers at hand are on their way; a fault of it is no fault of a request. */
  readonly afterwards: (work: () => void) => void;
  readonly recorder: Recorder;
  readonly metrics: Metrics;
  /** Keyed digest of an input. */
  readonly digestInput: (body: Buffer) => Sha256;
  readonly newId: () => string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Milliseconds that never go back. */
  readonly ticks: () => number;
  readonly config: Sha256;
  readonly policy: () => Sha256;
}
