// What the vault asks of whoever keeps the key encryption keys: wrap a data key, unwrap it, say which keys there are. The
// context says which object the data key is for; a provider that can must bind it, and the vault does not rely on it: the
// commitment before each ciphertext ties the data key to its object as well.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { VallumError } from '@vallum/core';
import { KEY_BYTES } from '../format/chunked-encryption.js';
import { isKekId, MAX_WRAPPED_BYTES } from '../format/key-record.js';

export interface WrappedKey {
  /** Id of the key encryption key. */
  readonly kek: string;
  readonly wrapped: Uint8Array;
}

export interface ProviderStatus {
  /** The key that wraps now. */
  readonly active: string;
  /** Keys that only unwrap. */
  readonly retired: readonly string[];
}

export interface KeyProvider {
  /** For sentences and logs: `keyring:/srv/vault/keyring.json`. */
  readonly id: string;
  /** With the active key. */
  wrap(dek: Uint8Array, context: Uint8Array): Promise<WrappedKey>;
  /** @throws VallumError `VAULT_NO_KEK` when it does not have the key, `VAULT_UNWRAP` when the key does not open it */
  unwrap(key: WrappedKey, context: Uint8Array): Promise<Buffer>;
  status(): Promise<ProviderStatus>;
}

export function newDataKey(): Buffer {
  return randomBytes(KEY_BYTES);
}

/**
 * Wraps and reads back: a provider that cannot give a key back would make the object unreadable for ever.
 * @throws VallumError `VAULT_PROVIDER`
 */
export async function wrapChecked(provider: KeyProvider, dek: Uint8Array, context: Uint8Array): Promise<WrappedKey> {
  const key = await provider.wrap(dek, context);
  if (!isKekId(key.kek) || key.wrapped.length === 0 || key.wrapped.length > MAX_WRAPPED_BYTES)
    throw faulty(provider, 'gives a wrapped key of a form that cannot be stored');
  const again = await provider.unwrap(key, context);
  const same = again.length === dek.length && timingSafeEqual(again, dek);
  again.fill(0);
  if (!same) throw faulty(provider, 'does not give back the key that it wrapped');
  return key;
}

/** @throws VallumError `VAULT_PROVIDER` when what comes back is no data key */
export async function unwrapChecked(provider: KeyProvider, key: WrappedKey, context: Uint8Array): Promise<Buffer> {
  const dek = await provider.unwrap(key, context);
  if (dek.length !== KEY_BYTES) throw faulty(provider, `gives ${dek.length} bytes where a data key has ${KEY_BYTES}`);
  return dek;
}

function faulty(provider: KeyProvider, what: string): VallumError {
  return new VallumError('VAULT_PROVIDER', `the key provider ${provider.id} ${what}`, {
    fix: 'check the program or file that keeps the keys; nothing was written',
  });
}
