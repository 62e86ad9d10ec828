// The connections to one upstream.
import { readFileSync } from 'node:fs';
import { Pool } from 'undici';
import type { UpstreamSettings } from '../../config/schema.js';
import type { Forward } from '../../door/exchange.js';
import type { Call, CallHandlers } from './call.js';
import { callUpstream } from './call.js';

export class UpstreamPool {
  readonly #pool: Pool;
  readonly #settings: UpstreamSettings;
  readonly #authorization: string | undefined;
  /** Path of the upstream's address, before that of the operation. */
  readonly #base: string;

  /** @param resolve finds a file that gateway.yaml names */
  constructor(settings: UpstreamSettings, resolve: (file: string) => string) {
    const { url, connections, connectSeconds, headersSeconds, idleSeconds, authorities, token } = settings;
    this.#settings = settings;
    this.#base = new URL(url).pathname.replace(/\/+$/, '');
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

  /** @param maxBytes of the answer */
  call(forward: Forward, maxBytes: number, handlers: CallHandlers): Call {
    const { totalSeconds } = this.#settings;
    const limits = { maxBytes, totalMs: totalSeconds * 1_000, authorization: this.#authorization };
    const request = this.#base === '' ? forward : { ...forward, path: this.#base + forward.path };
    return callUpstream(this.#pool, request, limits, handlers);
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}
