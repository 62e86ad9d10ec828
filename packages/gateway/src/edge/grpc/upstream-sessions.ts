// Connections to one gRPC upstream: as few as suffice, never more than allowed, and a bounded queue when all are full.
import type { ClientHttp2Session } from 'node:http2';
import { connect } from 'node:http2';
import type { Socket } from 'node:net';
import type { Refusal, Soon } from '../../door/refusal.js';
import { refuse } from '../../door/refusal.js';

export interface UpstreamTarget {
  /** `grpc://HOST:PORT` or, with TLS, `grpcs://HOST:PORT`. */
  readonly url: string;
  /** PEM of authorities; those of the system by default. */
  readonly authorities?: string;
  readonly connections: number;
  /** Calls that wait for a place. */
  readonly queue: number;
  readonly connectMs: number;
}

/** One connection that has spoken HTTP/2 with us. */
export interface UpstreamSession {
  readonly http2: ClientHttp2Session;
  readonly socket: Socket;
  /** Calls on it. */
  open: number;
  /** Takes no new calls: it is closing, closed or not answering. */
  isRetired: boolean;
  /** After GOAWAY: the last stream that the upstream looked at; later ones were not processed (RFC 9113 section 6.8). */
  lastStream: number | undefined;
}

type Waiter = (result: UpstreamSession | Refusal) => void;

/** Calls on one connection at once; fewer where the upstream says so. */
const STREAMS = 100;
const ANSWER_WINDOW = 1024 * 1024;
const CONNECTION_WINDOW = 16 * 1024 * 1024;
const HEADER_BYTES = 16 * 1024;

export class UpstreamSessions {
  readonly #target: UpstreamTarget;
  readonly #sessions = new Set<UpstreamSession>();
  readonly #waiting = new Set<Waiter>();
  readonly #connecting = new Set<ClientHttp2Session>();
  #isClosed = false;

  constructor(target: UpstreamTarget) {
    this.#target = target;
  }

  /** A place on a connection; give it back with `release`. Refuses with `unavailable`, `overloaded`, `upstream-time-out`. */
  acquire(timeoutMs: number, signal: AbortSignal): Soon<UpstreamSession | Refusal> {
    if (this.#isClosed) return refuse('unavailable', 'the gateway is closing its upstreams');
    const free = this.#free();
    if (free !== undefined) return this.#give(free);
    if (this.#waiting.size >= this.#target.queue)
      return refuse('overloaded', `${this.#waiting.size} calls wait for the upstream already`, { retryAfter: 1 });
    return this.#wait(timeoutMs, signal);
  }

  release(session: UpstreamSession): void {
    session.open -= 1;
    this.#endWhenUnused(session);
    this.#serveWaiting();
  }

  /** Asks a connection on which a call timed out whether it still lives. */
  suspect(session: UpstreamSession): void {
    if (session.isRetired) return;
    session.isRetired = true;
    this.#cutLater(session);
    session.http2.ping((error) => {
      if (error !== null || session.http2.closed) return;
      session.isRetired = false;
      this.#serveWaiting();
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const http2 of this.#connecting) http2.destroy();
    for (const { http2 } of this.#sessions) http2.destroy();
    this.#fail(refuse('unavailable', 'the gateway is closing its upstreams'));
  }

  #endWhenUnused(session: UpstreamSession): void {
    if (!session.isRetired || session.open > 0) return;
    session.http2.close();
    this.#cutLater(session);
  }

  /** A session of node:http2 that closes waits for its peer without end; one that is suspected may have none any more. */
  #cutLater(session: UpstreamSession): void {
    const { http2, socket } = session;
    const timer = setTimeout(() => {
      if (session.isRetired) socket.destroy();
    }, this.#target.connectMs);
    http2.once('close', () => clearTimeout(timer));
  }

  #free(): UpstreamSession | undefined {
    for (const session of this.#sessions) {
      const most = Math.min(STREAMS, session.http2.remoteSettings.maxConcurrentStreams ?? STREAMS);
      if (!session.isRetired && session.open < most) return session;
    }
    return undefined;
  }

  #give(session: UpstreamSession): UpstreamSession {
    session.open += 1;
    return session;
  }

  #wait(timeoutMs: number, signal: AbortSignal): Promise<UpstreamSession | Refusal> {
    return new Promise((resolve) => {
      const waiter: Waiter = (result) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        this.#waiting.delete(waiter);
        resolve(result);
      };
      const stop = (): void => waiter(refuse('time-out', 'nobody waits for the call any more'));
      const late = (): void => waiter(refuse('upstream-time-out', 'no connection to the upstream became free in time'));
      const timer = setTimeout(late, timeoutMs);
      this.#waiting.add(waiter);
      signal.addEventListener('abort', stop);
      if (signal.aborted) stop();
      else this.#grow();
    });
  }

  /** One more connection at a time; each that comes up takes as many calls as it can. */
  #grow(): void {
    if (this.#connecting.size > 0 || this.#sessions.size >= this.#target.connections || this.#isClosed) return;
    const { url, authorities, connectMs } = this.#target;
    const http2 = connect(url.replace(/^grpc/, 'http'), {
      ...(authorities === undefined ? {} : { ca: authorities }),
      minVersion: 'TLSv1.2',
      maxSessionMemory: 64,
      maxHeaderListPairs: 64,
      settings: { enablePush: false, initialWindowSize: ANSWER_WINDOW, maxHeaderListSize: HEADER_BYTES },
    });
    this.#connecting.add(http2);
    let why = `it did not speak HTTP/2 within ${connectMs} ms`;
    let socket: Socket | undefined;
    const late = setTimeout(() => http2.destroy(), connectMs);
    const ready = (): void => {
      if (socket === undefined) return;
      clearTimeout(late);
      http2.off('close', failed);
      this.#connecting.delete(http2);
      http2.setLocalWindowSize(CONNECTION_WINDOW);
      this.#add(http2, socket);
    };
    const failed = (): void => {
      clearTimeout(late);
      this.#connecting.delete(http2);
      if (this.#sessions.size === 0) this.#fail(refuse('unavailable', `the upstream cannot be reached: ${why}`));
    };
    http2.on('error', (error: Error) => (why = error.message));
    http2.once('close', failed);
    http2.once('connect', (_session, connected) => (socket = connected));
    // Not at "connect": a port that takes connections and never speaks HTTP/2 is no upstream.
    http2.once('remoteSettings', ready);
  }

  #add(http2: ClientHttp2Session, socket: Socket): void {
    const session: UpstreamSession = { http2, socket, open: 0, isRetired: false, lastStream: undefined };
    this.#sessions.add(session);
    http2.on('goaway', (_code: number, lastStream: number) => {
      session.isRetired = true;
      session.lastStream = lastStream;
      this.#endWhenUnused(session);
    });
    http2.once('close', () => {
      session.isRetired = true;
      this.#sessions.delete(session);
      if (this.#waiting.size > 0) this.#grow();
    });
    this.#serveWaiting();
  }

  #serveWaiting(): void {
    for (const waiter of this.#waiting) {
      const free = this.#free();
      if (free === undefined) {
        this.#grow();
        return;
      }
      waiter(this.#give(free));
    }
  }

  #fail(refusal: Refusal): void {
    for (const waiter of this.#waiting) waiter(refusal);
  }
}
