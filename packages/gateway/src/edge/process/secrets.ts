// Random bytes of one gateway, made at its first start and kept for its owner only: with them inputs could be looked up in the
// records, fingerprints aimed at, and noise taken off again.
import { randomBytes } from 'node:crypto';
import { isJsonObject, parseJsonStrict, VallumError, writeDurably } from '@vallum/core';
import type { Disk } from '@vallum/core';
import type { Secrets } from './messages.js';

const BYTES = 32;
const MOST_FILE = 4_096;
const BY_OTHERS = 0o077;
const WRITE_BY_OTHERS = 0o022;
const NAMES = ['inputs', 'sketches', 'noise'] as const;

/** @throws VallumError `GATEWAY_SECRETS`, `GATEWAY_STATE_MODE`, `DISK_*` */
export async function gatewaySecrets(disk: Disk, state: string): Promise<Secrets> {
  const path = `${state}/secrets.json`;
  await disk.makeDirectory(state, 0o700);
  // Whoever can write here can take budgets that were used up away again.
  await refuseExposed(disk, state, WRITE_BY_OTHERS, 'write in');
  if ((await disk.stat(path)) === undefined) {
    const fresh = Object.fromEntries(NAMES.map((name) => [name, randomBytes(BYTES).toString('base64')]));
    await writeDurably(disk, path, Buffer.from(`${JSON.stringify(fresh)}\n`), 0o600);
  }
  await refuseExposed(disk, path, BY_OTHERS, 'read');
  return readSecrets(await disk.read(path, MOST_FILE), path);
}

async function refuseExposed(disk: Disk, path: string, bits: number, what: string): Promise<void> {
  const mode = (await disk.stat(path))?.mode ?? 0;
  if ((mode & bits) === 0) return;
  throw new VallumError('GATEWAY_STATE_MODE', `other accounts can ${what} ${path}`, { fix: `chmod go-rwx ${path}` });
}

function readSecrets(bytes: Uint8Array, path: string): Secrets {
  const value = parseJsonStrict(bytes, { maxBytes: MOST_FILE });
  const read = (name: (typeof NAMES)[number]): Buffer => {
    const text = isJsonObject(value) ? value[name] : undefined;
    const secret = Buffer.from(typeof text === 'string' ? text : '', 'base64');
    if (secret.length === BYTES) return secret;
    throw new VallumError('GATEWAY_SECRETS', `${path} does not hold the secret ${name}`, {
      fix: 'restore it from a copy, or remove it: inputs of before can then no longer be found in the records',
    });
  };
  return { inputs: read('inputs'), sketches: read('sketches'), noise: read('noise') };
}
