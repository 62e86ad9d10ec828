// What the primary and its workers say to each other. Both are processes of one program that one person started; still a worker
// speaks with strangers all day, so the primary believes it about its own requests and about nothing else.
import type { SecurityEvent, Sha256 } from '@vallum/core';
import type { PolicySet } from '../../may/decide.js';
import type { GatewaySettings } from '../../config/schema.js';
import type { Step } from '../../detectors/step.js';
import type { LeaseAnswer, LeaseRequest } from '../../limits/lease.js';
import type { Revocation } from '../../limits/revocations.js';
import type { RecordAck, RecordBatch } from '../../records/batch.js';
import type { WorkerMetrics } from '../../records/metrics/request-counts.js';
import type { Gate } from '../../serving/gate.js';
import type { KeysAtHand } from '../../who/keys/key-store.js';
import type { KeySetTrouble } from '../../who/token/key-source.js';

/** Random bytes of this gateway that all its workers share. */
export interface Secrets {
  /** Under which inputs are digested for the records. */
  readonly inputs: Uint8Array;
  /** Under which sketches are made. */
  readonly sketches: Uint8Array;
  /** Under which noise is drawn. */
  readonly noise: Uint8Array;
}

/** What a worker starts with. */
export interface WorkerStart {
  readonly settings: GatewaySettings;
  readonly config: Sha256;
  /** Folder of gateway.yaml. */
  readonly folder: string;
  readonly life: string;
  /** Of Vallum. */
  readonly version: string;
  readonly workers: number;
  readonly secrets: Secrets;
  readonly keys: KeysAtHand | undefined;
  readonly policies: PolicySet;
  readonly standing: Standing;
  /** Files of learned ranges by their name in gateway.yaml. */
  readonly learned: Readonly<Record<string, Uint8Array>>;
  /** Whether security events are wanted. */
  readonly events: boolean;
}

/** What changes while the gateway runs. */
export interface Standing {
  readonly gates: readonly (readonly [route: string, gate: Gate])[];
  readonly steps: readonly (readonly [principalAndRoute: string, step: Step])[];
  readonly revoked: readonly Revocation[];
}

export interface Ports {
  readonly rest?: number;
  readonly grpc?: number;
}

export type ToWorker =
  | { readonly type: 'start'; readonly start: WorkerStart }
  | { readonly type: 'standing'; readonly standing: Standing }
  | { readonly type: 'keys'; readonly keys: KeysAtHand }
  | { readonly type: 'policies'; readonly policies: PolicySet }
  | { readonly type: 'leased'; readonly id: number; readonly answers: readonly LeaseAnswer[] }
  | { readonly type: 'records-ready'; readonly ready: boolean }
  | RecordAck
  | { readonly type: 'stop' };

export type ToPrimary =
  /** It has loaded and waits to be told. */
  | { readonly type: 'here' }
  | { readonly type: 'listening'; readonly ports: Ports }
  | { readonly type: 'cannot-start'; readonly code: string; readonly message: string; readonly fix?: string }
  | RecordBatch
  | { readonly type: 'lease'; readonly id: number; readonly requests: readonly LeaseRequest[] }
  /** `packed` is a list of `QuerySketch` as `v8.serialize` writes it: only the detectors' thread reads it. */
  | { readonly type: 'sketches'; readonly packed: Uint8Array; readonly count: number; readonly lost: number }
  | WorkerMetrics
  | { readonly type: 'event'; readonly event: SecurityEvent }
  | { readonly type: 'key-set-trouble'; readonly trouble: KeySetTrouble };
