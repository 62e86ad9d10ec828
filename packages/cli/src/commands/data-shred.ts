// `vallum data shred`: destroys an object by destroying its wrapped data key. The ledger is told first, so it proves for ever
// what was there, who took it away and why; digests stay.
import { VallumError } from '@vallum/core';
import type { VaultAct } from '@vallum/trust';
import { KEY_SUFFIX, overwriteFile, shredObject, withVaultLock } from '@vallum/data';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { filedText } from '../project/log.js';
import type { VaultDesk } from './data-desk.js';
import { atVault, checkWhy, objectId, questionAbout, recordActs, throughGate } from './data-desk.js';

export async function dataShredCommand(io: Io, what: string, { why }: { readonly why: string }): Promise<Answer> {
  checkWhy(why);
  return atVault(io, (desk) => shred(desk, what, why));
}

async function shred(desk: VaultDesk, what: string, why: string): Promise<Answer> {
  const { disk, folder } = desk.place;
  const id = objectId(desk, what);
  const path = `${folder}/${id}`;
  const sealed = sealedAct(desk, id);
  const { object, kind, subject, commitment, bytes } = sealed;
  if ((await disk.stat(`${path}${KEY_SUFFIX}`)) === undefined)
    throw new VallumError(
      'VAULT_SHREDDED',
      `there is no key file of ${subject.name} (${id}): it is shredded already, or was lost`,
      {
        fix: 'see vallum data list',
      },
    );
  const name = subject.name.split('/').slice(2).join('/');
  // Recorded under the lock: a shredding that finds the vault busy must not be in the ledger.
  return withVaultLock(disk, folder, () =>
    throughGate(
      desk,
      [questionAbout('shred', { id, kind, name })],
      (actor) =>
        recordActs(desk, actor, [
          { act: 'shred', object, kind, subject, bytes, why, ...(commitment === undefined ? {} : { commitment }) },
        ]),
      async ([filed], actor) => {
        if (filed === undefined) throw new VallumError('VAULT_RECORD', 'nothing was recorded', {}, 'internal');
        const { otherNames } = await shredObject({ disk, path, overwrite: overwriteFile });
        return {
          exit: EXIT.pass,
          text: [
            `Shredded ${kind} ${printable(name)} (${subject.digest.sha256.slice(0, 12)}), object ${id}`,
            `  ${filedText(filed)}`,
            '  Copies of its key file in backups and snapshots, and plaintext that was opened, are not reached by this.',
          ].join('\n'),
          json: {
            schema: 'vallum/data-shred/v1',
            object: id,
            kind,
            name,
            digest: subject.digest.sha256,
            otherNames,
            by: actor.id,
            why,
            filed,
          },
        };
      },
    ),
  );
}

/** Broken files do not keep an object from being shredded: the ledger knows what it was. */
function sealedAct({ log }: VaultDesk, id: string): VaultAct {
  const recorded = log.object(id);
  if (recorded !== undefined) return recorded.sealed;
  throw new VallumError('OBJECT_UNKNOWN', `the ledger knows no object ${id}`, { fix: 'see vallum data list' });
}
