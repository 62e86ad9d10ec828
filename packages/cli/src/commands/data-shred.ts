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
import { atVault, checkWhy, lookAgain, objectId, questionAbout, recordActs, throughGate } from './data-desk.js';

export async function dataShredCommand(io: Io, what: string, { why }: { readonly why: string }): Promise<Answer> {
  checkWhy(why);
  return atVault(io, (desk) => shred(desk, what, why));
}

async function shred(before: VaultDesk, what: string, why: string): Promise<Answer> {
  const { disk, folder } = before.place;
  const id = objectId(before, what);
  const path = `${folder}/${id}`;
  await disk.makeDirectory(folder, 0o700);
  // Recorded under the lock: a shredding that finds the vault busy must not be in the ledger.
  return withVaultLock(disk, folder, async () => {
    const desk = await lookAgain(before);
    const { object, kind, subject, commitment, bytes } = sealedAct(desk, id);
    const hasKey = (await disk.stat(`${path}${KEY_SUFFIX}`)) !== undefined;
    // Without a key file too, unless it is recorded already: the file may come back, and must not open anything then.
    if (!hasKey && desk.log.object(id)?.shredded !== undefined)
      throw new VallumError('VAULT_SHREDDED', `${subject.name} (${id}) is shredded already`, {
        fix: 'see vallum data list',
      });
    const name = subject.name.split('/').slice(2).join('/');
    return throughGate(
      desk,
      [questionAbout('shred', { id, kind, name })],
      (actor) =>
        recordActs(desk, actor, [
          { act: 'shred', object, kind, subject, bytes, why, ...(commitment === undefined ? {} : { commitment }) },
        ]),
      async ([filed], actor) => {
        if (filed === undefined) throw new VallumError('VAULT_RECORD', 'nothing was recorded', {}, 'internal');
        const { otherNames } = hasKey ? await shredObject({ disk, path, overwrite: overwriteFile }) : { otherNames: 0 };
        return {
          exit: EXIT.pass,
          text: [
            `Shredded ${kind} ${printable(name)} (${subject.digest.sha256.slice(0, 12)}), object ${id}`,
            ...(hasKey
              ? []
              : ['  Its key file was not there: nothing was overwritten; a copy of it opens nothing from now on.']),
            `  ${filedText(filed)}`,
            '  Copies of its key file in backups and snapshots, and plaintext that was opened, are not reached by this.',
          ].join('\n'),
          json: {
            schema: 'vallum/data-shred/v1',
            object: id,
            kind,
            name,
            digest: subject.digest.sha256,
            keyFile: hasKey ? 'destroyed' : 'absent',
            otherNames,
            by: actor.id,
            why,
            filed,
          },
        };
      },
    );
  });
}

/** Broken files do not keep an object from being shredded: the ledger knows what it was. */
function sealedAct({ log }: VaultDesk, id: string): VaultAct {
  const recorded = log.object(id);
  if (recorded !== undefined) return recorded.sealed;
  throw new VallumError('OBJECT_UNKNOWN', `the ledger knows no object ${id}`, { fix: 'see vallum data list' });
}
