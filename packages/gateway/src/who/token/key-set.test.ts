// Key sets as issuers publish them, and as nobody should.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jwkOf, keySetBytes, makeSigner } from '../testing/issuer.js';
import type { TokenAlgorithm } from './algorithms.js';
import { suits } from './algorithms.js';
import { MAX_KEY_SET_BYTES, readKeySet } from './key-set.js';

const es = makeSigner('es', 'ES256');
const rs = makeSigner('rs', 'RS256');

describe('a key set', () => {
  it('holds keys of every kind, each for its own algorithms', () => {
    const algorithms: readonly TokenAlgorithm[] = ['ES256', 'ES384', 'ES512', 'EdDSA', 'RS256'];
    const signers = algorithms.map((alg) => makeSigner(alg, alg));
    const { keys, skipped } = readKeySet(keySetBytes(signers.map((one) => jwkOf(one, { alg: undefined }))));
    expect(skipped).toEqual([]);
    for (const key of keys.values()) {
      const rsa = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const;
      const fitting = [...rsa, ...algorithms.slice(0, 4)].filter((alg) => suits(key, alg));
      expect(fitting).toEqual(key.kid === 'RS256' ? rsa : [key.kid]);
    }
  });

  it('keeps a key to the algorithm that it was published for', () => {
    const key = readKeySet(keySetBytes([jwkOf(rs)])).keys.get('rs');
    expect(key && [suits(key, 'RS256'), suits(key, 'PS256'), suits(key, 'RS512')]).toEqual([true, false, false]);
  });

  it.each<readonly [string, object, RegExp]>([
    ['for encryption', jwkOf(es, { use: 'enc' }), /not for signatures/],
    ['for other operations', jwkOf(es, { key_ops: ['sign'] }), /not for verifying/],
    ['without a kid', jwkOf(es, { kid: undefined }), /no kid/],
    ['that is private', { ...es.privateKey.export({ format: 'jwk' }), kid: 'es' }, /private or symmetric/],
    ['that is symmetric', { kty: 'oct', k: 'c2VjcmV0', kid: 'x', alg: 'HS256' }, /private or symmetric/],
    ['of an unknown type', { kty: 'AKP', kid: 'x' }, /cannot be read/],
    ['on another curve', jwkOf(es, { crv: 'secp256k1' }), /cannot be read/],
    ['that is no point of its curve', jwkOf(es, { x: 'AAAA' }), /cannot be read/],
    ['that is too short', jwkOf(makeSigner('rs', 'RS256', 1024)), /RSA key of 1024 bits/],
    ['with the exponent 1', jwkOf(rs, { e: 'AQ' }), /exponent|cannot be read/],
  ])('leaves out a key %s, and keeps the others', (_, bad, why) => {
    const { keys, skipped } = readKeySet(keySetBytes([bad, jwkOf(rs, { kid: 'good' })]));
    expect([...keys.keys()]).toEqual(['good']);
    expect(skipped).toEqual([expect.stringMatching(why)]);
  });

  it('leaves out both keys of one kid', () => {
    const { keys, skipped } = readKeySet(keySetBytes([jwkOf(es), jwkOf(es, { kid: 'rs' }), jwkOf(rs)]));
    expect([...keys.keys()]).toEqual(['es']);
    expect(skipped).toEqual([expect.stringMatching(/"rs" stands twice/)]);
  });

  it.each<readonly [string, Uint8Array]>([
    ['no JSON', Buffer.from('<html>')],
    ['no list', Buffer.from('{}')],
    ['a list of too many', keySetBytes(Array.from({ length: 101 }, () => ({})))],
    ['too many bytes', Buffer.alloc(MAX_KEY_SET_BYTES + 1, 0x20)],
    ['a field twice', Buffer.from('{"keys":[],"keys":[]}')],
  ])('is refused with %s', (_, bytes) => {
    expect(() => readKeySet(bytes)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(GATEWAY_JWKS|JSON_INVALID)$/) as string }),
    );
  });

  it('property: entries of any form are left out, never believed and never fatal', () => {
    const members = fc.dictionary(
      fc.constantFrom('kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg', 'use', 'key_ops'),
      fc.oneof(fc.jsonValue(), fc.constantFrom('EC', 'RSA', 'OKP', 'P-256', 'AQAB')),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.jsonValue(), members), { maxLength: 5 }), (entries) => {
        try {
          const { keys, skipped } = readKeySet(keySetBytes(entries as object[]));
          expect([keys.size, skipped.length]).toEqual([0, entries.length]);
        } catch (error) {
          // An integer that no double holds.
          expect(error).toMatchObject({ code: 'JSON_INVALID' });
        }
      }),
    );
  });
});
