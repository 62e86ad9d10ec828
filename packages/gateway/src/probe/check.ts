// One thing that was tried: what was sent, what should have come, what came, and what that means.
import type { HttpAnswer } from './answers.js';
import type { ProbeRule } from './rules.js';

export type Verdict = 'pass' | 'fail' | 'inconclusive';

export interface Checked {
  /** Stable: `anonymous.infer`. */
  readonly id: string;
  readonly rule: ProbeRule;
  readonly sent: string;
  readonly expected: string;
  readonly came: string;
  readonly verdict: Verdict;
}

/** What was tried, before it is known how it went. */
export type Trial = Pick<Checked, 'id' | 'rule' | 'sent'> & { readonly expected?: string };

/** What came back to one request. `silent` when nothing came in time. */
export type Came =
  { readonly kind: 'answer'; readonly answer: HttpAnswer } | { readonly kind: 'closed' | 'silent' | 'unreachable' };

const SAID = {
  closed: 'the connection was closed',
  silent: 'no answer in time',
  unreachable: 'no connection',
} as const;

export const told = (came: Came): string => (came.kind === 'answer' ? `status ${came.answer.status}` : SAID[came.kind]);

/** Answers that say: later. They refuse for want of room, and prove nothing about what was asked. */
export const isBusyStatus = (status: number): boolean => status === 429 || status === 503;

/**
 * Whether a request was turned away. 501 and 505 are refusals that RFC 9110 names for what a server does not speak; another
 * answer of 500 and more says that the request got through and broke something.
 */
export function refusal(came: Came): Verdict {
  if (came.kind !== 'answer') return came.kind === 'closed' ? 'pass' : 'inconclusive';
  const { status } = came.answer;
  if (isBusyStatus(status)) return 'inconclusive';
  return (status >= 400 && status < 500) || status === 501 || status === 505 ? 'pass' : 'fail';
}

export function mustRefuse(trial: Trial, came: Came): Checked {
  return judgedAs(trial, refusal(came), told(came));
}

export function judgedAs(
  { expected = 'a refusal (4xx) or a closed connection', ...trial }: Trial,
  verdict: Verdict,
  came: string,
): Checked {
  return { ...trial, expected, came, verdict };
}
