// The certificate of a TLS peer in the gateway's words. Its names come as one text in which the holder of the certificate
// chose every letter: a URI with a comma in it would look like two names to a plain split (CVE-2021-44532). Node writes such
// names as JSON strings; whatever does not read back as a list of names gives no names at all.
import type { PeerCertificate } from '../door/caller.js';

/** As `tls.TLSSocket.getPeerCertificate` gives it. */
export interface NodeCertificate {
  readonly fingerprint256: string;
  readonly subject?: { readonly CN?: string | readonly string[] };
  readonly subjectaltname?: string;
  readonly valid_to: string;
}

const MAX_NAMES_LENGTH = 64 * 1024;
/** One `TYPE:value`; a value with letters that could mislead stands in quotes as JSON. */
const NAME = /([A-Za-z ]+):("[^"\\]*(?:\\.[^"\\]*)*"|[^,"]*)(?:, |$)/y;

export function peerCertificate(certificate: NodeCertificate): PeerCertificate {
  const commonName = certificate.subject?.CN;
  return {
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    commonName: typeof commonName === 'string' ? commonName : '',
    alternativeNames: alternativeNamesOf(certificate.subjectaltname ?? ''),
    // A time that cannot be read is no time at which the certificate counts.
    notAfter: Date.parse(certificate.valid_to) || 0,
  };
}

/** The names as `TYPE:value`, quotes taken away; none when one of them cannot be told from its neighbours. */
export function alternativeNamesOf(text: string): readonly string[] {
  if (text.length > MAX_NAMES_LENGTH) return [];
  const names: string[] = [];
  for (NAME.lastIndex = 0; NAME.lastIndex < text.length;) {
    const [, type = '', value = ''] = NAME.exec(text) ?? [];
    if (type === '') return [];
    const plain = value.startsWith('"') ? unquoted(value) : value;
    if (plain === undefined) return [];
    names.push(`${type}:${plain}`);
  }
  return names;
}

function unquoted(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
