// The X25519 recipient of age: an ephemeral key for each file, the shared secret through HKDF wraps the file key. A share
// of low order makes a shared secret of zeros, which OpenSSL refuses to give out and age wants refused.
import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { VallumError } from '@vallum/core';
import { decodeBech32, encodeBech32 } from './bech32.js';
import type { Stanza } from './header.js';
import { ageFault, decodeBase64, encodeBase64 } from './header.js';
import { AGE_TAG_BYTES, FILE_KEY_BYTES, unwrapFileKey, wrapFileKey } from './stanza-key.js';

const RECIPIENT = 'age';
const IDENTITY = 'age-secret-key-';
const INFO = 'age-encryption.org/v1/X25519';
const BYTES = 32;
/** DER before the 32 bytes of a key (RFC 8410). */
const SPKI = Buffer.from('302a300506032b656e032100', 'hex');
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

export interface X25519Recipient {
  readonly kind: 'x25519';
  readonly publicKey: Buffer;
}

export interface X25519Identity {
  readonly kind: 'x25519';
  readonly privateKey: KeyObject;
  readonly publicKey: Buffer;
}

/** @param text `age1...` @throws VallumError `AGE_RECIPIENT` */
export function parseRecipient(text: string): X25519Recipient {
  const publicKey = decodeBech32(RECIPIENT, text);
  if (publicKey?.length === BYTES && text === text.toLowerCase()) return { kind: 'x25519', publicKey };
  throw new VallumError('AGE_RECIPIENT', 'this is no age recipient of the X25519 kind', {
    fix: 'give what age-keygen prints as the public key: age1 and 58 more characters',
  });
}

/** @param text `AGE-SECRET-KEY-1...` @throws VallumError `AGE_IDENTITY`, without the text */
export function parseIdentity(text: string): X25519Identity {
  const secret = decodeBech32(IDENTITY, text);
  if (secret?.length === BYTES && text === text.toUpperCase()) return identityOf(secret);
  throw new VallumError('AGE_IDENTITY', 'this is no age identity of the X25519 kind', {
    fix: 'give the line of the key file that begins with AGE-SECRET-KEY-1',
  });
}

function identityOf(secret: Uint8Array): X25519Identity {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, secret]), format: 'der', type: 'pkcs8' });
  return { kind: 'x25519', privateKey, publicKey: rawOf(createPublicKey(privateKey)) };
}

/** A new pair as text. */
export function newIdentity(): { readonly identity: string; readonly recipient: string } {
  const secret = randomBytes(BYTES);
  const { publicKey } = identityOf(secret);
  return {
    identity: encodeBech32(IDENTITY, secret).toUpperCase(),
    recipient: encodeBech32(RECIPIENT, publicKey),
  };
}

export function wrapForX25519({ publicKey }: X25519Recipient, fileKey: Uint8Array): Stanza {
  const ephemeral = generateKeyPairSync('x25519');
  const share = rawOf(ephemeral.publicKey);
  const secret = shared(ephemeral.privateKey, publicKey);
  if (secret === undefined) throw new VallumError('AGE_RECIPIENT', 'this age recipient is a point of low order');
  return { args: ['X25519', encodeBase64(share)], body: wrapFileKey(wrapKey(secret, share, publicKey), fileKey) };
}

/** Undefined when the stanza is for somebody else. @throws VallumError `AGE_HEADER` */
export function unwrapX25519({ privateKey, publicKey }: X25519Identity, { args, body }: Stanza): Buffer | undefined {
  if (args[0] !== 'X25519') return undefined;
  const share = args[1] === undefined ? undefined : decodeBase64(args[1]);
  if (args.length !== 2 || share?.length !== BYTES || body.length !== FILE_KEY_BYTES + AGE_TAG_BYTES)
    throw ageFault('AGE_HEADER', 'an X25519 recipient has the wrong form');
  const secret = shared(privateKey, share);
  if (secret === undefined) throw ageFault('AGE_HEADER', 'an X25519 recipient has a share of low order');
  return unwrapFileKey(wrapKey(secret, share, publicKey), body);
}

function shared(privateKey: KeyObject, publicKey: Uint8Array): Buffer | undefined {
  try {
    const point = createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' });
    const secret = diffieHellman({ privateKey, publicKey: point });
    return secret.every((byte) => byte === 0) ? undefined : secret;
  } catch {
    return undefined;
  }
}

function wrapKey(secret: Uint8Array, share: Uint8Array, recipient: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, Buffer.concat([share, recipient]), INFO, 32));
}

function rawOf(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(-BYTES);
}
