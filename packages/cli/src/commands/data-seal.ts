// `vallum data seal`: a feed, a model or a path goes into the vault. The plaintext stays where it is: who removes it decides
// that. The statement follows the object here, for nothing is released; an object that cannot be recorded is taken back.
import { VallumError } from '@vallum/core';
import { discardObject, newObjectId, sealTree, withVaultLock } from '@vallum/data';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { filedText } from '../project/log.js';
import { untilStopped } from '../project/until-stopped.js';
import type { VaultDesk } from './data-desk.js';
import { actAbout, atVault, checkWhy, providerFor, questionAbout, recordActs, throughGate } from './data-desk.js';
import type { SealOptions } from './data-record.js';
import { recordAnew, revokedObject } from './data-record.js';
import { sealTarget } from './data-target.js';

export async function dataSealCommand(io: Io, what: string, options: SealOptions): Promise<Answer> {
  checkWhy(options.why);
  return atVault(io, (desk) => seal(desk, what, options));
}

async function seal(desk: VaultDesk, what: string, { why, passphraseFile }: SealOptions): Promise<Answer> {
  const { io, session, place } = desk;
  const revoked = revokedObject(desk, what);
  if (revoked !== undefined)
    return recordAnew(desk, revoked, { why, ...(passphraseFile === undefined ? {} : { passphraseFile }) });
  const target = await sealTarget(session, place, what);
  const { path, detached, ...name } = target;
  const id = newObjectId();
  return throughGate(
    desk,
    [questionAbout('seal', { id, ...name })],
    () => providerFor(desk, passphraseFile),
    async (provider, actor) => {
      const { disk, folder } = place;
      await disk.makeDirectory(folder, 0o700);
      io.progress.say(`sealing ${what}`);
      const underLock = async (signal: AbortSignal): Promise<Answer> => {
        // Made under the lock: a key that was active before it may have been destroyed.
        const keys = await provider();
        const sealed = await sealTree({ disk, vault: folder, id, name, path, detached, keys, signal });
        const { digest, bytes } = sealed.header;
        const object = { id, ...name, digest, bytes, commitment: sealed.commitment };
        const [filed] = await recordActs(desk, actor, [actAbout('seal', object, why)]).catch(async (error: unknown) => {
          await discardObject(disk, folder, id);
          throw error;
        });
        if (filed === undefined) throw new VallumError('VAULT_RECORD', 'nothing was recorded', {}, 'internal');
        const files = sealed.manifest.files.length;
        return {
          exit: EXIT.pass,
          text: [
            `Sealed ${name.kind} ${printable(name.name)} (${digest.slice(0, 12)}), ${files} files, ${sealed.bytes} bytes`,
            `  object ${id}, wrapped by ${printable(sealed.kek)}`,
            `  ${filedText(filed)}`,
            `  The plaintext is still in ${printable(path)}.`,
          ].join('\n'),
          json: {
            schema: 'vallum/data-seal/v1',
            object: id,
            kind: name.kind,
            name: name.name,
            digest,
            files,
            bytes: sealed.bytes,
            kek: sealed.kek,
            by: actor.id,
            why,
            filed,
          },
        };
      };
      return untilStopped((signal) => withVaultLock(disk, folder, () => underLock(signal)));
    },
  );
}
