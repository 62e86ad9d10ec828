// Hands the vault to `data.encryption` and `access.policy`: where vallum.yaml declares one, or the policy in force asks. The
// probes get the very functions that the commands use, with nobody in place of somebody.
import type { Planned } from '@vallum/core';
import { messageOf, VallumError } from '@vallum/core';
import type { Attempt, DeclaredContent, StoredObject, VaultLog } from '@vallum/data';
import { newObjectId, planAccessPolicy, planDataEncryption, surveyVault } from '@vallum/data';
import { SIGNATURE_FILE } from '@vallum/model';
import type { CedarAction, CedarResource, LedgerStatement } from '@vallum/policy';
import { authorise, wildcardPermits } from '@vallum/policy';
import { generateKey } from '@vallum/trust';
import { questionAbout, throughGate } from '../commands/data-desk.js';
import type { VersionDeclaration } from '../project/declaration.js';
import type { Rules } from '../project/rules.js';
import { loadRules } from '../project/rules.js';
import type { Session } from '../project/session.js';
import { trustOf } from '../project/session.js';
import { vaultLogOf } from '../project/vault-acts.js';
import { keyStatus } from '../project/vault-keys.js';
import type { VaultPlace } from '../project/vault.js';
import { vaultPlace } from '../project/vault.js';
import { requiredKinds } from './environment.js';

const ENCRYPTION = 'data.encryption';
const ACCESS = 'access.policy';
const ACTIONS: readonly CedarAction[] = ['seal', 'open', 'rotate', 'shred', 'export'];
const KINDS = ['data', 'model', 'key'];
const NOBODY = 'nobody';

export async function planVaultOf(
  session: Session,
  declared: { readonly version: string; readonly content: VersionDeclaration },
  statements: readonly LedgerStatement[],
): Promise<readonly Planned[]> {
  const isDeclared = session.declaration.vault !== undefined;
  const required = isDeclared ? new Set<string>() : await requiredKinds(session);
  const planned: Planned[] = [];
  if (isDeclared || required.has(ENCRYPTION))
    planned.push(await orBlocked(ENCRYPTION, () => encryption(session, declared, statements)));
  if (isDeclared || required.has(ACCESS)) planned.push(await orBlocked(ACCESS, () => access(session)));
  return planned;
}

async function orBlocked(kind: string, plan: () => Promise<Planned>): Promise<Planned> {
  try {
    return await plan();
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    return { kind, blocked: { code: error.code, message: messageOf(error), file: 'vallum.yaml' } };
  }
}

async function encryption(
  session: Session,
  { version, content }: { readonly version: string; readonly content: VersionDeclaration },
  statements: readonly LedgerStatement[],
): Promise<Planned> {
  const { disk, declaration, paths } = session;
  const place = await vaultPlace(session);
  const at = (path: string): string => `${paths.root}/${path}`;
  const model: DeclaredContent = { kind: 'model', name: version, path: at(content.model), detached: [SIGNATURE_FILE] };
  const feeds = content.feeds.map((name): DeclaredContent => {
    return { kind: 'data', name, path: at(declaration.feeds[name] ?? name), detached: [] };
  });
  const log: VaultLog = await vaultLogOf(session, statements);
  return planDataEncryption({
    disk,
    project: declaration.project,
    vault: place.folder,
    declared: [model, ...feeds],
    log,
    keys: await keysOf(session, place),
  });
}

async function keysOf(
  session: Session,
  place: VaultPlace,
): Promise<Awaited<ReturnType<typeof keyStatus>> | { readonly unreadable: string }> {
  try {
    return await keyStatus(session, place.keys);
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    return { unreadable: messageOf(error) };
  }
}

async function access(session: Session): Promise<Planned> {
  const rules = await loadRules(session);
  const objects = await objectsOf(session);
  const known = thingsOf(session, objects);
  const things = [...unknownThings(), ...known.map((resource) => ({ resource, about: aboutOf(resource) }))];
  return planAccessPolicy({
    project: session.declaration.project,
    basis: {
      policy: rules.digest,
      trust: trustOf(session).digest,
      cedar: { ...rules.cedar },
      asked: known.map((resource) => ({ ...resource })),
    },
    actions: ACTIONS,
    wildcards: () => wildcardPermits(rules.cedar, ACTIONS),
    questions: ACTIONS.flatMap((action) => {
      // What the schema lets the action be done to; anything else is denied before a policy is looked at.
      const type = action === 'export' ? 'Subject' : 'Object';
      return things
        .filter(({ resource }) => resource.type === type)
        .map(({ resource, about }) => ({ action, about, ask: () => askAsNobody(rules, action, resource) }));
    }),
    openAsStranger: () => openAsStranger(session, rules, objects[0]),
  });
}

async function objectsOf(session: Session): Promise<readonly StoredObject[]> {
  if (session.declaration.vault === undefined) return [];
  return (await surveyVault(session.disk, (await vaultPlace(session)).folder)).objects;
}

/** One of each kind, under names that no policy can know. */
function unknownThings(): readonly { readonly resource: CedarResource; readonly about: string }[] {
  const [id, name] = [newObjectId(), newObjectId()];
  return [
    ...KINDS.map((kind) => ({ resource: { type: 'Object', id, kind, name } as const, about: `any ${kind}` })),
    { resource: { type: 'Subject', id, name }, about: 'any version' },
  ];
}

/** What the commands would ask about: declared feeds and versions, to be sealed or exported, and sealed objects. */
function thingsOf({ declaration }: Session, objects: readonly StoredObject[]): readonly CedarResource[] {
  const { project, feeds, versions } = declaration;
  const declared = (kind: string, names: readonly string[]): readonly CedarResource[] =>
    names.map((name) => ({ type: 'Object', id: `${kind}/${name}`, kind, name }));
  return [
    ...declared('data', Object.keys(feeds)),
    ...declared('model', Object.keys(versions)),
    ...objects.map(({ id, kind, name }): CedarResource => ({ type: 'Object', id, kind, name })),
    ...Object.keys(versions).map((version): CedarResource => {
      const name = `${project}@${version}`;
      return { type: 'Subject', id: name, name };
    }),
  ];
}

function aboutOf(resource: CedarResource): string {
  if (resource.type !== 'Object') return 'name' in resource ? resource.name : resource.id;
  return `${resource.kind}/${resource.name}`;
}

/** Under a new name each time: a policy that denies one name only is seen. */
function askAsNobody(rules: Rules, action: CedarAction, resource: CedarResource): ReturnType<typeof authorise> {
  const context = action === 'export' ? { verdict: 'pass' } : {};
  return authorise({ principal: newObjectId(), roles: [], action, resource, context, policies: rules.cedar });
}

/** A real object where there is one; nothing is recorded or released, even if the gate let the stranger in. */
async function openAsStranger(session: Session, rules: Rules, stored: StoredObject | undefined): Promise<Attempt> {
  const object = stored ?? { id: NOBODY, kind: 'model', name: NOBODY };
  const stranger = { ...session, keys: [generateKey(NOBODY, 'ed25519')] };
  let reached: 'record' | 'release' | undefined;
  try {
    await throughGate(
      { session: stranger, rules },
      [questionAbout('open', object)],
      () => Promise.resolve(void (reached = 'record')),
      () => Promise.resolve(void (reached = 'release')),
    );
  } catch (error) {
    if (!(error instanceof VallumError) || !error.code.startsWith('ACT_')) throw error;
    if (reached === undefined) return { reached: 'nothing', code: error.code };
  }
  return { reached: reached ?? 'release' };
}
