// The path from a signing certificate up to a given root (RFC 5280 section 6, without revocation and policies). All
// certificates but the roots are the attacker's: he may send look-alike names, loops, long chains, and authorities that
// never were any (CVE-2002-0862). So names and signatures must both match, every certificate above the leaf must be
// an authority for as many levels as it is used for, and the number of signatures that are tried is bounded.
import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import type { CertificateFields } from '@vallum/formats';
import type { Profile } from '../method.js';
import type { RefusalCode } from '../refusal.js';
import { Refusal } from '../refusal.js';
import { referencePath } from './reference-path.js';
import algorithms from './signature-algorithms.json' with { type: 'json' };

/** Certificates of a path, leaf and root included. */
export const MAX_PATH = 8;
const MAX_SIGNATURES = 64;
/** Purposes (RFC 5280 section 4.2.1.12). An authority may be for any; who signs has to be for code itself. */
export const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
const FOR_CODE = [CODE_SIGNING, '2.5.29.37.0'];

export interface PathRules {
  /** Every certificate of the path, the root too, must be valid then. */
  readonly at: Date;
  readonly profile: Profile;
}

/**
 * @param others untrusted, in any order @param roots trusted; strictly each of them may end a path, while the reference
 * ends only at one that signed itself
 * @returns leaf first, root last @throws Refusal of the first path that reaches a root, or that none does
 */
export function pathToRoot(
  leaf: CertificateFields,
  others: readonly CertificateFields[],
  roots: readonly CertificateFields[],
  rules: PathRules,
): readonly CertificateFields[] {
  let first: Refusal | undefined;
  const found = rules.profile === 'compat' ? onlyPath(leaf, others, roots, rules.at) : paths(leaf, others, roots);
  for (const path of found) {
    const refusal = faultOf(path, rules);
    if (refusal === undefined) return path;
    first ??= refusal;
  }
  throw first ?? untrusted(`no chain of signatures leads from ${text(leaf)} to a given root`);
}

/** The one path that the reference looks at, if it is signed all the way. */
function onlyPath(
  leaf: CertificateFields,
  others: readonly CertificateFields[],
  roots: readonly CertificateFields[],
  at: Date,
): readonly (readonly CertificateFields[])[] {
  const path = referencePath(leaf, others, roots, { at, longest: MAX_PATH });
  const whole = path?.every((child, index) => {
    const issuer = path[index + 1];
    return issuer === undefined || signed(child, issuer);
  });
  return path === undefined || whole !== true ? [] : [path];
}

function* paths(
  leaf: CertificateFields,
  others: readonly CertificateFields[],
  roots: readonly CertificateFields[],
): Generator<readonly CertificateFields[]> {
  const budget = { signatures: MAX_SIGNATURES };
  yield* extend([leaf]);

  function* extend(path: readonly CertificateFields[]): Generator<readonly CertificateFields[]> {
    const child = path.at(-1);
    if (child === undefined || path.length >= MAX_PATH) return;
    for (const issuer of [...roots, ...others]) {
      if (!same(issuer.subject, child.issuer) || path.some((used) => same(used.der, issuer.der))) continue;
      if (--budget.signatures < 0) return;
      if (!signed(child, issuer)) continue;
      const longer = [...path, issuer];
      if (roots.some((root) => same(root.der, issuer.der))) yield longer;
      else yield* extend(longer);
    }
  }
}

function signed(child: CertificateFields, issuer: CertificateFields): boolean {
  const key = keyOf(issuer);
  try {
    return key !== undefined && new X509Certificate(child.der).verify(key);
  } catch {
    return false;
  }
}

export function keyOf(certificate: CertificateFields): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(certificate.publicKey), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

function faultOf(path: readonly CertificateFields[], { at, profile }: PathRules): Refusal | undefined {
  let below = 0;
  for (const [index, certificate] of path.entries()) {
    const anchor = index === path.length - 1;
    if (certificate.unknownCritical.length > 0)
      return new Refusal(
        index === 0 ? 'certificate-usage' : 'certificate-untrusted',
        `${text(certificate)} has limits that are not understood here (${certificate.unknownCritical.slice(0, 3).join(', ')})`,
      );
    const why = index === 0 ? undefined : notAuthority(certificate, { below, anchor, profile });
    if (why !== undefined) return untrusted(`${text(certificate)} ${why}`);
    // A root is believed as it is given: nobody's signature on it is relied on.
    const weak = profile === 'strict' ? weakness(certificate, anchor) : undefined;
    if (weak !== undefined) return untrusted(`${text(certificate)} ${weak}`);
    if (index > 0 && !selfIssued(certificate)) below += 1;
  }
  const late = path.find(({ notBefore, notAfter }) => at < notBefore || at > notAfter);
  return late === undefined ? undefined : outside(late, at);
}

/** @param below certificates between this one and the leaf, those that an authority issued to itself not counted */
function notAuthority(
  certificate: CertificateFields,
  { below, anchor, profile }: { readonly below: number; readonly anchor: boolean; readonly profile: Profile },
): string | undefined {
  const { basicConstraints, keyUsage, extendedKeyUsage, version } = certificate;
  if (keyUsage !== undefined && !keyUsage.has('keyCertSign')) return 'may not sign certificates (keyUsage)';
  // OpenSSL, and so the reference, also takes roots from before basicConstraints.
  const old = anchor && basicConstraints === undefined && (keyUsage !== undefined || version === 1);
  if (basicConstraints?.ca !== true && !(profile === 'compat' && old)) return 'is not a certificate authority';
  if (below > (basicConstraints?.pathLength ?? MAX_PATH)) return 'may not have so many certificates below it (pathLen)';
  const forOthers = extendedKeyUsage !== undefined && !extendedKeyUsage.some((use) => FOR_CODE.includes(use));
  return profile === 'strict' && forOthers ? 'is an authority for other uses than code signing' : undefined;
}

function weakness(certificate: CertificateFields, anchor: boolean): string | undefined {
  if (!anchor && !(certificate.signatureAlgorithm in algorithms.algorithms))
    return `was signed with an algorithm that is not accepted (${certificate.signatureAlgorithm})`;
  const key = keyOf(certificate);
  const bits = key?.asymmetricKeyDetails?.modulusLength;
  return key?.asymmetricKeyType?.startsWith('rsa') === true && (bits ?? 0) < algorithms.rsaBits
    ? `has an RSA key of fewer than ${algorithms.rsaBits} bits`
    : undefined;
}

function outside(certificate: CertificateFields, at: Date): Refusal {
  const span = `${day(certificate.notBefore)} to ${day(certificate.notAfter)}`;
  const code: RefusalCode = 'certificate-expired';
  return new Refusal(
    code,
    `${text(certificate)} is valid from ${span}, not on ${day(at)}, and no trusted time says that it was used before`,
  );
}

function selfIssued(certificate: CertificateFields): boolean {
  return same(certificate.subject, certificate.issuer);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** The name of a certificate in a sentence. */
function text(certificate: CertificateFields): string {
  return `the certificate of ${JSON.stringify(certificate.subjectText.slice(0, 120))}`;
}

function day(time: Date): string {
  return time.toISOString().slice(0, 19).replace('T', ' ');
}

function untrusted(message: string): Refusal {
  return new Refusal('certificate-untrusted', message);
}
