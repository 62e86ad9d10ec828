// Why a request goes no further. The caller gets a code and the id of the decision and nothing else; the sentence is for
// operators, who find it in the record.

export interface Refusal {
  readonly refused: true;
  /** HTTP status; gRPC derives its own from it. */
  readonly status: number;
  /** Stable, from refusals.json: what the caller, the metrics and the events say. */
  readonly code: RefusalCode;
  /** A sentence for operators. Never sent to the caller. */
  readonly reason: string;
  /** Seconds, for 429 and 503. */
  readonly retryAfter?: number;
  /** Names of the Cedar policies that denied. */
  readonly policies?: readonly string[];
}

/** Each code and its status. Codes are coarse on purpose: they must not tell which detector or step is on. */
export const REFUSALS = {
  'bad-request': 400,
  'bad-framing': 400,
  'bad-path': 400,
  'bad-input': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'time-out': 408,
  'too-large': 413,
  'unsupported-type': 415,
  'over-limit': 429,
  'headers-too-large': 431,
  'bad-upstream': 502,
  unavailable: 503,
  overloaded: 503,
  'not-served': 503,
  'upstream-time-out': 504,
} as const;

export type RefusalCode = keyof typeof REFUSALS;

export function refuse(
  code: RefusalCode,
  reason: string,
  more: { readonly retryAfter?: number; readonly policies?: readonly string[] } = {},
): Refusal {
  return { refused: true, status: REFUSALS[code], code, reason, ...more };
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value;
}

/** Answers of the hot path come at once wherever they can; only a miss waits. */
export type Soon<T> = T | Promise<T>;
