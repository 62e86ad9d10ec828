// The vault of a project as vallum.yaml declares it: its folder, which has to be a real one and lie apart from what is
// sealed, and where its keys come from.
import type { Disk } from '@vallum/core';
import { assertRealFolders, VallumError } from '@vallum/core';
import type { BulkLimits } from '@vallum/data';
import type { Declaration } from './declaration.js';
import type { Session } from './session.js';

export type VaultKeys = NonNullable<Declaration['vault']>['keys'];

export interface VaultPlace {
  readonly disk: Disk;
  /** Absolute. */
  readonly folder: string;
  readonly keys: VaultKeys;
  readonly bulk: BulkLimits;
}

/** @throws VallumError `VAULT_UNDECLARED`, `PROJECT_KEY`, `DISK_LINK` */
export async function vaultPlace({ disk, paths, declaration }: Session): Promise<VaultPlace> {
  const { vault } = declaration;
  if (vault === undefined)
    throw new VallumError('VAULT_UNDECLARED', 'vallum.yaml declares no vault', {
      fix: 'add the key vault, see docs/vault.md',
    });
  const folder = plain(vault.folder);
  const taken = [
    '.vallum',
    ...Object.values(declaration.feeds),
    ...Object.values(declaration.versions).map((one) => one.model),
  ];
  const clash = taken.map(plain).find((other) => isWithin(folder, other) || isWithin(other, folder));
  if (clash !== undefined)
    throw new VallumError(
      'PROJECT_KEY',
      `vallum.yaml: the folder of the vault, ${folder}, and ${clash} are not apart`,
      {
        fix: 'give the vault a folder of its own',
      },
    );
  await assertRealFolders(disk, paths.root, [folder]);
  return { disk, folder: `${paths.root}/${folder}`, keys: vault.keys, bulk: vault.bulk };
}

/** Without `.`, and without a slash at the end. */
function plain(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

/** Whether a path is a folder or lies in it; both absolute, or both relative to the same folder. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || folder === '' || path.startsWith(`${folder}/`);
}
