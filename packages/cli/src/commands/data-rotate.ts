// `vallum data rotate`: wraps the data keys anew with the active key encryption key. The ciphertext is not touched, so this
// is quick and safe for any size. With a new key first, and with the old ones destroyed last, when all that lives was seen
// under the active one. What is not as the ledger recorded it is left alone and named: it stops nothing.
import { digestJson, messageOf, VallumError } from '@vallum/core';
import type { KeyProvider, KeyringPlace, StoredObject } from '@vallum/data';
import {
  assertChangeable,
  destroyKek,
  lostWithout,
  rewrapObject,
  rotatable,
  rotateKeyring,
  surveyVault,
  tryUnwrap,
  withVaultLock,
} from '@vallum/data';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import type { Filed } from '../project/log.js';
import { filedText } from '../project/log.js';
import { keyProvider, keyringPlace, keyStatus } from '../project/vault-keys.js';
import type { Actor } from './authority.js';
import type { ActDraft, VaultDesk } from './data-desk.js';
import {
  actAbout,
  atVault,
  checkWhy,
  lookAgain,
  passphraseOf,
  questionAbout,
  recordActs,
  throughGate,
} from './data-desk.js';

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
  const { session, place } = desk;
  const { disk, folder, keys } = place;
  const changesKeys = options.newKey === true || options.destroyRetired === true;
  const keyring = changesKeys ? await ringOf(desk) : undefined;
  return throughGate(
    desk,
    [],
    async () => (keys.provider === 'exec' ? '' : passphraseOf(session, options.passphraseFile)),
    async (passphrase) => {
      await disk.makeDirectory(folder, 0o700);
      const ring = keyring === undefined ? undefined : { ...keyring, passphrase };
      const provider = (): Promise<KeyProvider> => keyProvider(session, keys, passphrase);
      // Looked at, recorded and done under the lock: a rotation that finds the vault busy must not be in the ledger.
      return withVaultLock(disk, folder, async () => rotateNow(await lookAgain(desk), options, { provider, ring }));
    },
  );
}

interface Keys {
  /** With the keys as they are when it is called. */
  readonly provider: () => Promise<KeyProvider>;
  /** Where keys are made and destroyed here. */
  readonly ring: KeyringPlace | undefined;
}

interface Untouched {
  readonly object: string;
  readonly why: string;
}

async function rotateNow(desk: VaultDesk, options: RotateOptions, { provider, ring }: Keys): Promise<Answer> {
  const { io, session, place, survey, log } = desk;
  const { disk, folder } = place;
  const { why } = options;
  const before = await keyStatus(session, place.keys);
  // Tells a wrong passphrase before anything is recorded.
  const from = await provider();
  const { fit, leftOut } = rotatable(survey, log);
  const untouched: Untouched[] = leftOut.map(({ object, why: reason }) => ({ object, why: reason }));
  const ready: StoredObject[] = [];
  for (const object of fit)
    if (options.newKey === true || object.kek !== before.active)
      await orNamed(untouched, object, async () => {
        await tryUnwrap({ disk, path: `${folder}/${object.id}`, from });
        ready.push(object);
      });
  // A keyring has room for so many keys: none is made that would wrap nothing but failures.
  const makesKey = ring !== undefined && options.newKey === true && (ready.length > 0 || fit.length === 0);
  const old = makesKey ? [...before.retired, before.active] : before.retired;
  const doomed = ring !== undefined && options.destroyRetired === true ? old : [];
  if (ring !== undefined) await assertChangeable(ring, { adds: makesKey });
  const questions = [
    ...ready.map((object) => questionAbout('rotate', object)),
    ...(makesKey ? [questionAbout('rotate', keyNamed(before.active))] : []),
    ...doomed.map((kek) => questionAbout('shred', keyNamed(kek))),
  ];
  const acts = ready.map((object) => actAbout('rotate', object, why));
  if (makesKey) acts.push(keyAct(desk, 'rotate', before.active, why));
  return throughGate(
    desk,
    questions,
    (actor) => recordActs(desk, actor, acts),
    async (filed, actor) => {
      if (makesKey) await rotateKeyring(ring);
      const to = makesKey ? await provider() : from;
      const rewrapped: { object: string; before: string; after: string }[] = [];
      for (const object of ready) {
        io.progress.say(`re-wrapping ${object.name}`);
        await orNamed(untouched, object, async () => {
          const wrapped = await rewrapObject({ disk, path: `${folder}/${object.id}`, from: to, to });
          rewrapped.push({ object: object.id, ...wrapped });
        });
      }
      const { active } = await keyStatus(session, place.keys);
      const needed = lostWithout(doomed, rotatable(await surveyVault(disk, folder), log), active);
      const destroyed = needed.length === 0 ? doomed : [];
      const ended = ring === undefined ? [] : await destroyKeys(desk, ring, { keks: destroyed, actor, why });
      const { retired } = await keyStatus(session, place.keys);
      const kept = needed.length === 0 ? [] : doomed;
      const isWhole = untouched.length === 0 && kept.length === 0;
      const allFiled = [...filed, ...ended];
      return {
        exit: isWhole ? EXIT.pass : EXIT.refused,
        text: [
          `Re-wrapped ${rewrapped.length} objects; the active key is ${printable(active)}`,
          ...untouched.map((one) => `Left alone: ${printable(one.object)}, ${printable(one.why)}`),
          ...(options.newKey === true && !makesKey ? ['No new key was made: no object could be re-wrapped'] : []),
          ...(destroyed.length === 0 ? [] : [`Destroyed ${destroyed.map(printable).join(', ')}`]),
          ...(kept.length === 0
            ? []
            : [
                `Kept ${kept.map(printable).join(', ')}: destroyed now, they could take objects with them`,
                ...needed.map((one) => `  ${printable(one.object)}: ${printable(one.why)}`),
                '  Bring back what is missing, or shred it, and run vallum data rotate --destroy-retired again.',
              ]),
          ...(allFiled[0] === undefined ? [] : [`  ${filedText(allFiled[0])}`]),
        ].join('\n'),
        json: {
          schema: 'vallum/data-rotate/v1',
          active,
          retired,
          rewrapped,
          untouched,
          destroyed,
          kept,
          by: actor.id,
          why,
          filed: allFiled,
        },
      };
    },
  );
}

/** One object that fails does not keep the others from being rotated. */
async function orNamed(untouched: Untouched[], { id }: StoredObject, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    untouched.push({ object: id, why: messageOf(error) });
  }
}

/** Each is recorded before it goes, and only what goes is recorded. */
async function destroyKeys(
  desk: VaultDesk,
  ring: KeyringPlace,
  { keks, actor, why }: { readonly keks: readonly string[]; readonly actor: Actor; readonly why: string },
): Promise<readonly Filed[]> {
  const filed: Filed[] = [];
  for (const kek of keks) {
    filed.push(...(await recordActs(desk, actor, [keyAct(desk, 'shred', kek, why)])));
    await destroyKek(ring, kek);
  }
  return filed;
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
