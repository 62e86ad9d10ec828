// What an envelope's signature is over: DSSE's pre-authentication encoding, and for the `compat` profile the one that
// model-signing 0.2 signed by mistake (a text that holds Python's notation of the bytes, under another first word).
import { verify, type KeyObject } from 'node:crypto';
import { pythonNotation } from './compat/python-notation.js';
import type { Profile, SignedEnvelope } from './method.js';

export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** DSSE v1 protocol, with byte lengths. */
export function preAuthEncoding(payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.byteLength} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

type Digest = 'sha256' | 'sha384' | 'sha512';

/** True when the key made the envelope's signature. `legacyDigest`: what 0.2 used whatever the curve. */
export function verifiesEnvelope(
  envelope: Pick<SignedEnvelope, 'payload' | 'signature'>,
  publicKey: KeyObject,
  digest: Digest,
  profile: Profile,
  { legacyDigest = digest }: { readonly legacyDigest?: Digest } = {},
): boolean {
  const made = (name: Digest, message: Uint8Array): boolean =>
    verify(name, message, { key: publicKey, dsaEncoding: 'der' }, envelope.signature);
  if (made(digest, preAuthEncoding(envelope.payload))) return true;
  return profile === 'compat' && made(legacyDigest, legacyEncoding(envelope.payload));
}

function legacyEncoding(payload: Buffer): Buffer {
  const head = `DSSEV1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), pythonNotation(payload)]);
}
