// Which version a TARGET means: `v1`, `spam-filter@v1`, the model folder, or nothing where there is only one.
import { VallumError } from '@vallum/core';
import { didYouMean } from '@vallum/policy';
import type { Declaration } from './declaration.js';

/** @throws VallumError `TARGET_UNKNOWN` */
export function versionOf(declaration: Declaration, target: string | undefined): string {
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
  const folder = target.replace(/\/+$/, '');
  const found = versions.find((version) => version === name || declaration.versions[version]?.model === folder);
  if (found !== undefined) return found;
  throw new VallumError('TARGET_UNKNOWN', `vallum.yaml declares no version ${JSON.stringify(target)}`, {
    fix: versions.length === 0 ? 'add it under versions' : didYouMean(name, versions),
  });
}
