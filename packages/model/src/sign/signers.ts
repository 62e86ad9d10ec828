// Who may have signed, and whether they did: keys that the user trusts, certificates up to roots that the user trusts, or
// one Sigstore identity. What the bundle says of itself decides only which of these can apply.
import type { Bundle } from './bundle.js';
import type { CertificateTrust, SigstoreTrust } from './identity/index.js';
import { verifyCertificate, verifySigstore } from './identity/index.js';
import type { ModelKey, TrustedKey } from './keys.js';
import { modelKeys } from './keys.js';
import type { Profile, Signer } from './method.js';
import { verifiesEnvelope } from './pae.js';
import { Refusal } from './refusal.js';

/** Whom the verifier believes. */
export type Signers =
  | {
      readonly method: 'key';
      /** Those that the format does not allow are left out. */
      readonly keys: readonly TrustedKey[];
    }
  | ({ readonly method: 'certificate' } & Omit<CertificateTrust, 'profile'>)
  | ({ readonly method: 'sigstore' } & Omit<SigstoreTrust, 'profile'>);

const NAMES = { key: 'by a key', certificate: 'with a certificate', sigstore: 'through Sigstore' } as const;
const NO_HINT = 'the signature names no key, so every trusted key was tried';

/** @throws Refusal; its code tells whether the signature is wrong or its signer merely unknown */
export async function signerOfBundle(bundle: Bundle, signers: Signers, profile: Profile): Promise<Signer> {
  if (bundle.method !== signers.method)
    throw new Refusal(
      'method-unsupported',
      `it was signed ${NAMES[bundle.method]}, and a signature ${NAMES[signers.method]} was asked for`,
    );
  if (signers.method === 'certificate') return verifyCertificate(bundle, { ...signers, profile });
  if (signers.method === 'sigstore') return verifySigstore(bundle, { ...signers, profile });
  return byKey(bundle, modelKeys(signers.keys), profile);
}

function byKey(bundle: Bundle, keys: readonly ModelKey[], profile: Profile): Signer {
  const made = (key: ModelKey): boolean => verifiesEnvelope(bundle, key.publicKey, key.digest, profile);
  const { hint } = bundle;
  const key = hint === undefined ? keys.find(made) : keys.find((candidate) => candidate.hint === hint);
  if (key === undefined) throw new Refusal('signer-untrusted', 'no trusted key made the signature');
  if (hint !== undefined && !made(key))
    throw new Refusal('signature-invalid', 'the signature is not by the key that it names, or the signed list changed');
  return { keyid: key.keyid, warnings: hint === undefined ? [NO_HINT] : [] };
}
