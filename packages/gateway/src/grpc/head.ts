// The head of a call as it arrived: the few headers that the gateway reads. Everything else of the caller's metadata is
// dropped, and nothing of it goes to the upstream.
import type { Refusal } from '../door/refusal.js';
import { refuse } from '../door/refusal.js';
import { parseTimeout } from './timeout.js';

const READ = new Set([':method', ':path', 'authorization', 'content-type', 'grpc-timeout', 'te', 'x-api-key']);
const CONTENT_TYPES = new Set(['application/grpc', 'application/grpc+proto']);
/** What a record shows of a method or a content type that is none. */
const SHOWN = 128;
const PAIR_BYTES = 32;

export interface Head {
  /** As sent; empty or cut where it was none. */
  readonly method: string;
  readonly path: string;
  readonly contentType: string;
  readonly authorization?: string;
  readonly apiKey?: string;
  /** Milliseconds that the caller waits. */
  readonly timeoutMs?: number;
  /** Why the call goes no further; the other fields then only tell what came. */
  readonly refusal?: Refusal;
}

/**
 * @param rawHeaders Name, value, name, value... with lower-case names, as `node:http2` gives them. Its own object of headers
 * silently keeps the first of two `authorization`, so two proxies could act on two callers; here a second one is refused.
 * @param maxBytes Of names and values, with 32 for each pair, as HTTP/2 counts them (RFC 9113 section 6.5.2).
 */
export function readHead(rawHeaders: readonly string[], maxBytes: number): Head {
  const found = new Map<string, string>();
  let repeated: string | undefined;
  let bytes = 0;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    bytes += name.length + (rawHeaders[at + 1]?.length ?? 0) + PAIR_BYTES;
    if (!READ.has(name)) continue;
    if (found.has(name)) repeated = name;
    else found.set(name, rawHeaders[at + 1] ?? '');
  }
  const authorization = found.get('authorization');
  const apiKey = found.get('x-api-key');
  const timeout = found.get('grpc-timeout');
  const timeoutMs = timeout === undefined ? undefined : parseTimeout(timeout);
  const isTooLarge = bytes > maxBytes;
  const refusal =
    (isTooLarge
      ? refuse('headers-too-large', `the headers have ${bytes} bytes; ${maxBytes} are allowed`)
      : undefined) ??
    judge(found, repeated) ??
    (typeof timeoutMs === 'object' ? timeoutMs : undefined);
  return {
    method: (found.get(':method') ?? '').slice(0, SHOWN),
    path: found.get(':path') ?? '',
    contentType: (found.get('content-type') ?? '').slice(0, SHOWN),
    ...(authorization === undefined ? {} : { authorization }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(typeof timeoutMs === 'number' ? { timeoutMs } : {}),
    ...(refusal === undefined ? {} : { refusal }),
  };
}

function judge(found: ReadonlyMap<string, string>, repeated: string | undefined): Refusal | undefined {
  if (found.get(':method') !== 'POST') return refuse('method-not-allowed', 'a call of gRPC is a POST');
  if (!CONTENT_TYPES.has(found.get('content-type') ?? ''))
    return refuse('unsupported-type', 'the content type is neither application/grpc nor application/grpc+proto');
  if (repeated !== undefined) return refuse('bad-request', `the header ${repeated} stands there more than once`);
  if (found.get('te') !== 'trailers')
    return refuse('bad-request', 'te is not "trailers": a proxy on the way may drop the status');
  return undefined;
}
