// Gets the keys of an issuer from its URL or from a file. The answer is hostile until it is read: it is bounded in size and
// time, and a redirect, which could lead to plain http or into the own network, is not followed.
import type { Disk } from '@vallum/core';
import { VallumError } from '@vallum/core';
import { resolve } from 'node:path';
import { MAX_KEY_SET_BYTES } from '../token/key-set.js';
import { keySetUrl } from '../token/key-set-place.js';
import type { LoadKeySet } from '../token/key-source.js';

export interface KeySetLoading {
  readonly disk: Disk;
  /** Files are looked for from here: the folder of gateway.yaml. */
  readonly folder: string;
  /** For the whole answer. */
  readonly timeoutMs?: number;
}

/** Rejects with VallumError `GATEWAY_JWKS`, `DISK_READ`, `DISK_TOO_LARGE`. */
export function keySetLoader({ disk, folder, timeoutMs = 5_000 }: KeySetLoading): LoadKeySet {
  return async (place) => {
    const url = keySetUrl(place);
    return url === undefined ? disk.read(resolve(folder, place), MAX_KEY_SET_BYTES) : fetchKeySet(url, timeoutMs);
  };
}

async function fetchKeySet(url: URL, timeoutMs: number): Promise<Uint8Array> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(new Error(`no whole answer in ${timeoutMs} ms`)), timeoutMs);
  try {
    const headers = { accept: 'application/jwk-set+json, application/json' };
    const response = await fetch(url, { headers, redirect: 'error', signal: stop.signal });
    if (response.status !== 200) throw new Error(`it answers ${response.status}`);
    return await bounded(response);
  } catch (error) {
    throw new VallumError('GATEWAY_JWKS', `no keys from ${url.origin}${url.pathname}: ${whyOf(error)}`, {
      fix: 'see whether the issuer runs and can be reached',
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    // Also ends what an early return left open.
    stop.abort();
  }
}

async function bounded(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > MAX_KEY_SET_BYTES) throw new Error(`the answer has more than ${MAX_KEY_SET_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** fetch says only "fetch failed"; why stands in its cause. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}
