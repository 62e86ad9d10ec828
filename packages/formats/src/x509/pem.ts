// PEM files of certificates (RFC 7468), as people hand them over: text between blocks is allowed, other kinds of block
// are not, because a private key in a list of roots is a mistake that should be seen.

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----\r?\n([A-Za-z0-9+/=\r\n]*?)\r?\n?-----END \1-----/g;

export type PemReport =
  | { readonly ok: true; readonly certificates: readonly Uint8Array[] }
  | { readonly ok: false; readonly problem: string };

export const PEM_LIMITS = { maxBytes: 4 * 1024 * 1024, maxCertificates: 1000 } as const;

/** DER of every certificate in the file, in its order. Never throws. */
export function readPemCertificates(bytes: Uint8Array): PemReport {
  if (bytes.length > PEM_LIMITS.maxBytes)
    return { ok: false, problem: `it has more than ${PEM_LIMITS.maxBytes} bytes` };
  const text = Buffer.from(bytes).toString('latin1');
  const certificates: Uint8Array[] = [];
  let blocks = 0;
  for (const [, label = '', body = ''] of text.matchAll(BLOCK)) {
    blocks += 1;
    if (label !== 'CERTIFICATE') return { ok: false, problem: `it holds "${label}", not only certificates` };
    const joined = body.replace(/[\r\n]/g, '');
    const der = Buffer.from(joined, 'base64');
    if (der.length === 0 || der.toString('base64') !== joined)
      return { ok: false, problem: `its certificate ${blocks} is not base64` };
    if (certificates.push(der) > PEM_LIMITS.maxCertificates)
      return { ok: false, problem: `it has more than ${PEM_LIMITS.maxCertificates} certificates` };
  }
  // Every opening line must have become a block: one that did not is cut short or malformed.
  if ((text.match(/-----BEGIN /g) ?? []).length !== blocks) return { ok: false, problem: 'a block of it is malformed' };
  if (blocks === 0) return { ok: false, problem: 'it holds no certificate in PEM' };
  return { ok: true, certificates };
}
