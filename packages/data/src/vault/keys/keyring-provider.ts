// Key encryption keys from a keyring in memory: each data key is wrapped as a Cobblestone-256 message of its own, under a
// fresh salt, with the id of the key and the object in its context. A wrapped key moved to another object or another key
// does not unwrap.
import { randomBytes } from 'node:crypto';
import { VallumError } from '@vallum/core';
import { decryptMessage, deriveKeys, encryptMessage, SALT_BYTES } from '../format/chunked-encryption.js';
import type { Kek, Keyring } from './keyring.js';
import type { KeyProvider } from './provider.js';

function bound(id: string, context: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`vallum/keyring/v1 ${id}\0`), context]);
}

/** @param id for sentences: where the keyring lies */
export function keyringProvider(id: string, ring: Keyring): KeyProvider {
  const active = ring.find(({ state }) => state === 'active');
  if (active === undefined) throw new VallumError('VAULT_NO_KEK', `${id} has no active key`);
  const byId = new Map(ring.map((kek): [string, Kek] => [kek.id, kek]));
  return {
    id,
    wrap: async (dek, context) => {
      const keys = deriveKeys(active.key, randomBytes(SALT_BYTES), bound(active.id, context));
      return { kek: active.id, wrapped: encryptMessage(keys, dek) };
    },
    unwrap: async ({ kek, wrapped }, context) => {
      const found = byId.get(kek);
      if (found === undefined)
        throw new VallumError('VAULT_NO_KEK', `${id} does not have the key ${kek}`, {
          fix: 'name the keyring that wrapped the object; if the key was destroyed, so is the object',
        });
      const opened = decryptMessage(found.key, bound(kek, context), wrapped);
      if (opened.kind === 'plaintext') return opened.bytes;
      throw new VallumError(
        'VAULT_UNWRAP',
        opened.kind === 'damaged'
          ? `a key wrapped by ${kek} was changed`
          : `the key ${kek} of ${id} did not wrap this key, or wrapped it for another object`,
        { fix: 'restore the key file of the object from a backup' },
      );
    },
    status: async () => ({
      active: active.id,
      retired: ring.filter(({ state }) => state === 'retired').map((kek) => kek.id),
    }),
  };
}
