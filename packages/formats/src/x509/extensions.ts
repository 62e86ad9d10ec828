// The extensions of a certificate that say what its key may do (RFC 5280 section 4.2). An authority that cannot be held
// to its own limits is no authority: what is marked critical and not understood here is handed on as unknown.
import type { DerNode } from './der.js';
import { DerError, readDer, TAG } from './der.js';
import { booleanOf, expectTag, namedBits, oidOf, smallInteger } from './values.js';

export interface Extension {
  readonly critical: boolean;
  /** Content of the octet string. */
  readonly value: Uint8Array;
}

export interface BasicConstraints {
  readonly ca: boolean;
  /** Most intermediate certificates below this one. */
  readonly pathLength?: number;
}

export type KeyUsage = (typeof KEY_USAGES)[number];

const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

export const OID = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;

/** Extensions whose meaning is kept to, or that only help to find the next certificate. */
export const UNDERSTOOD: ReadonlySet<string> = new Set([
  OID.subjectKeyId,
  OID.keyUsage,
  OID.subjectAltName,
  OID.basicConstraints,
  OID.authorityKeyId,
  OID.extendedKeyUsage,
]);

/** @param list the SEQUENCE OF Extension @throws DerError, also for an extension that stands twice */
export function readExtensions(list: DerNode | undefined): ReadonlyMap<string, Extension> {
  const found = new Map<string, Extension>();
  if (list === undefined) return found;
  const entries = expectTag(list, TAG.sequence, 'the extensions').children;
  if (entries.length === 0) throw new DerError('the list of extensions is empty');
  for (const entry of entries) {
    const parts = expectTag(entry, TAG.sequence, 'an extension').children;
    const oid = oidOf(parts[0], 'the type of an extension');
    const [flag] = parts.slice(1, -1);
    const critical = flag !== undefined && booleanOf(flag, 'the critical flag');
    if (parts.length > 3 || (flag !== undefined && !critical)) throw new DerError(`the extension ${oid} is not DER`);
    if (found.has(oid)) throw new DerError(`the extension ${oid} stands twice`);
    found.set(oid, { critical, value: expectTag(parts.at(-1), TAG.octetString, 'the value of an extension').content });
  }
  return found;
}

export function basicConstraints(value: Uint8Array): BasicConstraints {
  const parts = expectTag(readDer(value), TAG.sequence, 'basicConstraints').children;
  const [first, second] = parts;
  if (first === undefined) return { ca: false };
  // FALSE is the default, which DER does not write; a path length without CA means nothing and is refused.
  if (!booleanOf(first, 'the CA flag') || parts.length > 2) throw new DerError('basicConstraints is not DER');
  return second === undefined ? { ca: true } : { ca: true, pathLength: smallInteger(second, 'the path length') };
}

export function keyUsages(value: Uint8Array): ReadonlySet<KeyUsage> {
  const bits = namedBits(readDer(value), 'keyUsage');
  if (bits.size === 0) throw new DerError('keyUsage is empty');
  const names = [...bits].map((bit) => KEY_USAGES[bit]);
  if (names.includes(undefined)) throw new DerError('keyUsage has a bit that is not defined');
  return new Set(names.filter((name) => name !== undefined));
}

export function extendedKeyUsages(value: Uint8Array): readonly string[] {
  const list = expectTag(readDer(value), TAG.sequence, 'extendedKeyUsage').children;
  if (list.length === 0) throw new DerError('extendedKeyUsage is empty');
  return list.map((node) => oidOf(node, 'a purpose'));
}
