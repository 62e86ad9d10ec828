// One decision as it enters the gateway's ledger. Inputs stay outside: a keyed digest and sketches speak for them.
import type { Sha256 } from '@vallum/core';
import type { Means } from '../door/caller.js';
import type { RefusalCode } from '../door/refusal.js';
import type { Step } from '../detectors/step.js';

export interface Decision {
  /** 128 random bits in hexadecimal; the caller gets it with every answer as `x-vallum-decision`. */
  readonly id: string;
  /** Milliseconds since the epoch, when the head of the request was complete. */
  readonly at: number;
  /** What happened: forwarded and answered, refused by the gateway, or broken off after it was forwarded. */
  readonly outcome: 'allowed' | 'refused' | 'failed';
  readonly code?: RefusalCode;
  readonly reason?: string;
  /** Id of the route; absent when the path is none. */
  readonly route?: string;
  readonly operation?: string;
  readonly model?: string;
  readonly version?: string;
  readonly principal?: string;
  readonly credential?: string;
  readonly means?: Means;
  /** Address of the peer. */
  readonly peer: string;
  /** Names of the Cedar policies that decided. */
  readonly policies?: readonly string[];
  /** Status that the caller got. */
  readonly status: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly rows?: number;
  readonly elements?: number;
  readonly tokens?: number;
  /** HMAC-SHA-256 of the input under the gateway's own secret, so that nobody can look inputs up. */
  readonly input?: Sha256;
  /** Step of the principal that shaped the answer. */
  readonly step?: Step;
  /** What was taken out of input or answer, as counts by rule id. */
  readonly masked?: Readonly<Record<string, number>>;
  readonly durationMs: number;
  /** How many equal refusals this one stands for, when a flood is told in one entry a second. */
  readonly times?: number;
  readonly config: Sha256;
  readonly policy: Sha256;
}

/** Hands decisions to whoever owns the ledger. */
export interface Recorder {
  /** Resolves when the entry is durable. @throws VallumError `RECORDS_FULL`, `RECORDS_GONE`: then nothing may be answered */
  record(decision: Decision): Promise<void>;
  /** False when the buffer of records is full or the ledger cannot take more: new requests are refused. */
  readonly ready: boolean;
}
