// Whose signature on a model counts.
import type { EnrolledKey, Trust } from '@vallum/trust';

/** Keys that may sign models now. */
export function modelKeysOf(trust: Trust, at: Date): readonly EnrolledKey[] {
  return trust.principals
    .flatMap(({ keys }) => keys)
    .filter(({ keyid }) => trust.may(keyid, 'sign:model', at) !== undefined);
}
