// Which principal a client certificate stands for. The listener verified its chain; any authority that it trusts can write
// any name, so that only whole names from gateway.yaml count, and never the common name, which has no form of its own.
import { VallumError } from '@vallum/core';
import type { IdentitySettings } from '../config/schema.js';
import type { Caller, PeerCertificate } from '../door/caller.js';
import type { Refusal } from '../door/refusal.js';
import { refuse } from '../door/refusal.js';

/** @param now milliseconds since the epoch; a connection may outlive its certificate */
export type FindCertificate = (certificate: PeerCertificate, now: number) => Caller | Refusal;

type Entry = IdentitySettings['certificates'][number];

/** @throws VallumError `GATEWAY_CERTIFICATE_NAME` for a name that no certificate can have, or that stands twice */
export function certificateFinder(entries: readonly Entry[]): FindCertificate {
  const known = new Map<string, Entry>();
  for (const entry of entries) {
    if (!/^(URI|DNS):./.test(entry.name) || known.has(entry.name))
      throw new VallumError(
        'GATEWAY_CERTIFICATE_NAME',
        `identity.certificates: ${JSON.stringify(entry.name)} ${known.has(entry.name) ? 'stands twice' : 'is not a whole name'}`,
        { fix: 'write each name once, such as URI:spiffe://acme/web or DNS:web.acme.example' },
      );
    known.set(entry.name, entry);
  }
  return ({ alternativeNames: names, fingerprint, notAfter }, now) => {
    const no = (why: string): Refusal => refuse('unauthenticated', `the client certificate ${fingerprint} ${why}`);
    if (!(now < notAfter)) return no('has expired');
    // SPIFFE X509-SVID section 2: exactly one URI.
    const uris = names.filter((name) => name.startsWith('URI:'));
    if (uris.length > 1 && uris.some((name) => name.startsWith('URI:spiffe:'))) return no('has several SPIFFE names');
    const [entry, ...others] = names.flatMap((name) => known.get(name) ?? []);
    if (entry === undefined) return no('has no name that gateway.yaml knows');
    if (others.some(({ principal }) => principal !== entry.principal)) return no('has names of several principals');
    const { principal, roles, group = principal } = entry;
    return { principal, roles, means: 'certificate', credential: fingerprint, group, own: false };
  };
}
