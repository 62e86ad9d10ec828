// `verifySigstore`: keyless signatures, offline. A short-lived certificate of Sigstore's authority names who signed, the
// transparency log proves when; both are checked by Sigstore's library in formats. What the library leaves open is
// decided here: whose name it must be, by which issuer, and for a build which workflow on which branch. A valid
// signature by anybody at all is easy to get: without a name it proves nothing.
import type { JsonObject } from '@vallum/core';
import type { CertificateFields, KeylessFailure } from '@vallum/formats';
import { verifyKeyless } from '@vallum/formats';
import { formOf } from '../form.js';
import type { Profile, SignedEnvelope, Signer } from '../method.js';
import type { RefusalCode } from '../refusal.js';
import { Refusal } from '../refusal.js';
import { assertMaySign, certificateFrom, signingKey } from './leaf.js';
import type { WantedBuild, WantedName } from './wanted-signer.js';
import { assertBuild, assertName } from './wanted-signer.js';

/** Whom to believe when a signature is keyless. */
export interface NameTrust extends WantedName {
  /** Keys of the Sigstore instance; `packagedTrustedRoot` or `readTrustedRoot` gives it. */
  readonly trustedRoot: JsonObject;
  readonly profile: Profile;
}

/** The build too, which a name that several repositories share does not tell. */
export type SigstoreTrust = NameTrust & WantedBuild;

const REFUSALS: Readonly<Record<KeylessFailure, readonly [RefusalCode, string]>> = {
  bundle: ['bundle-malformed', 'the signature file cannot be read as a Sigstore bundle'],
  'trusted-root': ['sigstore-invalid', 'the trusted root cannot be used'],
  'log-missing': ['transparency-missing', 'the signature is in no transparency log'],
  log: ['sigstore-invalid', 'the entry in the transparency log does not hold'],
  certificate: [
    'certificate-untrusted',
    'the signing certificate is not by an authority of the trusted root, or was not valid when it signed',
  ],
  time: ['sigstore-invalid', 'no trusted clock says when it was signed'],
  signature: ['signature-invalid', 'the signature is not by the certificate it brings, or the signed list changed'],
};

/**
 * @throws Refusal bundle-malformed, transparency-missing, sigstore-invalid, certificate-untrusted, certificate-usage,
 * signature-invalid, identity-mismatch
 */
export async function verifySigstore(envelope: SignedEnvelope, trust: SigstoreTrust): Promise<Signer> {
  const { leaf, signer } = await verifyName(envelope, trust);
  assertBuild(leaf, trust, trust.profile);
  return signer;
}

/** All but the build, which the caller has to compare with the claims of the leaf. @throws Refusal as `verifySigstore` */
export async function verifyName(
  envelope: SignedEnvelope,
  trust: NameTrust,
): Promise<{ readonly leaf: CertificateFields; readonly signer: Signer }> {
  const form = formOf(trust.profile, 'bundle-malformed', 'the signature file');
  const { material, payload, payloadType, signature } = envelope;
  const certificate = form.base64(
    form.object(material['certificate'], 'the certificate', ['rawBytes'])['rawBytes'],
    'the certificate',
  );
  const leaf = certificateFrom(certificate);
  assertMaySign(leaf, trust.profile);
  if (leaf.unknownCritical.length > 0)
    throw new Refusal('certificate-usage', 'the signing certificate has limits that are not understood here');
  const key = signingKey(leaf);
  // The library hashes with SHA-256 whatever the curve; the authority's certificates are for P-256.
  if (key.digest !== 'sha256' && trust.profile === 'strict')
    throw new Refusal('certificate-usage', 'the key of a keyless signature is not on P-256');
  const report = await verifyKeyless(
    {
      certificate,
      tlogEntries: material['tlogEntries'],
      timestamps: material['timestampVerificationData'],
      payload,
      payloadType,
      signature,
    },
    trust.trustedRoot,
  );
  if (!report.ok) {
    const [code, what] = REFUSALS[report.failure];
    throw new Refusal(code, `${what}: ${report.problem.slice(0, 300)}`);
  }
  assertName(leaf, trust, trust.profile);
  const { identity, issuer } = trust;
  return { leaf, signer: { keyid: key.keyid, identity, issuer, signedAt: report.signedAt, warnings: [] } };
}
