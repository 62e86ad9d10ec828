// Keys and certificates for the comparison, made by openssl: one per curve, and for each a root, an authority and a leaf.
import { execFileSync } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Signers, SigningKey, TrustedKey } from '@vallum/model';

export const CURVES = ['P-256', 'P-384', 'P-521'] as const;

export interface InteropSigner {
  readonly privateKey: KeyObject;
  readonly trusted: TrustedKey;
  readonly files: Readonly<Record<'private' | 'public' | 'leaf' | 'authority' | 'root', string>>;
  readonly chain: readonly Uint8Array[];
  readonly root: Uint8Array;
}

export function makeSigner(folder: string, curve: (typeof CURVES)[number]): InteropSigner {
  const at = (name: string): string => join(folder, `${curve}.${name}`);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'ignore' });
  for (const name of ['root', 'authority', 'leaf'])
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${curve}`, '-out', at(`${name}.key`));
  openssl('pkey', '-in', at('leaf.key'), '-pubout', '-out', at('pub'));
  const ca = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];
  const signs = [
    'basicConstraints=critical,CA:FALSE',
    'keyUsage=critical,digitalSignature',
    'extendedKeyUsage=codeSigning',
  ];
  const added = ca.flatMap((line) => ['-addext', line]);
  openssl(
    'req',
    '-x509',
    '-new',
    '-key',
    at('root.key'),
    '-subj',
    '/CN=test root',
    '-days',
    '30',
    ...added,
    '-out',
    at('root.pem'),
  );
  const issue = (name: string, issuer: string, lines: readonly string[]): void => {
    writeFileSync(at(`${name}.ext`), lines.join('\n'));
    openssl('req', '-new', '-key', at(`${name}.key`), '-subj', `/CN=test ${name}`, '-out', at(`${name}.csr`));
    const by = ['-CA', at(`${issuer}.pem`), '-CAkey', at(`${issuer}.key`), '-CAcreateserial', '-days', '20'];
    openssl('x509', '-req', '-in', at(`${name}.csr`), ...by, '-extfile', at(`${name}.ext`), '-out', at(`${name}.pem`));
  };
  issue('authority', 'root', ca);
  issue('leaf', 'authority', [...signs, 'subjectAltName=email:author@example.org']);
  const privateKey = createPrivateKey(readFileSync(at('leaf.key')));
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const der = (name: string): Uint8Array => new X509Certificate(readFileSync(at(`${name}.pem`))).raw;
  return {
    privateKey,
    trusted: { keyid: createHash('sha256').update(spki).digest('hex'), spki: spki.toString('base64') },
    files: {
      private: at('leaf.key'),
      public: at('pub'),
      leaf: at('leaf.pem'),
      authority: at('authority.pem'),
      root: at('root.pem'),
    },
    chain: [der('leaf'), der('authority')],
    root: der('root'),
  };
}

export type Method = 'key' | 'certificate';

export function signingKey({ privateKey, chain }: InteropSigner, method: Method): SigningKey {
  return method === 'key' ? { privateKey } : { privateKey, chain };
}

export function signersOf({ trusted, root }: InteropSigner, method: Method): Signers {
  return method === 'key'
    ? { method: 'key', keys: [trusted] }
    : { method: 'certificate', roots: [root], now: new Date() };
}
