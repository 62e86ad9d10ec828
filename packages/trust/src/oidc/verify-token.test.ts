// Tokens: every known attack on JSON Web Tokens beside the token that counts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VallumError } from '@vallum/core';
import { NOW } from '../testing/sample.js';
import { issuerOf, jwksOf, makeSigner, mint, mintWithHmac, signatureOf } from '../testing/issuer.js';
import { readJwks } from './jwks.js';
import { readToken } from './jwt.js';
import { verifyToken } from './verify-token.js';

const GITHUB = 'https://token.actions.example.com';
const AUDIENCE = `vallum:spam-filter:${'a'.repeat(64)}`;
const ec = makeSigner('ec-1', 'ES256');
const rsa = makeSigner('rsa-1', 'RS256');
const foreign = makeSigner('ec-1', 'ES256');
const issuer = issuerOf(GITHUB, 'github', [ec, rsa]);
const iat = NOW.getTime() / 1000;
const claims = {
  iss: GITHUB,
  aud: AUDIENCE,
  sub: 'repo:acme/spam-filter:ref:refs/heads/main',
  iat,
  nbf: iat - 600,
  exp: iat + 300,
  ref: 'refs/heads/main',
  ref_type: 'branch',
  job_workflow_ref: 'acme/spam-filter/.github/workflows/check.yml@refs/heads/main',
};
const question = { issuers: [issuer], audience: AUDIENCE, at: NOW };
const codeOf = (token: string, asked: Partial<typeof question> = {}): string => {
  try {
    verifyToken(token, { ...question, ...asked });
    return 'accepted';
  } catch (error) {
    if (error instanceof VallumError && error.errorClass === 'unproven') return error.code;
    throw error;
  }
};
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const [head = '', body = '', sig = ''] = mint(ec, claims).split('.');
/** Signed rightly over any text. */
const signedOver = (input: string): string => `${input}.${signatureOf(ec, input).toString('base64url')}`;

describe('a token of a pinned issuer', () => {
  it.each([ec, rsa])('with $alg counts', (signer) => {
    const { identity, issuedAt, expiresAt } = verifyToken(mint(signer, claims), question);
    expect(identity).toEqual({
      issuer: GITHUB,
      subject: claims.sub,
      workflow: 'acme/spam-filter/.github/workflows/check.yml',
      workflowRef: 'refs/heads/main',
      branch: 'main',
    });
    expect([issuedAt, expiresAt]).toEqual([NOW, new Date((iat + 300) * 1000)]);
  });

  it.each<readonly [string, object, object]>([
    ['without typ', claims, { typ: undefined }],
    ['with a thumbprint, as GitHub writes it', claims, { x5t: 'abc' }],
    ['with an audience in a list of one', { ...claims, aud: [AUDIENCE] }, {}],
    ['without nbf', { ...claims, nbf: undefined }, {}],
    ['a minute early, for a clock that is behind', { ...claims, iat: iat + 59, nbf: iat + 59 }, {}],
  ])('%s counts too', (_, body, header) => {
    expect(codeOf(mint(ec, body, header))).toBe('accepted');
  });
});

describe('refused', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['the public key taken for an HMAC secret', mintWithHmac(rsa, claims), 'TOKEN_KEY'],
    ['alg none, with the signature left empty', `${part({ alg: 'none', kid: 'ec-1' })}.${body}.`, 'TOKEN_FORM'],
    ['alg none, with a signature', `${part({ alg: 'none', kid: 'ec-1' })}.${body}.${sig}`, 'TOKEN_KEY'],
    ['RS256 in the header of an EC key', mint(ec, claims, { alg: 'RS256' }), 'TOKEN_KEY'],
    ['ES256 in the header of an RSA key', mint(rsa, claims, { alg: 'ES256' }), 'TOKEN_KEY'],
    ['PS256', mint(rsa, claims, { alg: 'PS256' }), 'TOKEN_KEY'],
    ['another kid', mint(ec, claims, { kid: 'ec-2' }), 'TOKEN_KEY'],
    ['the kid of another pinned key', mint(ec, claims, { kid: 'rsa-1', alg: 'RS256' }), 'TOKEN_SIGNATURE'],
    ['no kid', mint(ec, claims, { kid: undefined }), 'TOKEN_FORM'],
    ['a foreign key under the pinned kid', mint(foreign, claims), 'TOKEN_SIGNATURE'],
    ['a key of its own in the header (CVE-2018-0114)', mint(foreign, claims, { jwk: jwksOf([foreign]) }), 'TOKEN_FORM'],
    ['jku', mint(ec, claims, { jku: 'https://evil.example/jwks' }), 'TOKEN_FORM'],
    ['x5u', mint(ec, claims, { x5u: 'https://evil.example/cert' }), 'TOKEN_FORM'],
    ['x5c', mint(ec, claims, { x5c: ['AA=='] }), 'TOKEN_FORM'],
    ['crit', mint(ec, claims, { crit: ['exp'] }), 'TOKEN_FORM'],
    ['b64', mint(ec, claims, { b64: false }), 'TOKEN_FORM'],
    ['another issuer', mint(ec, { ...claims, iss: 'https://evil.example' }), 'TOKEN_ISSUER'],
    ['the issuer with a slash', mint(ec, { ...claims, iss: `${GITHUB}/` }), 'TOKEN_ISSUER'],
    ['no issuer', mint(ec, { ...claims, iss: undefined }), 'TOKEN_ISSUER'],
    ['another audience', mint(ec, { ...claims, aud: `vallum:other:${'a'.repeat(64)}` }), 'TOKEN_AUDIENCE'],
    ['ours among other audiences', mint(ec, { ...claims, aud: [AUDIENCE, 'sts.example.com'] }), 'TOKEN_AUDIENCE'],
    ['ours twice', mint(ec, { ...claims, aud: [AUDIENCE, AUDIENCE] }), 'TOKEN_AUDIENCE'],
    ['no audience', mint(ec, { ...claims, aud: undefined }), 'TOKEN_AUDIENCE'],
    ['an empty list of audiences', mint(ec, { ...claims, aud: [] }), 'TOKEN_AUDIENCE'],
    ['expired', mint(ec, { ...claims, iat: iat - 400, exp: iat }), 'TOKEN_TIME'],
    ['issued in the future', mint(ec, { ...claims, iat: iat + 61, exp: iat + 300 }), 'TOKEN_TIME'],
    ['nbf in the future', mint(ec, { ...claims, nbf: iat + 61 }), 'TOKEN_TIME'],
    ['exp before iat', mint(ec, { ...claims, exp: iat - 1 }), 'TOKEN_TIME'],
    ['no exp', mint(ec, { ...claims, exp: undefined }), 'TOKEN_TIME'],
    ['no iat', mint(ec, { ...claims, iat: undefined }), 'TOKEN_TIME'],
    ['exp as a text', mint(ec, { ...claims, exp: String(iat + 300) }), 'TOKEN_TIME'],
    ['exp beyond all dates', mint(ec, { ...claims, exp: 1e300 }), 'TOKEN_TIME'],
    ['no subject', mint(ec, { ...claims, sub: undefined }), 'TRUST_FORMAT'],
    ['a subject with a terminal escape', mint(ec, { ...claims, sub: 'repo:\u001b[2J' }), 'TRUST_FORMAT'],
    ['a fourth part', `${head}.${body}.${sig}.${sig}`, 'TOKEN_FORM'],
    ['two parts', `${head}.${body}`, 'TOKEN_FORM'],
    ['text behind it', `${head}.${body}.${sig}\n`, 'TOKEN_FORM'],
    ['padding', `${head}.${body}.${sig}==`, 'TOKEN_FORM'],
    [
      'ordinary base64',
      signedOver(`${head}.${Buffer.from(JSON.stringify({ ...claims, sub: 'repo:a/b:???>>>' })).toString('base64')}`),
      'TOKEN_FORM',
    ],
    [
      'a claim twice',
      signedOver(`${head}.${Buffer.from(`{"sub":"x",${JSON.stringify(claims).slice(1)}`).toString('base64url')}`),
      'TOKEN_FORM',
    ],
    [
      'a header twice',
      signedOver(`${Buffer.from('{"alg":"none","alg":"ES256","kid":"ec-1"}').toString('base64url')}.${body}`),
      'TOKEN_FORM',
    ],
    ['a list for claims', signedOver(`${head}.${part([1])}`), 'TOKEN_FORM'],
    ['too long', mint(ec, { ...claims, more: 'x'.repeat(20_000) }), 'TOKEN_FORM'],
    [
      'ES256 in DER',
      `${head}.${body}.${Buffer.concat([Buffer.from([0x30, 0x44]), Buffer.alloc(68)]).toString('base64url')}`,
      'TOKEN_SIGNATURE',
    ],
    [
      'a signature of zeros (CVE-2022-21449)',
      `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`,
      'TOKEN_SIGNATURE',
    ],
  ];
  it.each(rows)('%s', (_, token, code) => {
    expect(codeOf(token)).toBe(code);
  });

  it('a token of before or after the window of its key', () => {
    const ended = issuerOf(GITHUB, 'github', [ec], {
      notBefore: '2026-01-01',
      notAfter: '2026-05-31T00:00:00Z',
    } as never);
    expect(codeOf(mint(ec, claims), { issuers: [ended] })).toBe('TOKEN_KEY');
    const later = issuerOf(GITHUB, 'github', [ec], { notBefore: '2026-06-02', notAfter: '2026-12-31' } as never);
    expect(codeOf(mint(ec, claims), { issuers: [later] })).toBe('TOKEN_KEY');
  });
});

describe('properties', () => {
  it('a token with any one character changed is refused', () => {
    for (const signer of [ec, rsa]) {
      const token = mint(signer, claims);
      fc.assert(
        fc.property(fc.nat(token.length - 1), fc.constantFrom(...'AQgw09-_.=x'), (at, character) => {
          fc.pre(token[at] !== character);
          expect(codeOf(`${token.slice(0, at)}${character}${token.slice(at + 1)}`)).not.toBe('accepted');
        }),
        { numRuns: 400 },
      );
    }
  });

  it('any text and any JSON in its parts give a token or a refusal, and nothing else', () => {
    const parts = fc.array(
      fc.oneof(
        fc.string(),
        fc.json().map((text) => Buffer.from(text).toString('base64url')),
      ),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(parts, (list) => {
        try {
          readToken(list.join('.'));
        } catch (error) {
          expect(error).toMatchObject({ code: 'TOKEN_FORM' });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('signed claims of any kind are verified or refused, and nothing else', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(claims)), fc.jsonValue()), (some) => {
        expect(codeOf(mint(ec, { ...claims, ...some }))).toMatch(/^(?:accepted|TOKEN_\w+|TRUST_FORMAT)$/);
      }),
      { numRuns: 300 },
    );
  });
});

describe('readJwks', () => {
  const [first = {}, second = {}] = jwksOf([ec, rsa]).keys as readonly Record<string, unknown>[];
  const read = (...keys: readonly object[]): ReturnType<typeof readJwks> =>
    readJwks(Buffer.from(JSON.stringify({ keys })));

  it('takes what signs with ES256 and RS256, and names the rest', () => {
    const { keys, skipped } = read(
      first,
      second,
      { ...first, kid: 'e', use: 'enc' },
      { ...second, kid: 'r', alg: 'RS512' },
    );
    expect(keys.map(({ kid, alg }) => [kid, alg])).toEqual([
      ['ec-1', 'ES256'],
      ['rsa-1', 'RS256'],
    ]);
    expect(skipped.map(({ kid }) => kid)).toEqual(['e', 'r']);
  });

  const short = { kty: 'RSA', kid: 's', n: Buffer.alloc(128, 0xff).toString('base64url'), e: 'AQAB' };
  it.each<readonly [string, readonly object[]]>([
    ['a private key', [{ ...first, d: 'AA' }]],
    ['a symmetric key', [{ kty: 'oct', kid: 'k', k: 'AA' }]],
    ['a short RSA key', [short]],
    ['an exponent of one', [{ ...second, e: 'AQ' }]],
    ['a modulus with a leading zero', [{ ...second, n: `AAAA${String(second['n'])}` }]],
    ['a point that is not on the curve', [{ ...first, x: Buffer.alloc(32, 1).toString('base64url') }]],
    ['a kid twice', [first, { ...second, kid: 'ec-1' }]],
    ['no kid', [{ ...first, kid: undefined }]],
    ['nothing that verifies', [{ ...first, use: 'enc' }]],
    ['nothing', []],
  ])('refuses %s', (_, keys) => {
    expect(() => read(...keys)).toThrow(VallumError);
  });

  it('answers any JSON with a key set or a refusal', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(() => readJwks(Buffer.from(text))).toThrow(VallumError);
      }),
    );
  });
});
