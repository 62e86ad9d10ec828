// Asks an upstream a canary's question over HTTP, past the gateway's own routes: one request at a time, bounded in time and
// bytes, following no redirect.
import { readFileSync } from 'node:fs';
import { VallumError } from '@vallum/core';
import { Client } from 'undici';
import type { Ask } from '../replay.js';
import { MOST_ANSWER_BYTES } from '../replay.js';

export interface UpstreamToAsk {
  /** Origin, `http:` or `https:`; a path of it stands before that of the canary. */
  readonly url: string;
  /** File with the authorities of an upstream with TLS; those of the system by default. */
  readonly authorities?: string;
  /** Sent as `authorization: Bearer`. */
  readonly token?: string;
  /** For one answer, in milliseconds. */
  readonly timeoutMs: number;
}

export interface AskedUpstream {
  readonly ask: Ask;
  close(): Promise<void>;
}

/** @throws VallumError `CANARY_UPSTREAM` for a URL that is not HTTP; `ask` rejects with `CANARY_ANSWER` and network errors */
export function askUpstream({ url, authorities, token, timeoutMs }: UpstreamToAsk): AskedUpstream {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base === undefined || !/^https?:$/.test(base.protocol))
    throw new VallumError('CANARY_UPSTREAM', `${JSON.stringify(url)} is no http or https URL`, {
      fix: 'a canary is replayed over HTTP: name the HTTP port of the upstream',
    });
  const prefix = base.pathname.replace(/\/+$/, '');
  const client = new Client(base.origin, {
    pipelining: 1,
    connect: { timeout: timeoutMs, ...(authorities === undefined ? {} : { ca: readFileSync(authorities) }) },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  return {
    close: () => client.destroy(),
    ask: async ({ method, path, body }) => {
      const response = await client.request({
        method,
        path: `${prefix}${path}`,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.statusCode, body: await bounded(response.body) };
    },
  };
}

async function bounded(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > MOST_ANSWER_BYTES)
      throw new VallumError('CANARY_ANSWER', `the upstream answered with more than ${MOST_ANSWER_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
