// What the gRPC transport asks of the rest of the gateway, and what it offers.
import type { Turned } from '../door/door.js';
import type { Exchange } from '../door/exchange.js';
import type { Incoming } from '../door/parts.js';
import type { Refusal, Soon } from '../door/refusal.js';

/** An `Exchange`, as far as this transport speaks with it. */
export type GrpcExchange = Pick<Exchange, 'id' | 'take' | 'reported' | 'answer' | 'end'> & {
  readonly plan: {
    /** Longest message, in bytes. */
    readonly maxBytes: number;
    readonly route: { readonly settings: { readonly output: { readonly maxBytes: number } } };
  };
};

/** Several routes have the path: the message says which is meant. */
export interface GrpcChoosing {
  readonly maxBytes: number;
  readonly choose: (message: Buffer) => Soon<GrpcExchange | Turned>;
  readonly refuse: (refusal: Refusal) => Turned;
}

/** The `Door`, as far as this transport speaks with it. */
export interface GrpcDoor {
  enter(incoming: Incoming): Soon<GrpcExchange | GrpcChoosing | Turned>;
}

/** Answers ServerLive and ServerReady, which ask nobody's leave and tell nothing of the upstream. */
export interface Health {
  live(): boolean;
  ready(): boolean;
}

export interface UpstreamCall {
  readonly path: string;
  readonly message: Buffer;
  /** Longest answer, in bytes. */
  readonly maxBytes: number;
  /** Milliseconds that the caller still waits, to tell the upstream; what ends the call then is `signal`. */
  readonly timeoutMs?: number;
  /** Aborted when nobody waits any more: the stream at the upstream is cancelled. */
  readonly signal: AbortSignal;
}

export interface GrpcUpstream {
  /** The upstream's message, or why there is none; never throws. */
  call(call: UpstreamCall): Promise<Buffer | Refusal>;
  /** Ends all connections; calls under way fail. */
  close(): void;
}
