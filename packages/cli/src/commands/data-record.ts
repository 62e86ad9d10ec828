// `vallum data seal ID`: records an object anew whose record was revoked, so that a lost key of the custodian does not take
// all that it ever sealed along. Only the very object that was recorded, and only when its key opens it; what was revoked by its
// content stays revoked.
import { VallumError } from '@vallum/core';
import { headerName, openObject, readTree } from '@vallum/data';
import type { StoredObject } from '@vallum/data';
import type { Answer } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { filedText } from '../project/log.js';
import type { VaultDesk } from './data-desk.js';
import { actAbout, providerFor, questionAbout, recordActs, throughGate } from './data-desk.js';
import { stateOf } from './data-list.js';

export interface SealOptions {
  readonly why: string;
  readonly passphraseFile?: string;
}

/** The object to record anew, where one was named by its whole id. @throws VallumError `VAULT_CONTEXT` */
export function revokedObject({ log, survey }: VaultDesk, what: string): StoredObject | undefined {
  const recorded = log.object(what);
  if (recorded?.revoked === undefined || recorded.shredded !== undefined) return undefined;
  const stored = survey.objects.find(({ id }) => id === what);
  if (stored !== undefined && stateOf(stored, recorded) === 'revoked') return stored;
  throw new VallumError('VAULT_CONTEXT', `the object ${what} is not there as it was recorded`, {
    fix: 'see vallum data list, and restore its files from a backup',
  });
}

export async function recordAnew(desk: VaultDesk, object: StoredObject, options: SealOptions): Promise<Answer> {
  const { session, place } = desk;
  const { id, kind, name, digest, bytes } = object;
  return throughGate(
    desk,
    [questionAbout('seal', object)],
    () => providerFor(desk, options.passphraseFile),
    async (provider, actor) => {
      const path = `${place.folder}/${id}`;
      const expected = { object: headerName(object), version: id, digest };
      const reader = await openObject({ disk: session.disk, path, keys: await provider(), expected });
      const files = await readTree(reader)
        .then(({ manifest }) => manifest.files.length)
        .finally(() => reader.close());
      const [filed] = await recordActs(desk, actor, [actAbout('seal', object, options.why)]);
      if (filed === undefined) throw new VallumError('VAULT_RECORD', 'nothing was recorded', {}, 'internal');
      return {
        exit: EXIT.pass,
        text: `Recorded anew ${kind} ${printable(name)} (${digest.slice(0, 12)}), object ${id}\n  ${filedText(filed)}`,
        json: {
          schema: 'vallum/data-seal/v1',
          object: id,
          kind,
          name,
          digest,
          files,
          bytes,
          kek: object.kek,
          by: actor.id,
          why: options.why,
          filed,
        },
      };
    },
  );
}
