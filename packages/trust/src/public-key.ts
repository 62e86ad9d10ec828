// A public key as trust files and identity statements hold it.
import type { JsonValue } from '@vallum/core';
import { digestOf, fieldsOf, textOf } from './fields.js';
import type { PublicKeyRecord } from './keys.js';
import { publicKeyOf } from './keys.js';
import { distrust } from './refusal.js';

export const KEY_FIELDS = ['keyid', 'algorithm', 'spki'] as const;

/** @throws VallumError `TRUST_FORMAT`, `KEY_RECORD` */
export function readPublicKey(
  json: JsonValue | undefined,
  where: string,
  extra: readonly string[] = [],
): PublicKeyRecord {
  const fields = fieldsOf(json, where, [...KEY_FIELDS, ...extra]);
  const algorithm = fields['algorithm'];
  if (algorithm !== 'ed25519' && algorithm !== 'p256')
    throw distrust('TRUST_FORMAT', `${where} has an unknown algorithm`);
  const keyid = digestOf(fields['keyid'], `the key id of ${where}`);
  const record: PublicKeyRecord = { keyid, algorithm, spki: textOf(fields['spki'], where, 400) };
  publicKeyOf(record);
  return record;
}
