// Signing keys: Ed25519 (RFC 8032) for Vallum's own statements and checkpoints, P-256 for model signatures.
// A key is named by the SHA-256 of its SubjectPublicKeyInfo, so a name can never be claimed for another key.
import type { KeyObject } from 'node:crypto';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { Sha256 } from '@vallum/core';
import { sha256 } from '@vallum/core';
import { distrust, misuse } from './refusal.js';

export type KeyAlgorithm = 'ed25519' | 'p256';

export interface SigningKey {
  /** SHA-256, in hex, of the DER form of the public key. */
  readonly keyid: Sha256;
  readonly name: string;
  readonly algorithm: KeyAlgorithm;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export interface PublicKeyRecord {
  readonly keyid: Sha256;
  readonly algorithm: KeyAlgorithm;
  /** SubjectPublicKeyInfo, DER, in base64. */
  readonly spki: string;
}

/** Names of keys become file names. */
export const KEY_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export function generateKey(name: string, algorithm: KeyAlgorithm): SigningKey {
  if (!KEY_NAME.test(name))
    throw misuse(
      'KEY_NAME',
      `not a name for a key: ${JSON.stringify(name.slice(0, 80))}`,
      'use letters, digits, ".", "_" and "-"',
    );
  const { publicKey, privateKey } =
    algorithm === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { keyid: keyidOf(publicKey), name, algorithm, publicKey, privateKey };
}

function spkiOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ format: 'der', type: 'spki' });
}

export function keyidOf(publicKey: KeyObject): Sha256 {
  return sha256(spkiOf(publicKey));
}

export function publicRecord(key: SigningKey): PublicKeyRecord {
  return { keyid: key.keyid, algorithm: key.algorithm, spki: spkiOf(key.publicKey).toString('base64') };
}

/** The algorithm of a key, or undefined for one that is not used here. */
export function algorithmOf(key: KeyObject): KeyAlgorithm | undefined {
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519';
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? 'p256' : undefined;
}

/**
 * The public key of a record whose three fields agree and whose DER is the canonical one.
 * @throws VallumError `KEY_RECORD`
 */
export function publicKeyOf(record: PublicKeyRecord): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(record.spki, 'base64'), format: 'der', type: 'spki' });
  } catch {
    throw distrust('KEY_RECORD', `the public key ${short(record.keyid)} cannot be read`);
  }
  const canonical = spkiOf(key);
  if (canonical.toString('base64') !== record.spki || sha256(canonical) !== record.keyid)
    throw distrust('KEY_RECORD', `the public key ${short(record.keyid)} does not have the key id that it claims`);
  if (algorithmOf(key) !== record.algorithm)
    throw distrust('KEY_RECORD', `the public key ${short(record.keyid)} is not of the algorithm ${record.algorithm}`);
  return key;
}

function short(keyid: string): string {
  return keyid.slice(0, 12);
}
