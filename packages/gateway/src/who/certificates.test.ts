// Client certificates: whose they are by their whole names, and names that were made to look like others.
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeerCertificate } from '../door/caller.js';
import { certificateFinder } from './certificates.js';
import { alternativeNamesOf, peerCertificate } from './peer-certificate.js';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const web = { name: 'URI:spiffe://acme/web', principal: 'web', roles: ['infer'], group: 'acme' };
const find = certificateFinder([
  web,
  { name: 'DNS:web.acme.example', principal: 'web', roles: ['infer'] },
  { name: 'DNS:batch.acme.example', principal: 'batch', roles: ['metadata'] },
]);
const peer = (...alternativeNames: readonly string[]): PeerCertificate => ({
  fingerprint: 'ab'.repeat(32),
  commonName: 'web.acme.example',
  alternativeNames,
  notAfter: NOW + 1,
});

describe('a client certificate', () => {
  it('stands for the principal of its whole name', () => {
    expect(find(peer('URI:spiffe://acme/web', 'DNS:other.example'), NOW)).toEqual({
      principal: 'web',
      roles: ['infer'],
      means: 'certificate',
      credential: 'ab'.repeat(32),
      group: 'acme',
      own: false,
    });
    expect(find(peer('DNS:batch.acme.example'), NOW)).toMatchObject({ principal: 'batch', group: 'batch' });
    expect(find(peer('URI:spiffe://acme/web', 'DNS:web.acme.example'), NOW)).toMatchObject({ principal: 'web' });
  });

  it.each<readonly [string, PeerCertificate, RegExp]>([
    ['with only a common name', peer(), /no name that gateway.yaml knows/],
    ['with the name of another kind', peer('DNS:spiffe://acme/web'), /no name/],
    ['with a name that goes on', peer('URI:spiffe://acme/web/evil'), /no name/],
    ['with a name in other letters', peer('URI:SPIFFE://acme/web'), /no name/],
    ['with a wildcard', peer('DNS:*.acme.example'), /no name/],
    ['of two principals', peer('DNS:web.acme.example', 'DNS:batch.acme.example'), /several principals/],
    ['with two SPIFFE names', peer('URI:spiffe://acme/web', 'URI:spiffe://acme/x'), /several SPIFFE names/],
    ['that ended on an open connection', { ...peer('URI:spiffe://acme/web'), notAfter: NOW }, /expired/],
    ['whose end is no time', { ...peer('URI:spiffe://acme/web'), notAfter: NaN }, /expired/],
  ])('%s stands for nobody', (_, certificate, why) => {
    expect(find(certificate, NOW)).toMatchObject({
      code: 'unauthenticated',
      reason: expect.stringMatching(why) as string,
    });
  });

  it('has no name in the settings that none can have, or that stands twice', () => {
    const wrong = expect.objectContaining({ code: 'GATEWAY_CERTIFICATE_NAME' }) as unknown;
    expect(() => certificateFinder([{ ...web, name: 'spiffe://acme/web' }])).toThrow(wrong);
    expect(() => certificateFinder([{ ...web, name: 'CN:web' }])).toThrow(wrong);
    expect(() => certificateFinder([web, { ...web, principal: 'batch' }])).toThrow(wrong);
  });
});

describe('the names of a certificate as one text', () => {
  it.each<readonly [string, readonly string[]]>([
    ['', []],
    ['DNS:a.example', ['DNS:a.example']],
    [
      'DNS:a.example, URI:spiffe://acme/web, IP Address:127.0.0.1',
      ['DNS:a.example', 'URI:spiffe://acme/web', 'IP Address:127.0.0.1'],
    ],
    ['URI:"spiffe://evil, DNS:web"', ['URI:spiffe://evil, DNS:web']],
    ['URI:"a\\"b, DNS:web", DNS:c', ['URI:a"b, DNS:web', 'DNS:c']],
    ['URI:"a\\u002c DNS:web"', ['URI:a, DNS:web']],
    ['URI:"a, DNS:web', []],
    ['URI:a"b, DNS:web', []],
    ['DNS:a,DNS:b', []],
    ['no name', []],
    ['DNS:a, ???', []],
  ])('%j', (text, names) => {
    expect(alternativeNamesOf(text)).toEqual(names);
  });

  it('property: a quoted value never becomes a name beside it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        const text = `URI:${JSON.stringify(one)}, URI:${JSON.stringify(other)}`;
        expect(alternativeNamesOf(text)).toEqual([`URI:${one}`, `URI:${other}`]);
      }),
    );
  });

  it('property: any text gives a list, however long', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(Array.isArray(alternativeNamesOf(text))).toBe(true);
      }),
    );
    expect(alternativeNamesOf(`URI:"${'\\"'.repeat(30_000)}"`)).toEqual([`URI:${'"'.repeat(30_000)}`]);
    expect(alternativeNamesOf(`URI:"${'\\"'.repeat(30_000)}`)).toEqual([]);
    expect(alternativeNamesOf('DNS:a, '.repeat(20_000))).toEqual([]);
  });
});

const hasOpenssl = ((): boolean => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** A URI with a comma in it. */
const OPENSSL_SETTINGS = `
[req]
distinguished_name = dn
[dn]
[names]
subjectAltName = @all
[all]
URI.1 = "spiffe://evil/x, DNS:batch.acme.example"
DNS.1 = other.example
`;

describe('a real certificate', () => {
  it.skipIf(!hasOpenssl)('whose URI holds what looks like another name gives that URI (needs openssl)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vallum-certificate-'));
    try {
      const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
      const settings = join(folder, 'settings');
      writeFileSync(settings, OPENSSL_SETTINGS);
      const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
      const files = ['-keyout', key, '-out', certificate, '-config', settings, '-extensions', 'names'];
      const subject = ['-subj', '/CN=web.acme.example', '-days', '1'];
      execFileSync('openssl', ['req', '-x509', ...curve, ...subject, ...files], { stdio: 'ignore' });
      const read = new X509Certificate(readFileSync(certificate));
      const made = peerCertificate({
        fingerprint256: read.fingerprint256,
        subject: { CN: 'web.acme.example' },
        subjectaltname: read.subjectAltName ?? '',
        valid_to: read.validTo,
      });
      expect(made.alternativeNames).toEqual(['URI:spiffe://evil/x, DNS:batch.acme.example', 'DNS:other.example']);
      expect(made.fingerprint).toMatch(/^[0-9a-f]{64}$/);
      expect(made.notAfter).toBe(Date.parse(read.validTo));
      expect(find(made, Date.now())).toMatchObject({ code: 'unauthenticated' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('without names or an end gives none', () => {
    const bare = { fingerprint256: 'AB:CD', valid_to: 'never' };
    expect(peerCertificate(bare)).toEqual({ fingerprint: 'abcd', commonName: '', alternativeNames: [], notAfter: 0 });
  });
});
