// Bounds of the gRPC listener. Those that operators set come from gateway.yaml; the others are fixed here with their reason.
import type { GatewaySettings } from '../../config/schema.js';

/** Times are milliseconds. */
export interface GrpcLimits {
  /** Of all headers of a call, uncompressed. */
  readonly headerBytes: number;
  /** From the connection to its first call; also the TLS handshake. */
  readonly headersMs: number;
  /** Without any call. Pings do not count: they cost a peer nothing. */
  readonly idleMs: number;
  /** From a call's head to the end of its message. */
  readonly bodyMs: number;
  /** From the first byte of an answer to its last: a peer that reads slowly holds our memory (CVE-2019-9517). */
  readonly answerMs: number;
  /** Calls of one connection at once. */
  readonly streams: number;
  /** Calls of one connection altogether; 0 for no bound. */
  readonly callsPerConnection: number;
  /** Bytes of messages that are held at once, over all connections. */
  readonly heldBytes: number;
  /** Streams that a peer may end before their answer (CVE-2023-44487), pings and settings (CVE-2019-9512, -9515). */
  readonly resets: Rate;
  readonly pings: Rate;
  readonly settings: Rate;
}

export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export function grpcLimits(http: GatewaySettings['http']): GrpcLimits {
  return {
    headerBytes: http.headerBytes,
    headersMs: http.headersSeconds * 1_000,
    idleMs: http.requestSeconds * 1_000,
    bodyMs: http.requestSeconds * 1_000,
    answerMs: http.requestSeconds * 1_000,
    streams: 100,
    callsPerConnection: http.requestsPerConnection,
    heldBytes: 256 * 1024 ** 2,
    // A client whose deadlines all expire at once ends every stream it has, more than once.
    resets: { burst: 300, perSecond: 20 },
    // Clients in C probe the bandwidth with pings while data flows, some in a second.
    pings: { burst: 100, perSecond: 10 },
    settings: { burst: 20, perSecond: 1 },
  };
}
