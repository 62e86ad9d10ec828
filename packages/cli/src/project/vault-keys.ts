// Key encryption keys of the vault, as this machine has them. vallum.yaml travels with the project and may be an attacker's:
// it only names a keyring or a program. A keyring lies outside the project; a program runs only when the acting person has
// allowed exactly that command line on this machine, with the variables that it sees, in key-programs.json.
import { realpath } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import type { JsonValue } from '@vallum/core';
import { isJsonObject, messageOf, parent, parseJsonStrict, VallumError } from '@vallum/core';
import type { KeyProvider, KeyringPlace, ProviderStatus } from '@vallum/data';
import { execProvider, listKeyring, openKeyring } from '@vallum/data';
import { assertOwnProgram } from './program-files.js';
import type { Session } from './session.js';
import type { VaultKeys } from './vault.js';
import { isWithin } from './vault.js';

const SCHEMA = 'vallum/key-programs/v1';
const PROGRAMS = 'key-programs.json';
const MAX_BYTES = 256 * 1024;
const GROUP_OR_OTHERS = 0o077;

type Machine = Pick<Session, 'disk' | 'paths' | 'keysFolder'>;

/** @param passphrase of a keyring; a program needs none @throws VallumError `VAULT_*`, `KEY_MODE`, `KEYS_INSIDE`, `DISK_READ` */
export async function keyProvider(machine: Machine, keys: VaultKeys, passphrase: string): Promise<KeyProvider> {
  if (keys.provider === 'exec') return programOf(machine, keys.command);
  return openKeyring({ ...(await keyringPlace(machine, keys)), passphrase });
}

/** Which keys there are; a keyring says it without its passphrase. */
export async function keyStatus(machine: Machine, keys: VaultKeys): Promise<ProviderStatus> {
  if (keys.provider === 'exec') return (await programOf(machine, keys.command)).status();
  const infos = await listKeyring(await keyringPlace(machine, keys));
  return {
    active: infos.find(({ state }) => state === 'active')?.id ?? '',
    retired: infos.filter(({ state }) => state === 'retired').map(({ id }) => id),
  };
}

type KeyringFile = Extract<VaultKeys, { provider: 'passphrase-file' }>;

/** A relative name is one in the folder of the acting person's keys. @throws VallumError `KEYS_INSIDE` */
export async function keyringPlace(
  { disk, paths, keysFolder }: Machine,
  { file }: KeyringFile,
): Promise<Omit<KeyringPlace, 'passphrase'>> {
  const path = resolve(keysFolder, file);
  await assertOutside(path, paths.root, 'the keyring');
  return { disk, path };
}

/** Keys in the project protect nothing: who has the one has the other. @throws VallumError `KEYS_INSIDE` */
export async function assertOutside(path: string, root: string, what: string): Promise<void> {
  if (!isWithin(path, root) && !isWithin(await realOf(path), root)) return;
  throw new VallumError('KEYS_INSIDE', `${what}, ${path}, lies inside the project`, {
    fix: 'keep it outside: in VALLUM_KEYS, or on a device of its own',
  });
}

/** Of the nearest part that is there. */
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const up = parent(path);
    return up === path ? path : `${await realOf(up)}/${path.slice(up.length + 1)}`;
  }
}

async function programOf({ disk, paths, keysFolder }: Machine, command: readonly string[]): Promise<KeyProvider> {
  const [program = '', ...args] = command;
  if (!isAbsolute(program))
    throw new VallumError(
      'VAULT_PROGRAM',
      `vallum.yaml: the key program ${JSON.stringify(program)} is no absolute path`,
      {
        fix: 'write vault.keys.command with the whole path of the program',
      },
    );
  for (const part of command) if (isAbsolute(part)) await assertOutside(part, paths.root, 'a part of the key program');
  const path = `${keysFolder}/${PROGRAMS}`;
  const stat = await disk.stat(path);
  if (stat?.kind === 'file' && (stat.mode & GROUP_OR_OTHERS) !== 0)
    throw new VallumError('KEY_MODE', `${path} is readable by other accounts`, { fix: `chmod 600 ${path}` });
  const allowed = stat === undefined ? [] : readPrograms(await disk.read(path, MAX_BYTES), path);
  const found = allowed.find((one) => JSON.stringify(one.command) === JSON.stringify(command));
  if (found === undefined)
    throw new VallumError('VAULT_PROGRAM', `vallum.yaml names a key program that nobody allowed here: ${program}`, {
      fix: `look at vault.keys.command, and if you mean it, put it into ${path}; see docs/vault.md`,
    });
  await assertOwnProgram(command, [process.cwd(), paths.root, '/']);
  return execProvider({ command: [program, ...args], env: found.env });
}

interface AllowedProgram {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** @throws VallumError `VAULT_PROGRAM` */
function readPrograms(bytes: Uint8Array, path: string): readonly AllowedProgram[] {
  const broken = (why: string): VallumError =>
    new VallumError('VAULT_PROGRAM', `${path} is no list of key programs: ${why}`, { fix: 'see docs/vault.md' });
  let json: JsonValue;
  try {
    json = parseJsonStrict(bytes, { maxBytes: MAX_BYTES, maxDepth: 4 });
  } catch (error) {
    throw broken(messageOf(error));
  }
  if (!isJsonObject(json) || json['schema'] !== SCHEMA || !Array.isArray(json['programs']))
    throw broken(`its schema is not ${SCHEMA}`);
  return (json['programs'] as readonly JsonValue[]).map((program) => {
    const { command, env } = isJsonObject(program) ? program : {};
    if (!isTexts(command) || !isJsonObject(env) || !isTexts(Object.values(env)))
      throw broken('a program has a command, a list of texts, and env, a mapping of texts');
    return { command, env: env as Readonly<Record<string, string>> };
  });
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
