// A unary call to a gRPC upstream: our own head around the checked message, and of the answer only the message.
import type { ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2';
import { constants } from 'node:http2';
import type { UpstreamSettings } from '../../config/schema.js';
import type { Refusal } from '../../door/refusal.js';
import { isRefusal, refuse } from '../../door/refusal.js';
import { MessageReader, prefixOf } from '../../grpc/frame.js';
import type { GrpcUpstream, UpstreamCall } from '../../grpc/ports.js';
import { GRPC_OK, readStatus, refusalOfUpstream } from '../../grpc/status.js';
import { timeoutHeader } from '../../grpc/timeout.js';
import type { UpstreamSession } from './upstream-sessions.js';
import { UpstreamSessions } from './upstream-sessions.js';

export interface UpstreamSecrets {
  /** PEM of the authorities. */
  readonly authorities?: string;
  /** Sent as `authorization: Bearer`. */
  readonly token?: string;
}

type Head = IncomingHttpHeaders & IncomingHttpStatusHeader;

/** Milliseconds. */
interface Times {
  readonly headers: number;
  readonly idle: number;
  readonly total: number;
}

/** The upstream did not look at the call, so that another attempt does no harm (gRPC proposal A6, transparent retries). */
const NOT_PROCESSED = Symbol('not processed');
const ATTEMPTS = 2;
/** What the upstream gets beyond the deadline, so that ours ends the call first: a caller's short one is no fault of it. */
const GRACE_MS = 1_000;

/** Connections are made when calls need them. */
export function grpcUpstream(settings: UpstreamSettings, { authorities, token }: UpstreamSecrets = {}): GrpcUpstream {
  const { url, connections, queue } = settings;
  const sessions = new UpstreamSessions({
    url,
    connections,
    queue,
    connectMs: settings.connectSeconds * 1_000,
    ...(authorities === undefined ? {} : { authorities }),
  });
  const bearer = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    call: async (call) => {
      const begun = performance.now();
      const most = settings.totalSeconds * 1_000;
      for (let attempt = 1; ; attempt += 1) {
        const total = most - (performance.now() - begun);
        if (total <= 0) return refuse('upstream-time-out', 'the time for the call passed before it was sent');
        const session = await sessions.acquire(total, call.signal);
        if (isRefusal(session)) return session;
        const times = { headers: settings.headersSeconds * 1_000, idle: settings.idleSeconds * 1_000, total };
        const result = await new Attempt(session, sessions, call, times).run(bearer);
        sessions.release(session);
        if (result !== NOT_PROCESSED) return result;
        if (attempt === ATTEMPTS) return refuse('unavailable', 'the upstream refused the call without looking at it');
      }
    },
    close: () => sessions.close(),
  };
}

/** One stream at the upstream, which may end in any of a dozen ways; the first of them counts. */
class Attempt {
  readonly #session: UpstreamSession;
  readonly #sessions: UpstreamSessions;
  readonly #call: UpstreamCall;
  readonly #times: Times;
  readonly #reader: MessageReader;
  #head: Head | undefined;
  #trailers: IncomingHttpHeaders | undefined;

  constructor(session: UpstreamSession, sessions: UpstreamSessions, call: UpstreamCall, times: Times) {
    this.#session = session;
    this.#sessions = sessions;
    this.#call = call;
    this.#times = times;
    this.#reader = new MessageReader(call.maxBytes);
  }

  run(bearer: Readonly<Record<string, string>>): Promise<Buffer | Refusal | typeof NOT_PROCESSED> {
    const { path, message, signal } = this.#call;
    if (signal.aborted) return Promise.resolve(refuse('time-out', 'nobody waits for the call any more'));
    let stream: ClientHttp2Stream;
    try {
      stream = this.#session.http2.request(
        {
          ':method': 'POST',
          ':path': path,
          'content-type': 'application/grpc',
          te: 'trailers',
          'grpc-timeout': timeoutHeader(Math.min(this.#times.total, this.#call.timeoutMs ?? Infinity) + GRACE_MS),
          ...bearer,
        },
        { endStream: false },
      );
    } catch {
      // The connection began to close since it was chosen.
      this.#session.isRetired = true;
      return Promise.resolve(NOT_PROCESSED);
    }
    const result = this.#follow(stream);
    stream.cork();
    stream.write(prefixOf(message));
    stream.end(message);
    return result;
  }

  #follow(stream: ClientHttp2Stream): Promise<Buffer | Refusal | typeof NOT_PROCESSED> {
    const { signal } = this.#call;
    const { headers, idle, total } = this.#times;
    return new Promise((resolve) => {
      const done = (result: Buffer | Refusal | typeof NOT_PROCESSED): void => {
        clearTimeout(phase);
        clearTimeout(whole);
        signal.removeEventListener('abort', stop);
        stream.removeAllListeners('data');
        // Also ends a message that is still being sent to an upstream that answered already.
        if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL);
        resolve(result);
      };
      const late = (what: string): void => {
        this.#sessions.suspect(this.#session);
        done(refuse('upstream-time-out', what));
      };
      const stop = (): void => done(refuse('time-out', 'nobody waits for the call any more'));
      const whole = setTimeout(() => done(refuse('upstream-time-out', 'the call took too long altogether')), total);
      let phase = setTimeout(() => late(`the upstream sent no headers within ${headers} ms`), headers);
      stream.on('response', (head, flags) => {
        this.#head = head;
        // With trailers only, the status stands in the one block of headers; elsewhere it would come before the message.
        if ((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0) this.#trailers = head;
        clearTimeout(phase);
        phase = setTimeout(() => late(`the upstream sent nothing for ${idle} ms`), idle);
        const refusal = this.#judgeHead(head);
        if (refusal !== undefined) done(refusal);
      });
      stream.on('data', (chunk: Buffer) => {
        phase.refresh();
        const refusal = this.#reader.push(chunk);
        if (refusal !== undefined) done(refuse('bad-upstream', `answer of the upstream: ${refusal.reason}`));
      });
      stream.on('trailers', (trailers: IncomingHttpHeaders) => (this.#trailers = trailers));
      stream.once('end', () => {
        if (this.#head !== undefined && !stream.aborted) done(this.#finish());
      });
      stream.once('close', () => done(this.#broken(stream)));
      // Told by "close" as well.
      stream.on('error', () => {});
      signal.addEventListener('abort', stop);
    });
  }

  #judgeHead(head: Head): Refusal | undefined {
    if (head[':status'] !== 200)
      return refuse('bad-upstream', `the upstream answered with HTTP ${head[':status'] ?? '-'}`);
    if (!/^application\/grpc(\+proto)?$/.test(head['content-type'] ?? ''))
      return refuse('bad-upstream', 'the upstream answered with something else than gRPC');
    return undefined;
  }

  #finish(): Buffer | Refusal {
    const status = readStatus(this.#trailers?.['grpc-status']);
    if (status === undefined) return refuse('bad-upstream', 'the upstream ended without a gRPC status');
    if (status !== GRPC_OK) return refusalOfUpstream(status);
    const message = this.#reader.finish();
    return isRefusal(message) ? refuse('bad-upstream', `answer of the upstream: ${message.reason}`) : message;
  }

  #broken(stream: ClientHttp2Stream): Refusal | typeof NOT_PROCESSED {
    const { lastStream } = this.#session;
    const wasRefused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
    const wasAfterGoaway = lastStream !== undefined && stream.id !== undefined && stream.id > lastStream;
    if (this.#head === undefined && (wasRefused || wasAfterGoaway)) return NOT_PROCESSED;
    return refuse('bad-upstream', `the upstream broke off with HTTP/2 code ${stream.rstCode}`);
  }
}
