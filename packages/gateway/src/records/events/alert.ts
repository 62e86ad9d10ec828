// Something that happened at the gateway and is no decision about one request: a finding, a step, a route, a reload.
import type { JsonObject } from '@vallum/core';
import type { Step } from '../../detectors/step.js';
import type { AlertKind } from './signals.js';

export interface GatewayAlert {
  readonly kind: AlertKind;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** One sentence for operators. */
  readonly why: string;
  /** Id of the route. */
  readonly route?: string;
  readonly model?: string;
  readonly principal?: string;
  readonly group?: string;
  readonly upstream?: string;
  /** What a detector saw. */
  readonly seen?: {
    readonly detector: string;
    readonly score: number;
    readonly threshold: number;
    /** Queries that it looked at. */
    readonly queries: number;
  };
  readonly step?: { readonly from: Step; readonly to: Step };
  /** Ids of decisions that it rests on; the first 20 are told. */
  readonly decisions?: readonly string[];
  /** More, small and without secrets. */
  readonly more?: JsonObject;
}
