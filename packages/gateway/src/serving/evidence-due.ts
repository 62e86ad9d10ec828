// When `integrity.check` is written anew: at once when the model turned out to be another one, soon when what was seen says
// something else, and long before it turns stale. A statement at every look would fill the project's ledger, and so could
// whoever makes the upstream come and go.
import type { IntegrityLook } from './looks.js';

export interface Written {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Digest that the verdict approved. */
  readonly subject: string;
  readonly look: IntegrityLook;
}

/** Evidence lasts 24 hours. */
const AGAIN_MS = 6 * 3_600_000;
const CHANGE_MS = 60_000;

/** @param now what would be written */
export function isEvidenceDue(last: Written | undefined, now: Written): boolean {
  if (last === undefined || now.at < last.at) return true;
  if (now.look.kind === 'mismatch' && last.look.kind !== 'mismatch') return true;
  return now.at - last.at >= (isSame(last, now) ? AGAIN_MS : CHANGE_MS);
}

function isSame(one: Written, other: Written): boolean {
  const reason = ({ look }: Written): string => (look.kind === 'mismatch' ? look.reason : '');
  return one.subject === other.subject && one.look.kind === other.look.kind && reason(one) === reason(other);
}
