// DSSE v1.0.2 pre-authentication encoding: what is signed, and what gives a statement its id. The envelope around it can
// be rewritten without breaking the signature, so no digest of an envelope names anything.
import type { Sha256 } from '@vallum/core';
import { sha256 } from '@vallum/core';

export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** `DSSEv1 LEN(type) type LEN(payload) payload`, lengths in bytes, in decimal. */
export function preAuthEncoding(payload: Uint8Array): Uint8Array {
  const head = `DSSEv1 ${Buffer.byteLength(PAYLOAD_TYPE)} ${PAYLOAD_TYPE} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

export function statementId(payload: Uint8Array): Sha256 {
  return sha256(preAuthEncoding(payload));
}
