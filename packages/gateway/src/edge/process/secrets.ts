// Random bytes of one gateway, made at its first start and kept for its owner only: with them inputs could be looked up in the
// records, fingerprints aimed at, and noise taken off again.
import { randomBytes } from 'node:crypto';
import { isJsonObject, parseJsonStrict, VallumError, writeDurably } from '@vallum/core';
import type { Disk } from '@vallum/core';
import type { Secrets } from './messages.js';

const BYTES = 32;
const MOST_FILE = 4_096;
const NAMES = ['inputs', 'sketches', 'noise'] as const;

/** @throws VallumError `GATEWAY_SECRETS`, `DISK_*` */
export async function gatewaySecrets(disk: Disk, state: string): Promise<Secrets> {
  const path = `${state}/secrets.json`;
  await disk.makeDirectory(state, 0o700);
  if ((await disk.stat(path)) === undefined) {
    const fresh = Object.fromEntries(NAMES.map((name) => [name, randomBytes(BYTES).toString('base64')]));
    await writeDurably(disk, path, Buffer.from(`${JSON.stringify(fresh)}\n`), 0o600);
  }
  return readSecrets(await disk.read(path, MOST_FILE), path);
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
