// Replays a canary at an upstream and compares. An upstream that is down or busy answers nothing, which is told apart from
// one that answers otherwise: only the second is another model.
import type { JsonValue } from '@vallum/core';
import { messageOf, parseJsonStrict } from '@vallum/core';
import type { Canary, CanaryRequest, Exchange } from './canary.js';
import { firstDifference } from './compare-json.js';
import type { IntegrityLook } from './looks.js';

export interface CanaryAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** Asks the upstream itself. Bounded in time and bytes; rejects when no whole answer came. */
export type Ask = (request: CanaryRequest) => Promise<CanaryAnswer>;

/** Bytes of one answer that are read. */
export const MOST_ANSWER_BYTES = 1024 * 1024;
const MAX_DEPTH = 32;

/**
 * One request after the other, until one differs.
 * @param expected digest that the verdict approves: a canary of another model speaks for nothing
 * @returns never rejects
 */
export async function replayCanary(canary: Canary, expected: string, ask: Ask): Promise<IntegrityLook> {
  if (canary.subject !== expected) {
    const [made, wanted] = [canary.subject.slice(0, 12), expected.slice(0, 12)];
    return { kind: 'unreadable', reason: `the canary was made of the model ${made}, the verdict is about ${wanted}` };
  }
  for (const [index, exchange] of canary.exchanges.entries()) {
    const told = await replayOne(exchange, canary, `answer ${index + 1} of the canary`, ask);
    if (told !== undefined) return told;
  }
  return { kind: 'match', subject: canary.subject };
}

async function replayOne(
  { request, answer }: Exchange,
  { tolerance, ignore }: Canary,
  what: string,
  ask: Ask,
): Promise<IntegrityLook | undefined> {
  let found: CanaryAnswer;
  try {
    found = await ask(request);
  } catch (error) {
    return { kind: 'unanswered', reason: messageOf(error) };
  }
  if (isBusy(found.status)) return { kind: 'unanswered', reason: `the upstream answered ${found.status}` };
  if (found.status !== answer.status)
    return { kind: 'mismatch', reason: `${what} has the status ${found.status}, the approved model ${answer.status}` };
  const body = bodyOf(found);
  if (body === undefined) return { kind: 'mismatch', reason: `${what} is no JSON` };
  const at = firstDifference(answer.body, body.value, tolerance, ignore);
  if (at === undefined) return undefined;
  return { kind: 'mismatch', reason: `${what} differs from the approved model's at ${at === '' ? 'its root' : at}` };
}

/** Time-out, too many requests, and every fault of a server. */
export function isBusy(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** Undefined for a body that is no JSON; an empty body is null. */
export function bodyOf({ body }: CanaryAnswer): { readonly value: JsonValue } | undefined {
  if (body.length === 0) return { value: null };
  try {
    return { value: parseJsonStrict(body, { maxBytes: MOST_ANSWER_BYTES, maxDepth: MAX_DEPTH }) };
  } catch {
    return undefined;
  }
}
