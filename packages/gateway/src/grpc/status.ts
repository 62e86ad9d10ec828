// Status codes of gRPC (doc/statuscodes.md): what a caller gets for a refusal, and what an upstream's answer means.
import type { Refusal } from '../door/refusal.js';
import { refuse } from '../door/refusal.js';

export const GRPC_OK = 0;
const INVALID_ARGUMENT = 3;
const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const OUT_OF_RANGE = 11;
const UNIMPLEMENTED = 12;
const INTERNAL = 13;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

const BY_HTTP_STATUS: ReadonlyMap<number, number> = new Map([
  [400, INVALID_ARGUMENT],
  [401, UNAUTHENTICATED],
  [403, PERMISSION_DENIED],
  [404, NOT_FOUND],
  [405, UNIMPLEMENTED],
  [408, DEADLINE_EXCEEDED],
  [413, RESOURCE_EXHAUSTED],
  // A compressed message: gRPC answers UNIMPLEMENTED to a compression it does not know (doc/compression.md).
  [415, UNIMPLEMENTED],
  [429, RESOURCE_EXHAUSTED],
  [431, RESOURCE_EXHAUSTED],
  [502, UNAVAILABLE],
  [503, UNAVAILABLE],
  [504, DEADLINE_EXCEEDED],
]);

/** @param admitted False while only the head was judged: then what is not found is the method itself. */
export function codeOfRefusal({ status }: Refusal, admitted: boolean): number {
  if (status === 404 && !admitted) return UNIMPLEMENTED;
  return BY_HTTP_STATUS.get(status) ?? INTERNAL;
}

/**
 * What an upstream's status other than OK means to the caller. Its text is left out even of the reason: servers quote the
 * input there, which must not enter the records. A refused credential is the gateway's own, so it is not passed on as 401.
 */
export function refusalOfUpstream(code: number): Refusal {
  const reason = `the upstream answered with gRPC status ${code}`;
  switch (code) {
    case INVALID_ARGUMENT:
    case FAILED_PRECONDITION:
    case OUT_OF_RANGE:
      return refuse('bad-input', reason);
    case NOT_FOUND:
      return refuse('not-found', reason);
    case DEADLINE_EXCEEDED:
      return refuse('upstream-time-out', reason);
    case RESOURCE_EXHAUSTED:
      return refuse('overloaded', reason);
    case UNAVAILABLE:
      return refuse('unavailable', reason);
    default:
      return refuse('bad-upstream', reason);
  }
}

/** `grpc-status` of a header block; undefined when it is absent or not a number as the protocol writes one. */
export function readStatus(value: unknown): number | undefined {
  return typeof value === 'string' && /^(0|[1-9]\d{0,4})$/.test(value) ? Number(value) : undefined;
}

/** Trailers of a refusal: a code and the id of the decision, and nothing of the sentence for operators. */
export function refusalTrailers(refusal: Refusal, admitted: boolean, decision: string): Record<string, string> {
  return {
    'grpc-status': String(codeOfRefusal(refusal, admitted)),
    'grpc-message': percentEncode(`refused: ${refusal.code}, decision ${decision}`),
    'x-vallum-decision': decision,
    // Honoured by clients that retry (gRPC proposal A6).
    ...(refusal.retryAfter === undefined
      ? {}
      : { 'grpc-retry-pushback-ms': String(Math.ceil(refusal.retryAfter * 1_000)) }),
  };
}

/** `grpc-message`: UTF-8 with everything but printable ASCII, and `%`, as `%XX`. */
export function percentEncode(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
