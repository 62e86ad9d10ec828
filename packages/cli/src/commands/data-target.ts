// What to seal: a feed, a version, or a path of the project; under the name by which it is opened again, and where it goes
// back to unless told otherwise.
import { relative, resolve } from 'node:path';
import { assertRealFolders, parent, VallumError } from '@vallum/core';
import type { ObjectName } from '@vallum/data';
import { SIGNATURE_FILE } from '@vallum/model';
import type { Session } from '../project/session.js';
import { isWithin } from '../project/vault.js';
import type { VaultPlace } from '../project/vault.js';

export interface SealTarget extends ObjectName {
  /** Absolute. */
  readonly path: string;
  /** Files that the digest does not cover. */
  readonly detached: readonly string[];
}

/** @throws VallumError `SEAL_TARGET`, `DISK_LINK` */
export async function sealTarget(session: Session, place: VaultPlace, what: string): Promise<SealTarget> {
  const name = namedBy(session, what) ?? pathOf(session, what);
  const path = pathIn(session, name);
  const { root } = session.paths;
  if (isWithin(place.folder, path) || isWithin(path, place.folder) || isWithin(path, `${root}/.vallum`))
    throw new VallumError('SEAL_TARGET', `${what} is no part of the project that the vault could take`, {
      fix: 'name a feed, a version, or a file or folder beside them',
    });
  const models = Object.keys(session.declaration.versions).map((version) =>
    pathIn(session, { kind: 'model', name: version }),
  );
  if (name.kind === 'data' && models.some((model) => isWithin(path, model) || isWithin(model, path)))
    throw new VallumError(
      'SEAL_TARGET',
      `${what} holds a model or a part of one, which as data could leave without a verdict`,
      {
        fix: 'name the version',
      },
    );
  await assertRealFolders(session.disk, root, [parent(relative(root, path))]);
  return { ...name, path, detached: name.kind === 'model' ? [SIGNATURE_FILE] : [] };
}

/** Where the content of an object is in the project, when it is there. */
export function pathIn({ declaration, paths }: Session, { kind, name }: Pick<ObjectName, 'kind' | 'name'>): string {
  const declared = kind === 'model' ? declaration.versions[name]?.model : declaration.feeds[name];
  return resolve(paths.root, declared ?? name);
}

/** A feed or a version, `data/FEED` or `model/VERSION` where both have the name, or the folder of one. */
function namedBy({ declaration, paths }: Session, what: string): ObjectName | undefined {
  const { project, feeds, versions } = declaration;
  const [, prefix, rest = what] = /^(data|model)\/(.+)$/su.exec(what) ?? [];
  const isFeed = prefix !== 'model' && Object.hasOwn(feeds, rest);
  const isVersion = prefix !== 'data' && Object.hasOwn(versions, rest);
  if (isFeed && isVersion)
    throw new VallumError('SEAL_TARGET', `${JSON.stringify(what)} is both a feed and a version`, {
      fix: `name data/${rest} or model/${rest}`,
    });
  if (isFeed) return { project, kind: 'data', name: rest };
  if (isVersion) return { project, kind: 'model', name: rest };
  const folders = [resolve(what), resolve(paths.root, what)];
  const isHere = (path: string): boolean => folders.includes(resolve(paths.root, path));
  const feed = Object.keys(feeds).find((name) => isHere(feeds[name] ?? ''));
  if (feed !== undefined) return { project, kind: 'data', name: feed };
  const version = Object.keys(versions).find((name) => isHere(versions[name]?.model ?? ''));
  return version === undefined ? undefined : { project, kind: 'model', name: version };
}

function pathOf({ declaration, paths }: Session, what: string): ObjectName {
  const path = relative(paths.root, resolve(paths.root, what));
  if (path !== '' && !path.startsWith('..')) return { project: declaration.project, kind: 'data', name: path };
  throw new VallumError('SEAL_TARGET', `${what} does not lie in the project`, {
    fix: 'name a feed, a version, or a file or folder of the project',
  });
}
