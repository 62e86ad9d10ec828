// The errors of profiles: input that somebody else made, so they are the user's.
import { VallumError } from '@vallum/core';

/** A batch that contradicts itself or the columns that were announced. */
export function invalidBatch(why: string): VallumError {
  return new VallumError('PROFILE_BATCH', `these rows cannot be profiled: ${why}`);
}

export function invalidProfile(why: string): VallumError {
  return new VallumError('PROFILE_INVALID', `this is not a profile: ${why}`, {
    fix: 'write it again with `vallum data profile`',
  });
}

export function mismatch(why: string): VallumError {
  return new VallumError('PROFILE_MISMATCH', `these profiles do not go together: ${why}`, {
    fix: 'profile both tables with the same columns and the same settings',
  });
}
