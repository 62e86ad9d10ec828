// The gateway's own ledger: an instance of the one ledger of the house under the state folder, with a key of its own that is
// made at the first start and kept from other accounts. One process at a time may write it.
import { parent, VallumError } from '@vallum/core';
import type { Disk } from '@vallum/core';
import { openEntryLog } from '@vallum/ledger';
import type { EntryLog, GroupLimits } from '@vallum/ledger';
import { generateKey, readKeyFolder, writeKeyFile } from '@vallum/trust';
import type { SigningKey } from '@vallum/trust';

const KEY_NAME = 'records';

/** Batches were gathered by the workers already; a group is whatever arrives while the last one is written. */
const AT_ONCE: GroupLimits = { entries: 256, waitMs: 0 };
/** Where no answer waits for its record: a commit costs about the same for one batch and for ten. */
export const GATHERED: GroupLimits = { entries: 1_024, waitMs: 20 };

/** Origin of the log, as checkpoints name it. */
export function gatewayOrigin(name: string): string {
  return `${name}/gateway`;
}

/** Tile directory of the log. */
export function gatewayLogFolder(state: string): string {
  return `${state}/records`;
}

/**
 * Ed25519 key that signs the checkpoints, made where there is none.
 * @throws VallumError `KEY_MODE`, `KEY_FILE`
 */
export async function gatewayKey(disk: Disk, state: string): Promise<SigningKey> {
  const folder = `${state}/keys`;
  await disk.makeDirectory(parent(state));
  await disk.makeDirectory(state, 0o700);
  const found = (await readKeyFolder(disk, folder)).find(({ name }) => name === KEY_NAME);
  if (found !== undefined) return found;
  const key = generateKey(KEY_NAME, 'ed25519');
  await writeKeyFile(disk, folder, key);
  return key;
}

/**
 * @param state the state folder of `gateway.yaml`
 * @param name of the gateway
 * @throws VallumError `GATEWAY_LOG_HELD` while another process has it, `LEDGER_DAMAGED`, `LEDGER_ORIGIN`, `LEDGER_KEY`, `KEY_MODE`
 */
export async function openGatewayLog(
  disk: Disk,
  state: string,
  name: string,
  group: GroupLimits = AT_ONCE,
): Promise<EntryLog> {
  const key = await gatewayKey(disk, state);
  const log = await openEntryLog({
    disk,
    dir: gatewayLogFolder(state),
    origin: gatewayOrigin(name),
    key,
    group,
  });
  if (log.writable) return log;
  await log.close();
  throw new VallumError('GATEWAY_LOG_HELD', `the records in ${state} are held by ${log.heldBy ?? 'another process'}`, {
    fix: 'stop the other gateway, or give this one a state folder of its own',
  });
}
