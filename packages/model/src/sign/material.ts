// The verification material of a bundle says who vouches for the key, and its shape decides the method. Nothing in it is
// believed here: a key that stands in the bundle (as before 1.1) is never used, certificates are checked in identity/.
import type { JsonObject, JsonValue } from '@vallum/core';
import type { Form } from './form.js';
import { MAX_PATH } from './identity/path.js';
import type { SignatureMethod } from './method.js';

const METHODS = { publicKey: 'key', x509CertificateChain: 'certificate', certificate: 'sigstore' } as const;

/** @throws Refusal of the form */
export function readMaterial(
  form: Form,
  value: JsonObject,
): { readonly method: SignatureMethod; readonly hint: string | undefined } {
  form.object(value, 'the verification material', [
    ...Object.keys(METHODS),
    'tlogEntries',
    'timestampVerificationData',
  ]);
  const present = Object.entries(METHODS).filter(
    ([field]) => value[field] !== undefined && (form.profile === 'strict' || value[field] !== null),
  );
  const [found] = present;
  if (found === undefined || present.length !== 1)
    throw form.malformed('it must name exactly one of a public key, a certificate chain and a certificate');
  const [field, method] = found;
  checkRest(form, value, method);
  if (method === 'key') return { method, hint: readHint(form, value[field]) };
  const certificates =
    method === 'sigstore'
      ? [value[field]]
      : form.list(form.object(value[field], 'the certificate chain', ['certificates'])['certificates'], 'the chain');
  if (certificates.length === 0 || certificates.length > MAX_PATH)
    throw form.malformed(`the chain has ${certificates.length} certificates, not 1 to ${MAX_PATH}`);
  for (const entry of certificates)
    form.base64(form.object(entry, 'a certificate', ['rawBytes'])['rawBytes'], 'a certificate');
  return { method, hint: undefined };
}

/** Log entries belong to the keyless method; timestamps may stand beside any certificate. */
function checkRest(form: Form, value: JsonObject, method: SignatureMethod): void {
  const entries = value['tlogEntries'] === undefined ? [] : form.list(value['tlogEntries'], 'the log entries');
  if (method !== 'sigstore' && entries.length > 0)
    throw form.malformed(`a signature by a ${method} has no log entries`);
  for (const entry of entries) form.object(entry, 'a log entry');
  const stamps = value['timestampVerificationData'];
  if (stamps === undefined || (stamps === null && form.profile === 'compat')) return;
  const list = form.object(stamps, 'the timestamp data', ['rfc3161Timestamps'])['rfc3161Timestamps'] ?? [];
  const times = form.list(list, 'the timestamps');
  if (method === 'key' && times.length > 0 && form.profile === 'strict')
    throw form.malformed('a signature by a key has no timestamps');
  for (const time of times)
    form.base64(form.object(time, 'a timestamp', ['signedTimestamp'])['signedTimestamp'], 'a timestamp');
}

function readHint(form: Form, value: JsonValue | undefined): string | undefined {
  const hint = form.object(value, 'the public key', ['hint', 'rawBytes', 'keyDetails'])['hint'];
  if (hint === undefined || hint === null || hint === '') return undefined;
  if (typeof hint !== 'string' || (form.profile === 'strict' && !/^[0-9a-f]{64}$/.test(hint)))
    throw form.malformed('the key hint is not a SHA-256');
  return hint;
}
