// The connections to one upstream, how many requests may wait for them, and whether it is worth asking at all.
import { readFileSync } from 'node:fs';
import { Pool } from 'undici';
import type { UpstreamSettings } from '../../config/schema.js';
import type { Forward } from '../../door/exchange.js';
import type { UpstreamGuard } from '../../door/parts.js';
import type { Refusal } from '../../door/refusal.js';
import { refuse } from '../../door/refusal.js';
import type { Call, CallHandlers } from './call.js';
import { callUpstream } from './call.js';

export class UpstreamPool implements UpstreamGuard {
  readonly #pool: Pool;
  readonly #settings: UpstreamSettings;
  readonly #breaker: UpstreamGuard;
  readonly #authorization: string | undefined;
  /** Path of the upstream's address, before that of the operation. */
  readonly #base: string;
  #running = 0;

  /** @param resolve finds a file that gateway.yaml names */
  constructor(settings: UpstreamSettings, breaker: UpstreamGuard, resolve: (file: string) => string) {
    const { url, connections, connectSeconds, headersSeconds, idleSeconds, authorities, token } = settings;
    this.#settings = settings;
    this.#base = new URL(url).pathname.replace(/\/+$/, '');
    this.#breaker = breaker;
    this.#authorization = token === undefined ? undefined : `Bearer ${readFileSync(resolve(token), 'utf8').trim()}`;
    this.#pool = new Pool(new URL(url).origin, {
      connections,
      // One request in flight on a connection: an answer can then never be taken for another's.
      pipelining: 1,
      headersTimeout: headersSeconds * 1_000,
      bodyTimeout: idleSeconds * 1_000,
      maxHeaderSize: 16_384,
      connect: {
        timeout: connectSeconds * 1_000,
        ...(authorities === undefined ? {} : { ca: readFileSync(resolve(authorities)) }),
      },
    });
  }

  allow(now: number): Refusal | undefined {
    const { connections, queue } = this.#settings;
    if (this.#running >= connections + queue)
      return refuse('overloaded', `${this.#running} requests run or wait for this upstream`, { retryAfter: 1 });
    return this.#breaker.allow(now);
  }

  report(succeeded: boolean, now: number): void {
    this.#breaker.report(succeeded, now);
  }

  /** @param maxBytes of the answer */
  call(forward: Forward, maxBytes: number, handlers: CallHandlers): Call {
    this.#running += 1;
    const { totalSeconds } = this.#settings;
    return callUpstream(
      this.#pool,
      this.#base === '' ? forward : { ...forward, path: this.#base + forward.path },
      { maxBytes, totalMs: totalSeconds * 1_000, authorization: this.#authorization },
      {
        head: (status, headers) => handlers.head(status, headers),
        chunk: (chunk) => handlers.chunk(chunk),
        done: (body) => {
          this.#running -= 1;
          handlers.done(body);
        },
        failed: (refusal) => {
          this.#running -= 1;
          handlers.failed(refusal);
        },
      },
    );
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}
