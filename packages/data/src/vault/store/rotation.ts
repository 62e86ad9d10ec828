// What a rotation may touch, and which keys have to stay after it. Only an object that is as the ledger recorded it is
// re-wrapped: whoever can write into the vault could otherwise stop every rotation with one foreign file. A key encryption
// key is destroyed only when all that lives is seen under the active one, because a file that is away for the moment (a
// moved one, a mount that is missing, a backup not yet restored) would be lost for good.
import { KEY_SUFFIX } from '../format/seal.js';
import type { StoredObject, Survey } from './survey.js';
import { headerName } from './object-name.js';
import type { VaultLog } from './vault-log.js';

export interface LeftOut {
  /** Its id. */
  readonly object: string;
  readonly why: string;
  /** Ids of the key encryption keys that it may still need; `any` when nobody can say. */
  readonly needs: readonly string[] | 'any';
}

export interface Rotatable {
  /** Recorded, not shredded, unchanged, with a key file. */
  readonly fit: readonly StoredObject[];
  /** Whatever else there is or should be, one for each object; not what is shredded as it should be. */
  readonly leftOut: readonly LeftOut[];
}

const ID_DIGITS = 32;

export function rotatable({ objects, broken, strange }: Survey, log: VaultLog): Rotatable {
  const fit: StoredObject[] = [];
  const leftOut = new Map<string, LeftOut>();
  const isShredded = (id: string): boolean => log.object(id)?.shredded !== undefined;
  const leave = (object: string, why: string, needs: LeftOut['needs'] = 'any'): void => {
    leftOut.set(object, { object, why, needs });
  };
  for (const object of objects) {
    const { id, kek } = object;
    const recorded = log.object(id);
    if (recorded === undefined)
      leave(id, 'nobody with the role recorded that it was sealed', kek === undefined ? 'any' : [kek]);
    else if (recorded.shredded !== undefined) {
      if (kek !== undefined) leave(id, 'it was shredded, and its key file is there again', []);
    } else if (!isAsRecorded(object, recorded.sealed)) leave(id, 'it is not what the ledger says was sealed');
    else if (kek === undefined) leave(id, 'its key file is not there');
    else fit.push(object);
  }
  for (const { file, message } of broken) {
    const id = file.slice(0, ID_DIGITS);
    if (!isShredded(id)) leave(id, message);
  }
  const seen = new Set([...fit.map(({ id }) => id), ...leftOut.keys()]);
  for (const id of log.ids) if (!seen.has(id) && !isShredded(id)) leave(id, 'its sealed file is not there');
  for (const name of strange) {
    const id = name.slice(0, ID_DIGITS);
    if (name === `${id}${KEY_SUFFIX}` && !leftOut.has(id) && !isShredded(id))
      leave(id, 'there is a key file without its sealed file');
  }
  return { fit, leftOut: [...leftOut.values()] };
}

/** What would be lost, or might be, if these keys were destroyed now; empty when nothing would. */
export function lostWithout(
  keks: readonly string[],
  { fit, leftOut }: Rotatable,
  active: string,
): readonly Omit<LeftOut, 'needs'>[] {
  if (keks.length === 0) return [];
  return [
    ...fit
      .filter(({ kek }) => kek !== active)
      .map(({ id, kek }) => ({ object: id, why: `it is wrapped by ${kek ?? 'no key'}, which is not the active key` })),
    ...leftOut
      .filter(({ needs }) => needs === 'any' || needs.some((kek) => keks.includes(kek)))
      .map(({ object, why }) => ({ object, why })),
  ];
}

function isAsRecorded(object: StoredObject, { subject, commitment }: SealRecord): boolean {
  return (
    subject.name === headerName(object) && subject.digest.sha256 === object.digest && commitment === object.commitment
  );
}

type SealRecord = NonNullable<ReturnType<VaultLog['object']>>['sealed'];
