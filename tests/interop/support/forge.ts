// Signatures as a forger makes them who holds a real key: any statement at all, well signed, in any envelope at all.
import { createHash, createPublicKey, sign, type KeyObject } from 'node:crypto';

export const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');
const TYPE = 'application/vnd.in-toto+json';

export interface Listed {
  readonly name: unknown;
  readonly algorithm: unknown;
  readonly digest: unknown;
}

export const listed = (name: string, text: string, algorithm = 'sha256'): Listed => ({
  name,
  algorithm,
  digest: algorithm.startsWith('blake2b') ? createHash('blake2b512').update(text).digest('hex') : sha256(text),
});

export interface Statement {
  readonly resources: readonly Listed[];
  readonly serialization?: Readonly<Record<string, unknown>>;
  readonly root?: string;
}

/** The statement of a signer who follows the format except for what is given. */
export function statement({ resources, serialization, root }: Statement): Record<string, unknown> {
  const raw = resources.map(({ digest }) => Buffer.from(String(digest).replace(/\s/g, ''), 'hex'));
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'm', digest: { sha256: root ?? sha256(Buffer.concat(raw)) } }],
    predicateType: 'https://model_signing/signature/v1.0',
    predicate: {
      serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false, ...serialization },
      resources,
    },
  };
}

export interface Forged {
  readonly payload: string;
  readonly message?: (payload: Buffer) => Uint8Array;
}

/** A bundle over the payload with a good P-256 signature. */
export function forge(privateKey: KeyObject, { payload, message = encoded }: Forged): string {
  const bytes = Buffer.from(payload);
  const pem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });
  return JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: sha256(pem) }, tlogEntries: [] },
    dsseEnvelope: {
      payload: bytes.toString('base64'),
      payloadType: TYPE,
      signatures: [{ sig: sign('sha256', message(bytes), privateKey).toString('base64'), keyid: '' }],
    },
  });
}

function encoded(payload: Buffer): Uint8Array {
  return Buffer.concat([Buffer.from(`DSSEv1 ${TYPE.length} ${TYPE} ${payload.length} `), payload]);
}

/** What model-signing 0.2 signed, for a payload without quotes of the single kind: `%b` and `str` mixed up. */
export function oldMessage(payload: Buffer): Uint8Array {
  const shown = payload.toString('latin1').replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return Buffer.from(`DSSEV1 ${TYPE.length} ${TYPE} ${payload.length} b'${shown}'`);
}
