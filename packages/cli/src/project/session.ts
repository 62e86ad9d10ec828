// Everything a command needs to know about the project it stands in: declaration, standing, keys, clock, disk.
import type { Clock, Disk, KindCatalog, Sha256 } from '@vallum/core';
import { assertRealFolders, VallumError } from '@vallum/core';
import type { SigningKey, Trust } from '@vallum/trust';
import { generateKey, IdentityBook, readKeyFolder, writeKeyFile } from '@vallum/trust';
import { shippedKinds } from '../catalog.js';
import type { Declaration } from './declaration.js';
import { openDeclaration } from './open-declaration.js';
import { named } from './read-named.js';
import type { ProjectPaths } from './paths.js';
import { unenrolledPaths } from './paths.js';
import type { Standing } from './standing.js';
import { refuseOlder } from './seen-signed.js';
import { findStanding } from './standing.js';

export interface Environment {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly keysFolder: string;
  /** Folder of the project. */
  readonly folder: string;
  readonly trustRoot?: Sha256;
}

export interface Session extends Environment {
  readonly paths: ProjectPaths;
  readonly declaration: Declaration;
  readonly kinds: KindCatalog;
  readonly standing: Standing;
  /** The keys of CI jobs, as the ledger tells them; what it learns shows in the trust of `standing`. */
  readonly identities?: IdentityBook;
  readonly keys: readonly SigningKey[];
  /** Origin of the project's own ledger. */
  readonly origin: string;
}

/** @throws VallumError `PROJECT_MISSING`, `PROJECT_KEY`, `YAML_*`, `KEY_*`, `DISK_LINK` */
export async function openSession(environment: Environment): Promise<Session> {
  const { disk, keysFolder, folder, trustRoot } = environment;
  const { paths, declaration } = await openDeclaration(disk, folder);
  await assertRealFolders(disk, paths.root, [...stateFolders(paths), ...declaredFolders(declaration)]);
  const found = await findStanding({
    disk,
    paths,
    project: declaration.project,
    keysFolder,
    ...(trustRoot === undefined ? {} : { trustRoot }),
    localKey: () => ownKey(disk, keysFolder, 'local'),
  });
  if (found.kind === 'pinned') {
    const { rootFingerprint: root, issuedAt: at, digest } = found.trust;
    await refuseOlder(disk, keysFolder, { path: paths.trust, root, at, digest });
  }
  const identities = found.kind === 'pinned' ? new IdentityBook(found.trust) : undefined;
  const standing: Standing = identities === undefined ? found : { kind: 'pinned', trust: identities.trust };
  const keys = await named({ name: keysFolder, fix: 'remove what is no key file of Vallum from the folder' }, () =>
    readKeyFolder(disk, keysFolder),
  );
  return {
    ...environment,
    paths: standing.kind === 'local' ? unenrolledPaths(paths) : paths,
    declaration,
    kinds: shippedKinds(),
    standing,
    ...(identities === undefined ? {} : { identities }),
    keys,
    origin: `${declaration.project}/${standing.kind === 'local' ? 'unenrolled' : 'local'}`,
  };
}

/** Every folder that Vallum writes into, enrolled or not, relative to the root. */
function stateFolders(paths: ProjectPaths): readonly string[] {
  const logs = [paths, unenrolledPaths(paths)].flatMap(({ ledger, inbox }) => [
    `${ledger}/lock`,
    `${ledger}/tile`,
    `${inbox}/aside`,
  ]);
  return [paths.statements, paths.blobs, ...logs].map((path) => path.slice(paths.root.length + 1));
}

/** A folder that is reached through a link would be another one than the project shows. */
function declaredFolders({ feeds, versions }: Declaration): readonly string[] {
  return [...Object.values(feeds), ...Object.values(versions).map(({ model }) => model)];
}

/** A key of this machine for a project without trust file; made on first use. */
export async function ownKey(disk: Disk, folder: string, name: string): Promise<SigningKey> {
  const known = (await readKeyFolder(disk, folder)).find((key) => key.name === name);
  if (known !== undefined) return known;
  const key = generateKey(name, 'ed25519');
  await writeKeyFile(disk, folder, key);
  return key;
}

/** The trust of the session. @throws VallumError (not proven) when nobody counts here */
export function trustOf(session: Session): Trust {
  const { standing } = session;
  if (standing.kind === 'nobody')
    throw new VallumError(standing.code, standing.message, { fix: standing.fix }, 'unproven');
  return standing.trust;
}

/** A key of the acting person that holds a role now. */
export function keyWithRole(session: Session, role: string): SigningKey | undefined {
  const trust = trustOf(session);
  return session.keys.find((key) => trust.may(key.keyid, role, session.clock()) !== undefined);
}

/** @throws VallumError `ACT_NO_ROLE` */
export function requireRole(session: Session, role: string): SigningKey {
  const key = keyWithRole(session, role);
  if (key !== undefined) return key;
  throw new VallumError('ACT_NO_ROLE', `no key in ${session.keysFolder} holds the role ${role}`, {
    fix: 'set VALLUM_KEYS to the folder of a person who does, or ask for enrolment',
  });
}
