// What a request head must look like before anything is read from it. Node's parser is strict already; these checks hold
// whatever it lets through, because a second parser behind us may read it differently (request smuggling, RFC 9112 section 11.2).
import type { Refusal } from './refusal.js';
import { refuse } from './refusal.js';

/** Headers of which a second one changes the meaning; none may come twice. */
const ONCE = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'content-type',
  'content-encoding',
  'authorization',
  'x-api-key',
  'api-key',
  'inference-header-content-length',
  'expect',
  'connection',
]);
/** Headers that ask for another method, path or protocol than the request line. */
const NEVER = new Set([
  'upgrade',
  'http2-settings',
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-original-url',
  'x-rewrite-url',
]);
const LENGTH = /^(0|[1-9]\d{0,14})$/;

/** @param rawHeaders names and values in turn, as they came @param version `1.1`; anything else is refused */
export function checkFraming(rawHeaders: readonly string[], version: string): Refusal | undefined {
  if (version !== '1.1') return refuse('bad-framing', `HTTP/${version} is not spoken`);
  const seen = new Map<string, string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    // Some servers take an underscore for a dash, so a header could mean one thing here and another behind us.
    if (NEVER.has(name) || (name.includes('_') && ONCE.has(name.replaceAll('_', '-'))))
      return refuse('bad-framing', `the header ${name} is not accepted`);
    if (!ONCE.has(name)) continue;
    if (seen.has(name)) return refuse('bad-framing', `the header ${name} comes twice`);
    seen.set(name, rawHeaders[at + 1] ?? '');
  }
  return checkSeen(seen);
}

function checkSeen(seen: ReadonlyMap<string, string>): Refusal | undefined {
  const length = seen.get('content-length');
  const coding = seen.get('transfer-encoding');
  if (!seen.has('host')) return refuse('bad-framing', 'there is no host');
  if (length !== undefined && coding !== undefined)
    return refuse('bad-framing', 'content-length and transfer-encoding come together');
  if (length !== undefined && !LENGTH.test(length)) return refuse('bad-framing', 'content-length is no plain number');
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    return refuse('bad-framing', 'the only transfer coding is chunked');
  const content = seen.get('content-encoding');
  if (content !== undefined && content !== 'identity')
    return refuse('unsupported-type', 'bodies are read as they are, without content coding');
  const expect = seen.get('expect')?.toLowerCase();
  if (expect !== undefined && expect !== '100-continue')
    return refuse('bad-framing', 'expect asks for something unknown');
  const connection = seen.get('connection')?.toLowerCase();
  if (connection !== undefined && connection !== 'keep-alive' && connection !== 'close')
    return refuse('bad-framing', 'connection says keep-alive or close, nothing else');
  return undefined;
}
