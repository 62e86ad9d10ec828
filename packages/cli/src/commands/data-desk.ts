// What the commands of the vault share. There is one way to plaintext and to a change, `throughGate`: Cedar decides, the
// signed statement is durable in the ledger or in its inbox, and only then is a key unwrapped or destroyed. Whatever fails on
// the way, fails closed.
import { resolve } from 'node:path';
import { VallumError } from '@vallum/core';
import type { KeyProvider, ObjectKind, StoredObject, Survey, VaultLog } from '@vallum/data';
import { headerName, surveyVault } from '@vallum/data';
import type { Ledger } from '@vallum/ledger';
import type { AuthoriseRequest } from '@vallum/policy';
import { didYouMean } from '@vallum/policy';
import type { VaultAct } from '@vallum/trust';
import { buildVaultAct, signStatement } from '@vallum/trust';
import type { Io } from '../answer.js';
import { askPassphrase, readPassphraseFile } from '../output/ask-passphrase.js';
import type { Filed, Recorded } from '../project/log.js';
import { closeProjectLedger, fileStatement, openProjectLedger, readRecorded } from '../project/log.js';
import type { Rules } from '../project/rules.js';
import { loadRules } from '../project/rules.js';
import type { Session } from '../project/session.js';
import { openSession, requireRole } from '../project/session.js';
import { vaultLogOf } from '../project/vault-acts.js';
import { assertOutside, keyProvider } from '../project/vault-keys.js';
import type { VaultPlace } from '../project/vault.js';
import { vaultPlace } from '../project/vault.js';
import type { Actor } from './authority.js';
import { actorOf, requirePermission } from './authority.js';
import { drafted } from './draft.js';

export interface VaultDesk {
  readonly io: Io;
  readonly session: Session;
  readonly rules: Rules;
  readonly place: VaultPlace;
  readonly ledger: Ledger;
  readonly recorded: Recorded;
  readonly log: VaultLog;
  readonly survey: Survey;
}

export async function atVault<T>(io: Io, work: (desk: VaultDesk) => Promise<T>): Promise<T> {
  const session = await openSession(io);
  const place = await vaultPlace(session);
  const rules = await loadRules(session);
  const ledger = await openProjectLedger(session);
  try {
    const recorded = await readRecorded(session, ledger);
    const log = await vaultLogOf(session, recorded.statements);
    const survey = await surveyVault(place.disk, place.folder);
    return await work({ io, session, rules, place, ledger, recorded, log, survey });
  } finally {
    await closeProjectLedger(session, ledger);
  }
}

/** For use under the lock of the vault: what others filed or changed since the command began counts too. */
export async function lookAgain(desk: VaultDesk): Promise<VaultDesk> {
  const { session, ledger, place } = desk;
  const recorded = await readRecorded(session, ledger);
  const log = await vaultLogOf(session, recorded.statements);
  return { ...desk, recorded, log, survey: await surveyVault(place.disk, place.folder) };
}

export interface Gate {
  readonly session: Session;
  readonly rules: Rules;
}

export type VaultQuestion = Pick<AuthoriseRequest, 'action' | 'resource' | 'context'>;

/**
 * Every question is decided before anything is recorded, and all is recorded before anything is released.
 * @throws VallumError `ACT_NO_ROLE`, `ACT_UNKNOWN`, `ACT_DENIED`
 */
export async function throughGate<R, T>(
  { session, rules }: Gate,
  questions: readonly VaultQuestion[],
  record: (actor: Actor) => Promise<R>,
  release: (recorded: R, actor: Actor) => Promise<T>,
): Promise<T> {
  const actor = actorOf(session, requireRole(session, 'vault'));
  for (const question of questions) await requirePermission(session, rules, actor, question);
  return release(await record(actor), actor);
}

export function questionAbout(
  action: AuthoriseRequest['action'],
  { id, kind, name }: { readonly id: string; readonly kind: string; readonly name: string },
): VaultQuestion {
  return { action, resource: { type: 'Object', id, kind, name }, context: {} };
}

export type ActDraft = Omit<VaultAct, 'createdAt' | 'who'>;

/** Looked at before anything else is done: a reason that no statement can carry is wrong use. */
export function checkWhy(why: string): void {
  const subject = { name: 'vault', digest: { sha256: '0'.repeat(64) } } as VaultAct['subject'];
  const act = { act: 'open', object: 'vault', kind: 'key', subject, bytes: 0, who: 'vault', why } as const;
  drafted(() => buildVaultAct(act, new Date(0)), 'give --why a sentence in plain text');
}

export async function recordActs(
  { session, ledger }: Pick<VaultDesk, 'session' | 'ledger'>,
  actor: Actor,
  acts: readonly ActDraft[],
): Promise<readonly Filed[]> {
  const filed: Filed[] = [];
  for (const act of acts)
    filed.push(
      await fileStatement(ledger, signStatement(buildVaultAct({ ...act, who: actor.id }, session.clock()), actor.key)),
    );
  return filed;
}

/** What every act about an object says. */
export function actAbout(
  act: VaultAct['act'],
  object: Pick<StoredObject, 'id' | 'project' | 'kind' | 'name' | 'digest' | 'commitment' | 'bytes'>,
  why: string,
): ActDraft {
  const { id, kind, digest, commitment, bytes } = object;
  return {
    act,
    object: id,
    kind,
    subject: { name: headerName(object), digest: { sha256: digest } },
    commitment,
    bytes,
    why,
  };
}

/** Asks for the passphrase and tries it at once; what it gives back reads the keys as they are when it is called. */
export async function providerFor(
  { session, place }: Pick<VaultDesk, 'session' | 'place'>,
  passphraseFile: string | undefined,
): Promise<() => Promise<KeyProvider>> {
  const passphrase = place.keys.provider === 'exec' ? '' : await passphraseOf(session, passphraseFile);
  const provider = (): Promise<KeyProvider> => keyProvider(session, place.keys, passphrase);
  await provider();
  return provider;
}

/** @throws VallumError `KEYS_INSIDE` for a file in the project */
export async function passphraseOf({ disk, paths }: Session, file: string | undefined): Promise<string> {
  if (file === undefined) return askPassphrase('Passphrase of the keyring');
  await assertOutside(resolve(file), paths.root, 'the file with the passphrase');
  return readPassphraseFile(disk, file);
}

/**
 * The object that a person means: its id or the beginning of it, `KIND/NAME`, or a name alone. Of several seals of one name
 * the newest.
 * @throws VallumError `OBJECT_UNKNOWN`
 */
export function objectId({ session, log }: Pick<VaultDesk, 'session' | 'log'>, what: string): string {
  const { project } = session.declaration;
  if (/^[0-9a-f]{8,32}$/.test(what)) {
    const [only, ...more] = log.ids.filter((id) => id.startsWith(what));
    if (only !== undefined && more.length === 0) return only;
  }
  const [, prefix, rest] = /^(data|model)\/(.+)$/su.exec(what) ?? [];
  const kinds: readonly ObjectKind[] = prefix === 'data' || prefix === 'model' ? [prefix] : ['data', 'model'];
  const found = kinds.flatMap((kind) => log.living(headerName({ project, kind, name: rest ?? what })).slice(-1));
  const [only, ...more] = found;
  if (only !== undefined && more.length === 0) return only;
  const names = [...new Set(log.acts.map(({ subject }) => subject.name.slice(project.length + 1)))];
  throw new VallumError(
    'OBJECT_UNKNOWN',
    only === undefined
      ? `the ledger knows no object ${JSON.stringify(what)} in the vault`
      : `${JSON.stringify(what)} is both data and a model`,
    { fix: only === undefined && names.length > 0 ? didYouMean(what, names) : 'see vallum data list' },
  );
}
