// The folder with the acting person's private keys. Other accounts on the machine are the attacker here: a key file that
// they can read is no secret, and a folder that they can write to lets them swap keys and pins.
import type { Disk } from '@vallum/core';
import { VallumError } from '@vallum/core';
import { decodeKeyFile, encodeKeyFile, MAX_KEY_FILE_BYTES } from './key-file.js';
import type { SigningKey } from './keys.js';

const SUFFIX = '.key.json';
const GROUP_OR_OTHERS = 0o077;
const WRITE_BY_OTHERS = 0o022;

function exposed(path: string, who: string, fix: string): VallumError {
  return new VallumError('KEY_MODE', `${path} is ${who} by other accounts`, { fix });
}

/** Refuses a folder that others may write to; true when the folder is there. */
export async function folderIsOurs(disk: Disk, folder: string): Promise<boolean> {
  const stat = await disk.stat(folder);
  if (stat === undefined) return false;
  if (stat.kind === 'directory' && (stat.mode & WRITE_BY_OTHERS) !== 0)
    throw exposed(folder, 'writable', `chmod 700 ${folder}`);
  return true;
}

/**
 * All `*.key.json` files of the folder, by name; none when there is no folder.
 * @throws VallumError `KEY_MODE` when a file can be read by group or others
 */
export async function readKeyFolder(disk: Disk, folder: string): Promise<readonly SigningKey[]> {
  if (!(await folderIsOurs(disk, folder))) return [];
  const keys: SigningKey[] = [];
  for (const name of await disk.list(folder)) {
    if (!name.endsWith(SUFFIX)) continue;
    const path = `${folder}/${name}`;
    const stat = await disk.stat(path);
    if (stat?.kind === 'file' && (stat.mode & GROUP_OR_OTHERS) !== 0)
      throw exposed(path, 'readable', `chmod 600 ${path}`);
    keys.push(decodeKeyFile(await disk.read(path, MAX_KEY_FILE_BYTES)));
  }
  return keys;
}

/** Writes a new key file (0600), never over another one. @returns its path */
export async function writeKeyFile(disk: Disk, folder: string, key: SigningKey): Promise<string> {
  await disk.makeDirectory(folder, 0o700);
  await folderIsOurs(disk, folder);
  const path = `${folder}/${key.name}${SUFFIX}`;
  if (!(await disk.create(path, encodeKeyFile(key), 0o600)))
    throw new VallumError('KEY_EXISTS', `${path} is there already`, { fix: 'choose another name or another folder' });
  await disk.sync(path);
  await disk.sync(folder);
  return path;
}
