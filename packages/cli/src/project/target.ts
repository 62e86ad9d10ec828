// Which version a TARGET means: `v1`, `spam-filter@v1`, the model folder, or nothing where there is only one.
import { resolve } from 'node:path';
import { VallumError } from '@vallum/core';
import { didYouMean } from '@vallum/policy';
import type { Session } from './session.js';

/** @throws VallumError `TARGET_UNKNOWN` */
export function versionOf(
  { declaration, paths }: Pick<Session, 'declaration' | 'paths'>,
  target: string | undefined,
): string {
  const versions = Object.keys(declaration.versions);
  if (target === undefined) {
    const [only, ...more] = versions;
    if (only !== undefined && more.length === 0) return only;
    throw new VallumError(
      'TARGET_UNKNOWN',
      only === undefined ? 'vallum.yaml declares no version' : 'which version is meant?',
      {
        fix: only === undefined ? 'add one under versions' : `name one of ${versions.join(', ')}`,
      },
    );
  }
  const name = target.startsWith(`${declaration.project}@`) ? target.slice(declaration.project.length + 1) : target;
  // A folder is named from where the person stands, or as vallum.yaml names it.
  const folders = [resolve(target), resolve(paths.root, target)];
  const folderOf = (version: string): string => resolve(paths.root, declaration.versions[version]?.model ?? '');
  const found =
    versions.find((version) => version === name) ?? versions.find((version) => folders.includes(folderOf(version)));
  if (found !== undefined) return found;
  throw new VallumError('TARGET_UNKNOWN', `vallum.yaml declares no version ${JSON.stringify(target)}`, {
    fix: versions.length === 0 ? 'add it under versions' : didYouMean(name, versions),
  });
}
