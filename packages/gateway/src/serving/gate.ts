// Whether a route serves now: small enough to be sent to every worker, and safe to go on with when nothing follows it.
import type { Sha256 } from '@vallum/core';
import type { Refusal } from '../door/refusal.js';
import { refuse } from '../door/refusal.js';

export type Gate =
  | {
      readonly open: true;
      /** Milliseconds since the epoch after which this answer holds no more, so that silence closes the route. */
      readonly until: number;
      /** Digest of the approved model and the verdict that says so; absent where no verdict is asked for. */
      readonly subject?: Sha256;
      readonly statement?: Sha256;
    }
  | { readonly open: false; readonly reason: string };

/** Of a route that asks for no verdict. The end of time survives JSON, which infinity does not. */
export const OPEN_WITHOUT_VERDICT: Gate = { open: true, until: Number.MAX_SAFE_INTEGER };

/** Before anything was seen. */
export const NOT_LOOKED_YET: Gate = { open: false, reason: 'no verdict was read yet' };

/**
 * What a request is told; undefined when the route serves.
 * @param now milliseconds since the epoch
 */
export function refusalAt(gate: Gate, now: number): Refusal | undefined {
  if (!gate.open) return refuse('not-served', gate.reason);
  if (now < gate.until) return undefined;
  return refuse('not-served', `the verdict was looked at last too long ago: it held until ${timeText(gate.until)}`);
}

/** UTC; a time that no date can hold is the end of time. */
export function timeText(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? 'the end of time' : date.toISOString();
}
