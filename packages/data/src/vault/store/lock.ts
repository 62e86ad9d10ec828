// One change of the vault at a time: a rotation that writes a key file back while another process shreds it would undo the
// shredding. Opening needs no lock, for it changes nothing. The lock says who holds it, so that one which a killed process
// left can be told; whoever can write into the vault can write anything into it, so nobody's lock is removed by itself.
import type { Disk, JsonValue } from '@vallum/core';
import { canonicalJson, isJsonObject, parseJsonStrict, VallumError } from '@vallum/core';
import type { Holder } from './edge/holder.js';
import { isRunning, thisProcess } from './edge/holder.js';

export const VAULT_LOCK = 'lock';
const SCHEMA = 'vallum/vault-lock/v1';
const MAX_BYTES = 1024;

/** @throws VallumError `VAULT_LOCKED` */
export async function withVaultLock<T>(disk: Disk, vault: string, work: () => Promise<T>): Promise<T> {
  const path = `${vault}/${VAULT_LOCK}`;
  const { pid, host } = thisProcess();
  if (!(await disk.create(path, Buffer.from(canonicalJson({ schema: SCHEMA, pid, host })), 0o600)))
    throw locked(vault, path, await heldBy(disk, path));
  try {
    return await work();
  } finally {
    await disk.remove(path);
  }
}

/** Undefined for what no command wrote; an empty lock is one whose writer was ended before it said who it is. */
export function readLock(bytes: Uint8Array): Holder | 'unknown' | undefined {
  if (bytes.length === 0) return 'unknown';
  let json: JsonValue;
  try {
    json = parseJsonStrict(bytes, { maxBytes: MAX_BYTES, maxDepth: 1 });
  } catch {
    return undefined;
  }
  if (!isJsonObject(json) || Object.keys(json).sort().join() !== 'host,pid,schema' || json['schema'] !== SCHEMA)
    return undefined;
  const { pid, host } = json;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0 || typeof host !== 'string') return undefined;
  return { pid, host };
}

/** Whether what lies under the name of the lock is one, and not something that hides behind the name; true when it is gone. */
export async function isLock(disk: Disk, vault: string): Promise<boolean> {
  const path = `${vault}/${VAULT_LOCK}`;
  const stat = await disk.stat(path);
  if (stat === undefined) return true;
  if (stat.kind !== 'file' || stat.size > MAX_BYTES) return false;
  try {
    return readLock(await disk.read(path, MAX_BYTES)) !== undefined;
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    return (await disk.stat(path)) === undefined;
  }
}

async function heldBy(disk: Disk, path: string): Promise<Holder | undefined> {
  try {
    const held = readLock(await disk.read(path, MAX_BYTES));
    return held === 'unknown' ? undefined : held;
  } catch {
    // Given back meanwhile, or no file that a command wrote.
    return undefined;
  }
}

function locked(vault: string, path: string, holder: Holder | undefined): VallumError {
  if (holder === undefined)
    return new VallumError('VAULT_LOCKED', `somebody else is changing ${vault}`, {
      fix: `try again; if nobody is, an earlier command was cut short: remove ${path}`,
    });
  const { pid, host } = holder;
  if (host === thisProcess().host && !isRunning(pid))
    return new VallumError('VAULT_LOCKED', `${vault} was left locked by the process ${pid}, which has ended`, {
      fix: `remove ${path}, and look at vallum data list`,
    });
  return new VallumError('VAULT_LOCKED', `the process ${pid} on ${host} is changing ${vault}`, {
    fix: `try again; if it has ended, remove ${path}`,
  });
}
