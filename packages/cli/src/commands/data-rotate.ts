// `vallum data rotate`: wraps the data keys anew with the active key encryption key. The ciphertext is not touched, so this
// is quick and safe for any size. With a new key first, and with the old ones destroyed last, when nothing needs them.
import { digestJson, VallumError } from '@vallum/core';
import type { KeyringPlace, StoredObject } from '@vallum/data';
import { destroyKek, rewrapObject, rotateKeyring, surveyVault, withVaultLock } from '@vallum/data';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { filedText } from '../project/log.js';
import { keyProvider, keyringPlace, keyStatus } from '../project/vault-keys.js';
import type { ActDraft, VaultDesk } from './data-desk.js';
import { actAbout, atVault, checkWhy, passphraseOf, questionAbout, recordActs, throughGate } from './data-desk.js';

export interface RotateOptions {
  readonly why: string;
  readonly newKey?: boolean;
  readonly destroyRetired?: boolean;
  readonly passphraseFile?: string;
}

export async function dataRotateCommand(io: Io, options: RotateOptions): Promise<Answer> {
  checkWhy(options.why);
  return atVault(io, (desk) => rotate(desk, options));
}

async function rotate(desk: VaultDesk, options: RotateOptions): Promise<Answer> {
  const { session, place, survey } = desk;
  const { disk, folder, keys } = place;
  const { why } = options;
  await disk.makeDirectory(folder, 0o700);
  const changesKeys = options.newKey === true || options.destroyRetired === true;
  const keyring = changesKeys ? await ringOf(desk) : undefined;
  if (survey.broken[0] !== undefined && changesKeys)
    throw new VallumError(survey.broken[0].code, survey.broken[0].message, {
      fix: 'repair or remove this object first: its key may hang on an old key encryption key',
    });
  const before = await keyStatus(session, keys);
  const stale = survey.objects.filter(
    ({ kek }) => kek !== undefined && (options.newKey === true || kek !== before.active),
  );
  const questions = stale.map((object) => questionAbout('rotate', object));
  if (options.newKey === true) questions.push(questionAbout('rotate', keyNamed(before.active)));
  if (options.destroyRetired === true)
    for (const kek of doomed(options, before)) questions.push(questionAbout('shred', keyNamed(kek)));
  return throughGate(
    desk,
    questions,
    async (actor) => {
      const passphrase = keys.provider === 'exec' ? '' : await passphraseOf(session, options.passphraseFile);
      // Tells a wrong passphrase before anything is recorded.
      await keyProvider(session, keys, passphrase);
      const acts = stale.map((object) => actAbout('rotate', object, why));
      if (options.newKey === true) acts.push(keyAct(desk, 'rotate', before.active, why));
      if (options.destroyRetired === true)
        acts.push(...doomed(options, before).map((kek) => keyAct(desk, 'shred', kek, why)));
      return { passphrase, filed: await recordActs(desk, actor, acts) };
    },
    ({ passphrase, filed }, actor) =>
      withVaultLock(disk, folder, async () => {
        const ring = keyring === undefined ? undefined : { ...keyring, passphrase };
        if (ring !== undefined && options.newKey === true) await rotateKeyring(ring);
        const provider = await keyProvider(session, keys, passphrase);
        const rewrapped: { object: string; before: string; after: string }[] = [];
        for (const { id, name } of stale) {
          desk.io.progress.say(`re-wrapping ${name}`);
          const path = `${folder}/${id}`;
          rewrapped.push({ object: id, ...(await rewrapObject({ disk, path, from: provider, to: provider })) });
        }
        // Looked at again: what was sealed meanwhile may need an old key.
        const used = new Set((await surveyVault(disk, folder)).objects.map(({ kek }) => kek));
        const destroyed =
          ring === undefined || options.destroyRetired !== true
            ? []
            : doomed(options, before).filter((kek) => !used.has(kek));
        if (ring !== undefined) for (const kek of destroyed) await destroyKek(ring, kek);
        const { active, retired } = await keyStatus(session, keys);
        const [first] = filed;
        return {
          exit: EXIT.pass,
          text: [
            `Re-wrapped ${rewrapped.length} objects; the active key is ${printable(active)}`,
            ...(destroyed.length === 0 ? [] : [`Destroyed ${destroyed.map(printable).join(', ')}`]),
            ...(first === undefined ? [] : [`  ${filedText(first)}`]),
          ].join('\n'),
          json: { schema: 'vallum/data-rotate/v1', active, retired, rewrapped, destroyed, by: actor.id, why, filed },
        };
      }),
  );
}

/** Keys that nothing needs when every object is re-wrapped. */
function doomed(
  { newKey }: RotateOptions,
  { active, retired }: { readonly active: string; readonly retired: readonly string[] },
): readonly string[] {
  return newKey === true ? [...retired, active] : retired;
}

/** @throws VallumError `ROTATE_PROGRAM` where the keys are a program's */
async function ringOf({ session, place }: VaultDesk): Promise<Omit<KeyringPlace, 'passphrase'>> {
  if (place.keys.provider === 'passphrase-file') return keyringPlace(session, place.keys);
  throw new VallumError('ROTATE_PROGRAM', 'the key encryption keys of this vault are kept by a program', {
    fix: 'make or destroy keys where it keeps them, then run vallum data rotate without these options',
  });
}

function keyNamed(kek: string): Pick<StoredObject, 'id' | 'name'> & { readonly kind: 'key' } {
  return { id: kek, kind: 'key', name: kek };
}

function keyAct({ session }: VaultDesk, act: 'rotate' | 'shred', kek: string, why: string): ActDraft {
  const subject = { name: `${session.declaration.project}/key/${kek}`, digest: { sha256: digestJson({ kek }) } };
  return { act, object: kek, kind: 'key', subject, bytes: 0, why };
}
