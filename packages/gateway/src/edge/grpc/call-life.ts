// How long somebody waits for a call: until its deadline, its cancellation, or the end of its connection.
import type { ServerHttp2Stream } from 'node:http2';
import type { Refusal } from '../../door/refusal.js';
import { refuse } from '../../door/refusal.js';

/** A day: longer ones are as good as none, and timers count only 31 bits of milliseconds. */
const LONGEST = 86_400_000;

export class CallLife {
  readonly #controller = new AbortController();
  readonly #until: number | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #over: Refusal | undefined;

  /** @param timeoutMs What the caller said in grpc-timeout. */
  constructor(stream: ServerHttp2Stream, timeoutMs: number | undefined) {
    const cancelled = (): void => this.#end(refuse('time-out', 'the caller cancelled, or its connection ended'));
    stream.once('aborted', cancelled);
    stream.once('close', cancelled);
    if (timeoutMs === undefined || timeoutMs > LONGEST) return;
    this.#until = performance.now() + timeoutMs;
    this.#timer = setTimeout(
      () => this.#end(refuse('upstream-time-out', 'the deadline of the caller passed')),
      timeoutMs,
    );
  }

  /** Aborted when nobody waits any more. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why nobody waits any more. */
  get over(): Refusal | undefined {
    return this.#over;
  }

  /** Milliseconds until the deadline. */
  get remaining(): number | undefined {
    return this.#until === undefined ? undefined : Math.max(0, this.#until - performance.now());
  }

  /** The call is decided: its deadline no longer matters. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #end(why: Refusal): void {
    if (this.#over !== undefined) return;
    this.#over = why;
    clearTimeout(this.#timer);
    this.#controller.abort();
  }
}
