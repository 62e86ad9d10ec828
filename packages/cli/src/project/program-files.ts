// The files of a key program: what another account can change, or what depends on the folder in which a command happens to
// run, would hand out data keys. A part that names no file at all, an option or a word, is the program's own affair.
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { VallumError } from '@vallum/core';

const WRITE_BY_OTHERS = 0o022;

/**
 * @param folders in which a relative part could be looked for
 * @param uid of the acting person; undefined where the system has none
 * @throws VallumError `VAULT_PROGRAM` for a relative part that names a file, and for a file that others own or can write to
 */
export async function assertOwnProgram(
  command: readonly string[],
  folders: readonly string[],
  uid = process.getuid?.(),
): Promise<void> {
  for (const part of command) {
    // `--import=FILE` names one as well.
    const path = part.slice(part.startsWith('-') ? part.indexOf('=') + 1 : 0);
    if (isAbsolute(path)) assertOwn(path, await fileAt(path), uid);
    else await refuseRelative(path, folders);
  }
}

async function refuseRelative(path: string, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    if (path === '' || (await fileAt(resolve(folder, path))) === undefined) continue;
    throw new VallumError('VAULT_PROGRAM', `the key program has the relative part ${JSON.stringify(path)}, a file`, {
      fix: 'write it with its whole path, in vault.keys.command and in key-programs.json: the program runs in /',
    });
  }
}

function assertOwn(path: string, file: Stats | undefined, uid: number | undefined): void {
  if (file === undefined || uid === undefined) return;
  if (file.uid !== 0 && file.uid !== uid)
    throw new VallumError('VAULT_PROGRAM', `${path}, of the key program, belongs to another account (${file.uid})`, {
      fix: `let it belong to root or to you: chown, or a copy of your own`,
    });
  if ((file.mode & WRITE_BY_OTHERS) !== 0)
    throw new VallumError('VAULT_PROGRAM', `other accounts can write to ${path}, of the key program`, {
      fix: `chmod go-w ${path}`,
    });
}

/** As the program will find it, so through links; undefined where there is no file. */
async function fileAt(path: string): Promise<Stats | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found : undefined;
  } catch {
    return undefined;
  }
}
