// One request to an upstream over HTTP/1.1, by undici's dispatch: our own head around checked bytes, the answer in one piece or
// as a stream. Redirects are not followed, nothing is sent twice, and an answer that is too long or too slow is cut off.
import type { Dispatcher } from 'undici';
import type { Forward } from '../../door/exchange.js';
import type { Refusal } from '../../door/refusal.js';
import { refuse } from '../../door/refusal.js';

export type UpstreamHeaders = Readonly<Record<string, string | undefined>>;

/** Exactly one of `done` and `failed` is called, once. */
export interface CallHandlers {
  /** @returns true to get the body as it comes, through `chunk` */
  head(status: number, headers: UpstreamHeaders): boolean;
  /** @returns false to wait for `resume` of the call */
  chunk(chunk: Buffer): boolean;
  /** @param body empty where it went through `chunk` */
  done(body: Buffer): void;
  failed(refusal: Refusal): void;
}

export interface Call {
  abort(why: string): void;
  resume(): void;
}

export interface CallLimits {
  readonly maxBytes: number;
  readonly totalMs: number;
  /** Sent as `authorization`. */
  readonly authorization: string | undefined;
}

const NOTHING = Buffer.alloc(0);
/** Headers of an answer that mean something to us. All others stay behind. */
const KEPT = new Set(['content-type', 'content-encoding', 'inference-header-content-length']);

class Running implements Dispatcher.DispatchHandler, Call {
  readonly #handlers: CallHandlers;
  readonly #maxBytes: number;
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #aborted: Refusal | undefined;
  #isStream = false;
  #isDone = false;
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(handlers: CallHandlers, { maxBytes, totalMs }: CallLimits) {
    this.#handlers = handlers;
    this.#maxBytes = maxBytes;
    this.#timer = setTimeout(
      () => this.#stop(refuse('upstream-time-out', `no whole answer in ${totalMs} ms`)),
      totalMs,
    );
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#aborted !== undefined) controller.abort(new Error('aborted'));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#controller = controller;
    if (status < 200) return;
    const kept: Record<string, string | undefined> = {};
    for (const name of KEPT) {
      const value = headers[name];
      if (Array.isArray(value)) return this.#stop(refuse('bad-upstream', `the upstream sent ${name} twice`));
      if (value !== undefined) kept[name] = value;
    }
    this.#isStream = this.#handlers.head(status, kept);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length > this.#maxBytes)
      return this.#stop(refuse('bad-upstream', `the answer is longer than ${this.#maxBytes} bytes`));
    if (!this.#isStream) this.#chunks.push(chunk);
    else if (!this.#handlers.chunk(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#finish())
      this.#handlers.done(this.#chunks.length === 1 ? (this.#chunks[0] ?? NOTHING) : Buffer.concat(this.#chunks));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.broke(error);
  }

  broke(error: Error): void {
    if (this.#finish()) this.#handlers.failed(this.#aborted ?? refusalOf(error));
  }

  abort(why: string): void {
    this.#stop(refuse('time-out', why));
  }

  resume(): void {
    this.#controller?.resume();
  }

  #stop(refusal: Refusal): void {
    if (this.#isDone) return;
    this.#aborted ??= refusal;
    // Before the request has a connection there is nothing to abort: undici asks when it starts.
    if (this.#controller === undefined) {
      if (this.#finish()) this.#handlers.failed(refusal);
    } else this.#controller.abort(new Error('aborted'));
  }

  #finish(): boolean {
    if (this.#isDone) return false;
    this.#isDone = true;
    clearTimeout(this.#timer);
    return true;
  }
}

/** Never throws. */
export function callUpstream(
  dispatcher: Dispatcher,
  forward: Forward,
  limits: CallLimits,
  handlers: CallHandlers,
): Call {
  const running = new Running(handlers, limits);
  const { method, path, headers, body } = forward;
  const { authorization } = limits;
  try {
    dispatcher.dispatch(
      {
        method,
        path,
        body: method === 'GET' ? null : body,
        headers: authorization === undefined ? headers : { ...headers, authorization },
        idempotent: false,
      },
      running,
    );
  } catch (error) {
    running.broke(error as Error);
  }
  return running;
}

/** Error codes of undici: nodejs/undici docs/docs/api/Errors.md. */
function refusalOf(error: Error & { readonly code?: string }): Refusal {
  const { code = error.name } = error;
  const isLate = code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
  if (isLate) return refuse('upstream-time-out', `the upstream is too slow: ${code}`);
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ECONNREFUSED' || code === 'ENOTFOUND')
    return refuse('unavailable', `the upstream cannot be reached: ${code}`, { retryAfter: 1 });
  return refuse('bad-upstream', `the upstream broke off: ${code}`);
}
