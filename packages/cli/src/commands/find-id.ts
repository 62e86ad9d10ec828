// The full id for the first digits that a person typed.
import { VallumError } from '@vallum/core';

const SHORTEST = 8;

/** @throws VallumError `ID_UNKNOWN`, `ID_AMBIGUOUS` */
export function findId<T extends string>(prefix: string, ids: readonly T[]): T {
  if (!/^[0-9a-f]{8,64}$/.test(prefix))
    throw new VallumError('ID_UNKNOWN', `${JSON.stringify(prefix.slice(0, 80))} is not an id`, {
      fix: `give at least ${SHORTEST} hexadecimal digits`,
    });
  const [first, second] = [...new Set(ids.filter((id) => id.startsWith(prefix)))];
  if (first === undefined)
    throw new VallumError('ID_UNKNOWN', `no statement begins with ${prefix}`, {
      fix: 'see the ids with vallum check --format json',
    });
  if (second !== undefined)
    throw new VallumError('ID_AMBIGUOUS', `several statements begin with ${prefix}`, { fix: 'give more digits' });
  return first;
}
