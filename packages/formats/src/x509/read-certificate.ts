// The fields of an X.509 certificate (RFC 5280) that path validation needs and node:crypto does not give: constraints,
// usages, every alternative name, unknown critical extensions. It reads; it believes nothing: signatures are checked by
// node:crypto over the same bytes, and a certificate that the two would read differently is refused by this strict one.
import type { DerNode } from './der.js';
import { DerError, readDer, TAG } from './der.js';
import type { BasicConstraints, Extension, KeyUsage } from './extensions.js';
import { basicConstraints, extendedKeyUsages, keyUsages, OID, readExtensions, UNDERSTOOD } from './extensions.js';
import type { FulcioClaims } from './fulcio.js';
import { fulcioClaims } from './fulcio.js';
import type { AlternativeName } from './names.js';
import { alternativeNames, nameText } from './names.js';
import { bitString, expectTag, integerBytes, oidOf, smallInteger, timeOf } from './values.js';

export interface CertificateFields {
  readonly der: Uint8Array;
  /** 1, 2 or 3; only 3 has extensions. */
  readonly version: number;
  /** Lower-case hex, two's complement. */
  readonly serial: string;
  /** Dotted decimal of the algorithm of the signature. */
  readonly signatureAlgorithm: string;
  /** Names as DER: equal names are equal bytes. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Names for people to read. */
  readonly issuerText: string;
  readonly subjectText: string;
  /** First and last second at which it is valid. */
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  readonly basicConstraints?: BasicConstraints;
  readonly keyUsage?: ReadonlySet<KeyUsage>;
  /** Purposes, dotted decimal. */
  readonly extendedKeyUsage?: readonly string[];
  readonly alternativeNames: readonly AlternativeName[];
  /** Critical extensions that nobody here keeps to, and name constraints whether critical or not. */
  readonly unknownCritical: readonly string[];
  readonly fulcio: FulcioClaims;
}

export type CertificateReport =
  | { readonly ok: true; readonly certificate: CertificateFields }
  /** Why it is no certificate, as the end of a sentence. */
  | { readonly ok: false; readonly problem: string };

/** @param der at most 64 KiB. Never throws. */
export function readCertificate(der: Uint8Array): CertificateReport {
  try {
    return { ok: true, certificate: certificateOf(der) };
  } catch (error) {
    if (error instanceof DerError) return { ok: false, problem: error.message };
    throw error;
  }
}

function certificateOf(der: Uint8Array): CertificateFields {
  const outer = expectTag(readDer(der), TAG.sequence, 'the certificate').children;
  const [body, algorithm, signature] = outer;
  if (outer.length !== 3) throw new DerError('a certificate has three parts');
  bitString(signature, 'the signature');
  const parts = [...expectTag(body, TAG.sequence, 'the body').children];
  const version = parts[0]?.tag === 0xa0 ? versionOf(parts.shift()) : 1;
  const [serial, inner, issuer, validity, subject, publicKey, ...rest] = parts;
  if (inner === undefined || algorithm === undefined || Buffer.compare(inner.encoded, algorithm.encoded) !== 0)
    throw new DerError('the signature algorithm inside and outside differ');
  const [notBefore, notAfter] = expectTag(validity, TAG.sequence, 'the validity').children;
  const extensions = readExtensions(extensionList(rest, version));
  const issuerName = expectTag(issuer, TAG.sequence, 'the issuer');
  const subjectName = expectTag(subject, TAG.sequence, 'the subject');
  if (validity?.children.length !== 2) throw new DerError('the validity is not two times');
  return {
    der,
    version,
    serial: Buffer.from(integerBytes(serial, 'the serial number')).toString('hex'),
    signatureAlgorithm: algorithmOf(algorithm),
    issuer: issuerName.encoded,
    subject: subjectName.encoded,
    issuerText: nameText(issuerName),
    subjectText: nameText(subjectName),
    notBefore: timeOf(notBefore, 'notBefore'),
    notAfter: timeOf(notAfter, 'notAfter'),
    publicKey: keyOf(publicKey),
    ...meaningOf(extensions),
    fulcio: fulcioClaims(extensions),
  };
}

/** Type of an algorithm; its parameters are for node:crypto to judge. */
function algorithmOf(node: DerNode | undefined): string {
  const parts = expectTag(node, TAG.sequence, 'the algorithm').children;
  if (parts.length > 2) throw new DerError('the algorithm has more than a type and parameters');
  return oidOf(parts[0], 'the algorithm');
}

function keyOf(node: DerNode | undefined): Uint8Array {
  const { children, encoded } = expectTag(node, TAG.sequence, 'the public key');
  if (children.length !== 2) throw new DerError('the public key is not an algorithm and bits');
  algorithmOf(children[0]);
  bitString(children[1], 'the public key');
  return encoded;
}

function meaningOf(extensions: ReadonlyMap<string, Extension>) {
  const constraints = extensions.get(OID.basicConstraints);
  const usage = extensions.get(OID.keyUsage);
  const purposes = extensions.get(OID.extendedKeyUsage);
  const names = extensions.get(OID.subjectAltName);
  const unknown = [...extensions].filter(
    ([oid, { critical }]) => (critical && !UNDERSTOOD.has(oid)) || oid === OID.nameConstraints,
  );
  return {
    ...(constraints === undefined ? {} : { basicConstraints: basicConstraints(constraints.value) }),
    ...(usage === undefined ? {} : { keyUsage: keyUsages(usage.value) }),
    ...(purposes === undefined ? {} : { extendedKeyUsage: extendedKeyUsages(purposes.value) }),
    alternativeNames: names === undefined ? [] : alternativeNames(names.value),
    unknownCritical: unknown.map(([oid]) => oid),
  };
}

function versionOf(node: DerNode | undefined): number {
  const version = smallInteger(node?.children[0], 'the version') + 1;
  // Version 1 is the default, which DER does not write.
  if (node?.children.length !== 1 || version < 2 || version > 3) throw new DerError('the version is not 2 or 3');
  return version;
}

/** What may follow the public key: two unique ids that nobody uses, then the extensions of version 3. */
function extensionList(rest: readonly DerNode[], version: number): DerNode | undefined {
  const order = rest.map((node) => [0x81, 0x82, 0xa3].indexOf(node.tag));
  if (order.some((position, index) => position === -1 || position <= (order[index - 1] ?? -1)))
    throw new DerError('something unknown follows the public key');
  const wrapped = rest.find((node) => node.tag === 0xa3);
  if (wrapped === undefined) return undefined;
  if (version !== 3 || wrapped.children.length !== 1) throw new DerError('only version 3 has extensions, in one list');
  return wrapped.children[0];
}
