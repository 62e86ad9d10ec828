// One change of the vault at a time: a rotation that writes a key file back while another process shreds it would undo the
// shredding. Opening needs no lock, for it changes nothing.
import type { Disk } from '@vallum/core';
import { VallumError } from '@vallum/core';

export const VAULT_LOCK = 'lock';

/** @throws VallumError `VAULT_LOCKED` */
export async function withVaultLock<T>(disk: Disk, vault: string, work: () => Promise<T>): Promise<T> {
  const path = `${vault}/${VAULT_LOCK}`;
  if (!(await disk.create(path, new Uint8Array(), 0o600)))
    throw new VallumError('VAULT_LOCKED', `somebody else is changing ${vault}`, {
      fix: `try again; if nobody is, an earlier command was cut short: remove ${path}`,
    });
  try {
    return await work();
  } finally {
    await disk.remove(path);
  }
}
