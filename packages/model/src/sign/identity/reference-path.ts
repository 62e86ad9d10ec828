// The path that the reference would judge: OpenSSL's (x509_vfy.c, build_chain), which does not search. At each step it takes
// one certificate whose name and key id fit, given roots first, one that is valid if there is one, and looks at signatures
// only when the path is complete. So a look-alike in the bundle can end a path that another certificate would complete.
import { X509Certificate } from 'node:crypto';
import type { CertificateFields } from '@vallum/formats';

export interface ReferenceRules {
  /** When a certificate should be valid to be preferred. */
  readonly at: Date;
  /** Most certificates of a path. */
  readonly longest: number;
}

/** Leaf first, up to a root that signed itself; signatures are unchecked. Undefined when OpenSSL finds no such path. */
export function referencePath(
  leaf: CertificateFields,
  others: readonly CertificateFields[],
  roots: readonly CertificateFields[],
  { at, longest }: ReferenceRules,
): readonly CertificateFields[] | undefined {
  const path = [leaf];
  let fromBundle = true;
  while (path.length <= longest) {
    const child = path.at(-1);
    if (child === undefined) return undefined;
    const ended = mayBeIssued(child, child);
    const root = bestIssuer(child, roots, at);
    // One that signed itself must be in the roots byte by byte; an untrusted one has no other issuer.
    if (ended) return root !== undefined && same(root, child) ? path : undefined;
    if (root !== undefined) fromBundle = false;
    const unused = others.filter((other) => !path.some((used) => same(used, other)));
    const issuer = root ?? (fromBundle ? bestIssuer(child, unused, at) : undefined);
    if (issuer === undefined) return undefined;
    path.push(issuer);
    if (root !== undefined && mayBeIssued(root, root)) return path;
  }
  return undefined;
}

/** The first that fits and is valid, or else the one that is valid longest. */
function bestIssuer(
  child: CertificateFields,
  candidates: readonly CertificateFields[],
  at: Date,
): CertificateFields | undefined {
  let best: CertificateFields | undefined;
  for (const candidate of candidates) {
    if (!mayBeIssued(child, candidate)) continue;
    if (at >= candidate.notBefore && at <= candidate.notAfter) return candidate;
    if (best === undefined || candidate.notAfter > best.notAfter) best = candidate;
  }
  return best;
}

/**
 * OpenSSL's likely_issued: names, key ids and kind of key fit. Node's answer also wants keyCertSign, which OpenSSL asks for
 * only of the whole path: without it names alone decide here, and a path through such a certificate is refused in the end.
 */
function mayBeIssued(child: CertificateFields, issuer: CertificateFields): boolean {
  try {
    const [below, above] = [new X509Certificate(child.der), new X509Certificate(issuer.der)];
    const unable = issuer.keyUsage !== undefined && !issuer.keyUsage.has('keyCertSign');
    return unable ? folded(below.issuer) === folded(above.subject) : below.checkIssued(above);
  } catch {
    return false;
  }
}

/** Case and spaces make no other name for OpenSSL, nor does the type of the text. */
function folded(name: string): string {
  return name.toLowerCase().replace(/\s+/g, ' ');
}

function same(a: CertificateFields, b: CertificateFields): boolean {
  return Buffer.compare(a.der, b.der) === 0;
}
