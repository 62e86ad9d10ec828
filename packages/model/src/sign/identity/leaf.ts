// The certificate that signed: read strictly, allowed to sign, with a key that the format knows. An authority's own key,
// or a certificate for web servers, must not vouch for a model only because a trusted authority issued it.
import type { CertificateFields } from '@vallum/formats';
import { readCertificate } from '@vallum/formats';
import type { ModelKey } from '../keys.js';
import { modelKey } from '../keys.js';
import type { Profile } from '../method.js';
import { Refusal } from '../refusal.js';
import { CODE_SIGNING, keyOf } from './path.js';

/** @throws Refusal `bundle-malformed` */
export function certificateFrom(der: Uint8Array): CertificateFields {
  const read = readCertificate(der);
  if (!read.ok)
    throw new Refusal('bundle-malformed', `a certificate in the signature file is malformed: ${read.problem}`);
  return read.certificate;
}

/**
 * Strict: what keyUsage and extendedKeyUsage say, each must allow signing; one of them must be there; no authority.
 * Compat: either is enough. @throws Refusal `certificate-usage`
 */
export function assertMaySign(leaf: CertificateFields, profile: Profile): void {
  const { keyUsage, extendedKeyUsage } = leaf;
  const digital = keyUsage?.has('digitalSignature');
  const code = extendedKeyUsage?.includes(CODE_SIGNING);
  if (digital !== true && code !== true) throw usage('is allowed neither digital signatures nor code signing');
  if (profile === 'compat') return;
  if (digital === false) throw usage('is not allowed digital signatures (keyUsage)');
  if (code === false) throw usage('is not for code signing (extendedKeyUsage)');
  if (leaf.basicConstraints?.ca === true) throw usage('is a certificate authority, which must not sign models itself');
}

/** @throws Refusal `certificate-usage` when the format does not allow the key */
export function signingKey(leaf: CertificateFields): ModelKey {
  const key = keyOf(leaf);
  const known = key === undefined ? undefined : modelKey(key);
  if (known === undefined) throw usage('has a key that is not ECDSA on P-256, P-384 or P-521');
  return known;
}

function usage(why: string): Refusal {
  return new Refusal('certificate-usage', `the signing certificate ${why}`);
}
