// Who asks, by whatever a request brings: one way at a time, and never two callers in one request.
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { IdentitySettings } from '../config/schema.js';
import type { Credentials, PeerCertificate } from '../door/caller.js';
import type { Identifier } from './identifier.js';
import { identifier } from './identifier.js';
import { makeKey } from './keys/key-edits.js';
import { encodeKeyList } from './keys/key-file.js';
import { pepperMark } from './keys/key-hash.js';
import { openKeyRing } from './keys/key-ring.js';
import { claimsAt, ISSUER, issuerSettings, jwkOf, keySetBytes, makeSigner, mint } from './testing/issuer.js';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const pepper = randomBytes(32);
const key = makeKey(pepper, randomBytes, { now: NOW - 1_000, until: NOW + 1_000_000 });
const other = makeKey(pepper, randomBytes, { now: NOW - 1_000, until: NOW + 1_000_000 });
const keyRing = openKeyRing(
  encodeKeyList(pepperMark(pepper), [
    { principal: 'web', roles: ['infer'], keys: [key.record] },
    { principal: 'assessor', roles: ['infer'], keys: [other.record] },
  ]),
  pepper,
);
const signer = makeSigner('k1', 'ES256');
const token = mint(signer, claimsAt(NOW));
const settings: IdentitySettings = {
  issuers: [issuerSettings()],
  certificates: [{ name: 'URI:spiffe://acme/web', principal: 'web', roles: ['metadata'] }],
  own: ['assessor'],
};
const certificateOf = (name: string, notAfter = NOW + 1_000): PeerCertificate => ({
  fingerprint: 'cd'.repeat(32),
  commonName: '',
  alternativeNames: [name],
  notAfter,
});
const certificate = certificateOf('URI:spiffe://acme/web');

function make(more: Partial<IdentitySettings> = {}): Identifier {
  return identifier({
    settings: { ...settings, ...more },
    keyRing,
    loadKeySet: () => Promise.resolve(keySetBytes([jwkOf(signer)])),
    clock: () => new Date(NOW),
    onTrouble: () => undefined,
  });
}

const who = make();
const ask = async (credentials: Credentials): Promise<unknown> => who.identify(credentials, NOW);

describe('who asks', () => {
  it.each<readonly [string, Credentials, string, string]>([
    ['a key in x-api-key', { apiKey: key.token }, 'web', 'key'],
    ['a key as a bearer', { authorization: `Bearer ${key.token}` }, 'web', 'key'],
    ['a key in both, the same', { authorization: `bearer ${key.token}`, apiKey: key.token }, 'web', 'key'],
    ['a token', { authorization: `BEARER  ${token}` }, `${ISSUER}#alice`, 'token'],
    ['a certificate', { certificate }, 'web', 'certificate'],
    ['a key and a certificate of one principal', { apiKey: key.token, certificate }, 'web', 'key'],
    [
      'a token and a certificate of nobody',
      { authorization: `Bearer ${token}`, certificate: certificateOf('DNS:x') },
      `${ISSUER}#alice`,
      'token',
    ],
    [
      'a token and a certificate that ended',
      { authorization: `Bearer ${token}`, certificate: certificateOf('URI:spiffe://acme/web', NOW) },
      `${ISSUER}#alice`,
      'token',
    ],
  ])('%s', async (_, credentials, principal, means) => {
    expect(await ask(credentials)).toMatchObject({ principal, means, own: false });
  });

  it.each<readonly [string, Credentials, string]>([
    ['nothing', {}, 'unauthenticated'],
    ['an empty header', { authorization: '' }, 'unauthenticated'],
    ['an empty key', { apiKey: '' }, 'unauthenticated'],
    ['a name and a password', { authorization: 'Basic d2ViOnNlY3JldA==' }, 'unauthenticated'],
    ['a key without a scheme', { authorization: key.token }, 'unauthenticated'],
    ['two bearers', { authorization: `Bearer ${key.token}, Bearer ${other.token}` }, 'unauthenticated'],
    ['two keys in one header', { apiKey: `${key.token}, ${other.token}` }, 'unauthenticated'],
    ['a token where a key belongs', { apiKey: token }, 'unauthenticated'],
    [
      'a wrong key with a certificate that would do',
      { apiKey: `${key.token.slice(0, -1)}!`, certificate },
      'unauthenticated',
    ],
    [
      'a header that cannot be read with a certificate that would do',
      { authorization: 'x', certificate },
      'unauthenticated',
    ],
    ['two keys that differ', { authorization: `Bearer ${key.token}`, apiKey: other.token }, 'bad-request'],
    ['a token and a key', { authorization: `Bearer ${token}`, apiKey: key.token }, 'bad-request'],
    ['a key and a certificate of two principals', { apiKey: other.token, certificate }, 'bad-request'],
    ['a token and a certificate of two principals', { authorization: `Bearer ${token}`, certificate }, 'bad-request'],
    ['a certificate of nobody', { certificate: certificateOf('DNS:x') }, 'unauthenticated'],
  ])('is not told by %s', async (_, credentials, code) => {
    expect(await ask(credentials)).toMatchObject({ refused: true, code });
  });

  it('is marked when it is one of our own, and no token can say so', async () => {
    expect(await ask({ apiKey: other.token })).toMatchObject({ principal: 'assessor', own: true });
    expect(await ask({ authorization: `Bearer ${mint(signer, claimsAt(NOW, { sub: 'assessor' }))}` })).toMatchObject({
      principal: `${ISSUER}#assessor`,
      own: false,
    });
  });

  it('is answered at once, but for the first token of an issuer', async () => {
    const fresh = make();
    expect(fresh.identify({ apiKey: key.token }, NOW)).not.toBeInstanceOf(Promise);
    const first = fresh.identify({ authorization: `Bearer ${token}` }, NOW);
    expect(first).toBeInstanceOf(Promise);
    await first;
    expect(fresh.identify({ authorization: `Bearer ${token}` }, NOW)).toMatchObject({ means: 'token' });
    const warm = make();
    await warm.refresh();
    expect(warm.identify({ authorization: `Bearer ${token}` }, NOW)).toMatchObject({ means: 'token' });
  });

  it('changes with the keys that are handed in', () => {
    const changing = make();
    changing.useKeys(undefined);
    expect(changing.identify({ apiKey: key.token }, NOW)).toMatchObject({ code: 'unauthenticated' });
    changing.useKeys(keyRing);
    expect(changing.identify({ apiKey: key.token }, NOW)).toMatchObject({ principal: 'web' });
  });

  it('cannot be settled by settings that contradict themselves', () => {
    const code = (expected: string): unknown => expect.objectContaining({ code: expected });
    expect(() => make({ issuers: [issuerSettings(), issuerSettings({ audience: 'x' })] })).toThrow(
      code('GATEWAY_ISSUER'),
    );
    expect(() => make({ issuers: [issuerSettings({ jwks: 'http://issuer.example.com/keys' })] })).toThrow(
      code('GATEWAY_JWKS'),
    );
    expect(() => make({ certificates: [{ name: 'web', principal: 'web', roles: [] }] })).toThrow(
      code('GATEWAY_CERTIFICATE_NAME'),
    );
  });
});
