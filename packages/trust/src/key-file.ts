// The file form of a private key: JSON with a PKCS#8 PEM (RFC 5958), checked against its own key id when it is read.
import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { JsonValue } from '@vallum/core';
import { canonicalJson, parseJsonStrict, VallumError } from '@vallum/core';
import { digestOf, fieldsOf, wordOf } from './fields.js';
import type { SigningKey } from './keys.js';
import { algorithmOf, KEY_NAME, keyidOf } from './keys.js';

const SCHEMA = 'vallum/key/v1';
export const MAX_KEY_FILE_BYTES = 16 * 1024;

export function encodeKeyFile(key: SigningKey): Uint8Array {
  const privateKey = key.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const { name, algorithm, keyid } = key;
  return Buffer.from(`${canonicalJson({ schema: SCHEMA, name, algorithm, keyid, privateKey })}\n`);
}

/** @throws VallumError `KEY_FILE` or `TRUST_FORMAT`, never with key material in the sentence */
export function decodeKeyFile(bytes: Uint8Array): SigningKey {
  const json = parseJsonStrict(bytes, { maxBytes: MAX_KEY_FILE_BYTES, maxDepth: 2 });
  const fields = fieldsOf(json, 'the key file', ['schema', 'name', 'algorithm', 'keyid', 'privateKey']);
  if (fields['schema'] !== SCHEMA) throw broken(`has a schema other than ${SCHEMA}`);
  const name = wordOf(fields['name'], 'the name in the key file', KEY_NAME);
  const keyid = digestOf(fields['keyid'], 'the key id in the key file');
  const privateKey = readPem(fields['privateKey']);
  const publicKey = createPublicKey(privateKey);
  const algorithm = algorithmOf(publicKey);
  if (algorithm === undefined || algorithm !== fields['algorithm'])
    throw broken('names another algorithm than its key has');
  if (keyidOf(publicKey) !== keyid) throw broken('names another key id than its key has');
  return { keyid, name, algorithm, publicKey, privateKey };
}

function readPem(pem: JsonValue | undefined): KeyObject {
  try {
    if (typeof pem === 'string') return createPrivateKey({ key: pem, format: 'pem', type: 'pkcs8' });
  } catch {
    // The reason may quote the key, so it is not passed on.
  }
  throw broken('holds no readable private key');
}

function broken(why: string): VallumError {
  return new VallumError('KEY_FILE', `the key file ${why}`, {
    fix: 'restore the file from a backup or make a new key',
  });
}
