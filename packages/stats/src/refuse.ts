// One error for arguments that make no sense: the caller's mistake, so it is an internal error and not the user's.
import { VallumError } from '@vallum/core';

export function refuse(message: string): VallumError {
  return new VallumError('STATS_ARGUMENT', message, {}, 'internal');
}
