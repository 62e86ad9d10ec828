// `verifyCertificate`: the certificate method of OpenSSF Model Signing. The bundle brings the leaf and what may lie between
// it and a root; a root in the bundle is worth nothing, only those given here are. Nothing is revoked here: no list of
// revoked certificates is read. Timestamps in the bundle are not used, so strictly every certificate must be valid now.
import type { CertificateFields } from '@vallum/formats';
import { readCertificate } from '@vallum/formats';
import { isJsonObject } from '@vallum/core';
import { formOf } from '../form.js';
import type { Profile, SignedEnvelope, Signer } from '../method.js';
import { verifiesEnvelope } from '../pae.js';
import { Refusal } from '../refusal.js';
import { assertMaySign, certificateFrom, signingKey } from './leaf.js';
import { believedNames, hasName } from './names.js';
import { pathToRoot } from './path.js';

/** Whom to believe when a certificate signed. */
export interface CertificateTrust {
  /** Certificates at which every path must end, DER; `readRoots` gives them. */
  readonly roots: readonly Uint8Array[];
  readonly now: Date;
  /** `compat`: the reference's verdict, which judges validity at the leaf's own notBefore. */
  readonly profile: Profile;
  /** An e-mail address, URI or DNS name that the leaf must carry as such, exactly. */
  readonly identity?: string;
}

/**
 * @throws Refusal certificate-untrusted, certificate-expired, certificate-usage, identity-mismatch, signature-invalid,
 * bundle-malformed
 */
export function verifyCertificate(envelope: SignedEnvelope, trust: CertificateTrust): Signer {
  const { profile, now, identity } = trust;
  const [leaf, ...others] = chainOf(envelope, profile);
  if (leaf === undefined) throw new Refusal('bundle-malformed', 'the signature file holds no certificate');
  assertMaySign(leaf, profile);
  const key = signingKey(leaf);
  const at = profile === 'compat' ? leaf.notBefore : now;
  const path = pathToRoot(leaf, others, readable(trust.roots), { at, profile });
  if (!verifiesEnvelope(envelope, key.publicKey, key.digest, profile, { legacyDigest: 'sha256' }))
    throw new Refusal(
      'signature-invalid',
      'the signature is not by the certificate it brings, or the signed list changed',
    );
  if (identity !== undefined && !hasName(leaf, identity))
    throw new Refusal(
      'identity-mismatch',
      `the certificate is for ${describe(leaf)}, not for ${JSON.stringify(identity)}`,
    );
  return {
    keyid: key.keyid,
    identity: identity ?? believedNames(leaf)[0] ?? leaf.subjectText,
    issuer: leaf.issuerText,
    warnings: warningsOf(envelope, path, now),
  };
}

/** @throws Refusal `bundle-malformed` */
function chainOf({ material }: SignedEnvelope, profile: Profile): readonly CertificateFields[] {
  const form = formOf(profile, 'bundle-malformed', 'the signature file');
  const chain = form.object(material['x509CertificateChain'], 'the certificate chain', ['certificates']);
  const entries = form.list(chain['certificates'], 'the list of certificates');
  return entries.map((entry) =>
    certificateFrom(form.base64(form.object(entry, 'a certificate', ['rawBytes'])['rawBytes'], 'a certificate')),
  );
}

/** A root that cannot be read ends no path; `readRoots` has told the person so. */
function readable(roots: readonly Uint8Array[]): readonly CertificateFields[] {
  return roots.flatMap((der) => {
    const read = readCertificate(der);
    return read.ok ? [read.certificate] : [];
  });
}

function describe(leaf: CertificateFields): string {
  const names = leaf.alternativeNames.map((name) => JSON.stringify(name.value)).slice(0, 5);
  return names.length === 0 ? 'no alternative name' : names.join(', ');
}

function warningsOf({ material }: SignedEnvelope, path: readonly CertificateFields[], now: Date): readonly string[] {
  const warnings: string[] = [];
  if (path.some(({ notBefore, notAfter }) => now < notBefore || now > notAfter))
    warnings.push('a certificate of the chain is not valid now; it was judged at the start of the signing certificate');
  const stamps = material['timestampVerificationData'];
  if (isJsonObject(stamps) && Array.isArray(stamps['rfc3161Timestamps']) && stamps['rfc3161Timestamps'].length > 0)
    warnings.push('the timestamps in the signature file were not used');
  return warnings;
}
