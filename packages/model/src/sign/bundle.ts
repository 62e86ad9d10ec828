// The outer layer of a model signature: a Sigstore bundle v0.3 around a DSSE envelope.
// The bundle is not signed, so in the strict profile whatever is not known here (a second signature, another encoding
// of the same bytes, a stray field) is refused rather than skipped.
import type { JsonObject } from '@vallum/core';
import type { Form } from './form.js';
import { formOf } from './form.js';
import { readMaterial } from './material.js';
import type { Profile, SignedEnvelope } from './method.js';
import { PAYLOAD_TYPE } from './pae.js';
import { Refusal } from './refusal.js';

export const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

export interface Bundle extends SignedEnvelope {
  /** SHA-256 of the PEM public key; undefined without one, as signers before 1.1 left it. */
  readonly hint: string | undefined;
}

export interface NewBundle {
  /** What vouches for the key: its hint, or its certificate and those above it, DER, leaf first. */
  readonly signer: { readonly hint: string } | { readonly chain: readonly Uint8Array[] };
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

export function writeBundle({ signer, payload, signature }: NewBundle): Uint8Array {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const material =
    'hint' in signer
      ? { publicKey: { hint: signer.hint } }
      : { x509CertificateChain: { certificates: signer.chain.map((bytes) => ({ rawBytes: text(bytes) })) } };
  const bundle = {
    mediaType: MEDIA_TYPE,
    verificationMaterial: { ...material, tlogEntries: [] },
    dsseEnvelope: {
      payload: text(payload),
      payloadType: PAYLOAD_TYPE,
      signatures: [{ sig: text(signature), keyid: '' }],
    },
  };
  return Buffer.from(`${JSON.stringify(bundle)}\n`);
}

/** @throws Refusal with the code of the first rule that is broken */
export function readBundle(bytes: Uint8Array, profile: Profile = 'strict'): Bundle {
  const form = formOf(profile, 'bundle-malformed', 'the signature file');
  const bundle = form.object(form.json(bytes), 'the bundle', ['mediaType', 'verificationMaterial', 'dsseEnvelope']);
  if (bundle['mediaType'] !== MEDIA_TYPE)
    throw new Refusal('media-type', `the signature is no ${MEDIA_TYPE}, the only bundle that is read`);
  const material = form.object(bundle['verificationMaterial'], 'the verification material');
  const { method, hint } = readMaterial(form, material);
  return { method, hint, material, bundle, ...readEnvelope(form, bundle) };
}

function readEnvelope(form: Form, bundle: JsonObject): Pick<Bundle, 'payload' | 'payloadType' | 'signature'> {
  const envelope = form.object(bundle['dsseEnvelope'], 'the envelope', ['payload', 'payloadType', 'signatures']);
  if (envelope['payloadType'] !== PAYLOAD_TYPE) throw new Refusal('payload-type', `the payload is not ${PAYLOAD_TYPE}`);
  const signatures = form.list(envelope['signatures'], 'the list of signatures').map((entry) => {
    const signature = form.object(entry, 'the signature', ['sig', 'keyid']);
    const keyid = signature['keyid'];
    if (keyid !== undefined && keyid !== null && (form.profile === 'strict' ? keyid !== '' : typeof keyid !== 'string'))
      throw form.malformed('the signature names a key id, which model signatures do not use');
    return form.base64(signature['sig'], 'the signature');
  });
  const [signature] = signatures;
  // The reference looks at the first one only.
  if (signature === undefined || (form.profile === 'strict' && signatures.length !== 1))
    throw new Refusal('signature-count', 'the envelope must carry exactly one signature');
  return { payload: form.base64(envelope['payload'], 'the payload'), payloadType: PAYLOAD_TYPE, signature };
}
