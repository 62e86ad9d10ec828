// What a caller gets who is turned away: a status, a coarse code and the id of the decision. Whoever needs to know more
// asks an operator for that id.
import type { Refusal, RefusalCode } from './refusal.js';

const SENTENCES: Readonly<Record<RefusalCode, string>> = {
  'bad-request': 'The request is not accepted.',
  'bad-framing': 'The request is not accepted.',
  'bad-path': 'The path is not accepted.',
  'bad-input': 'The input is not accepted.',
  unauthenticated: 'A valid credential is needed.',
  forbidden: 'This is not allowed.',
  'not-found': 'There is nothing here.',
  'method-not-allowed': 'This method is not allowed.',
  'time-out': 'The request took too long.',
  'too-large': 'The request is too large.',
  'unsupported-type': 'This type of content is not accepted.',
  'over-limit': 'There were too many requests.',
  'headers-too-large': 'The headers are too large.',
  'bad-upstream': 'The model server gave no usable answer.',
  unavailable: 'The service is not available now.',
  overloaded: 'The service is busy.',
  'not-served': 'This model is not served now.',
  'upstream-time-out': 'The model server took too long.',
};

export interface TurnedAway {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Paths of the Open Inference Protocol, behind any prefix. */
const OPEN_INFERENCE = /\/v2(?:[\/?]|$)/;

/**
 * @param target as the caller wrote it: what it asks for says which form of error it reads. The path alone decides, so that
 * nobody learns from the form which routes there are.
 */
export function turnedAway(refusal: Refusal, decision: string, target: string): TurnedAway {
  const { status, code, retryAfter } = refusal;
  const message = SENTENCES[code];
  // There `error` is a text (open-inference-protocol, inference_rest.md); clients of Triton fail over anything else.
  const told = OPEN_INFERENCE.test(target)
    ? { error: `${message} (${code}, decision ${decision})`, code, decision }
    : { error: { code, message, decision } };
  const body = Buffer.from(JSON.stringify(told));
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'x-vallum-decision': decision,
      ...(retryAfter === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfter))) }),
      ...(code === 'unauthenticated' ? { 'www-authenticate': 'Bearer' } : {}),
    },
    body,
  };
}
