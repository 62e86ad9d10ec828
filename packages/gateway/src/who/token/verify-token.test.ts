// Signed tokens, and every known way to make one that should not count.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IssuerSettings } from '../../config/schema.js';
import type { Caller } from '../../door/caller.js';
import type { Refusal } from '../../door/refusal.js';
import {
  AUDIENCE,
  claimsAt,
  ISSUER,
  issuerSettings,
  jwkOf,
  keySetBytes,
  makeSigner,
  mint,
  mintWithHmac,
  part,
  signed,
} from '../testing/issuer.js';
import type { Signer } from '../testing/issuer.js';
import type { TokenAlgorithm } from './algorithms.js';
import { KeySource } from './key-source.js';
import { tokenVerifier } from './verify-token.js';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const signer = makeSigner('k1', 'ES256');
const second = makeSigner('k2', 'ES256');
const rsa = makeSigner('r1', 'RS256');
const stranger = makeSigner('k1', 'ES256');

type Verify = (token: string, now?: number) => Promise<Caller | Refusal>;

function verifierOf(
  settings: Partial<IssuerSettings> = {},
  keys: readonly object[] = [jwkOf(signer), jwkOf(second), jwkOf(rsa)],
): Verify {
  const issuer = issuerSettings(settings);
  const load = (): Promise<Uint8Array> => Promise.resolve(keySetBytes(keys));
  const source = new KeySource({ settings: issuer, load, clock: () => new Date(NOW), onTrouble: () => undefined });
  const verify = tokenVerifier(new Map([[issuer.issuer, { settings: issuer, source }]]));
  return async (token, now = NOW) => verify(token, now);
}

const verify = verifierOf();
const of = (claims: object, header: object = {}): string => mint(signer, claimsAt(NOW, claims), header);
const iat = NOW / 1000;

describe('a token', () => {
  it('speaks for its subject, within its issuer', async () => {
    expect(await verify(of({}))).toEqual({
      principal: `${ISSUER}#alice`,
      roles: ['infer'],
      means: 'token',
      credential: `${ISSUER}#k1`,
      group: `${ISSUER}#alice`,
      own: false,
    });
  });

  it.each<TokenAlgorithm>(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'])(
    'may be signed with %s where that is allowed, and only there',
    async (alg) => {
      const own = makeSigner('own', alg);
      const token = mint(own, claimsAt(NOW));
      expect(await verifierOf({ algorithms: [alg] }, [jwkOf(own)])(token)).toMatchObject({
        principal: `${ISSUER}#alice`,
      });
      const others = (['ES256', 'RS256'] as const).filter((other) => other !== alg);
      expect(await verifierOf({ algorithms: others }, [jwkOf(own)])(token)).toMatchObject({
        code: 'unauthenticated',
        reason: expect.stringMatching(/not allowed/) as string,
      });
    },
  );

  it('has a roles claim that is taken as far as it is allowed', async () => {
    const roles = async (said: unknown, settings = {}): Promise<unknown> => {
      const found = await verifierOf(settings)(of({ roles: said, scope: said }));
      return 'refused' in found ? found.reason : found.roles;
    };
    expect(await roles(['admin', 'metadata', 'infer'])).toEqual(['infer', 'metadata']);
    expect(await roles('admin infer', { rolesClaim: 'scope' })).toEqual(['infer']);
    for (const odd of [undefined, null, 7, { infer: true }, [['infer']], 'INFER', 'infer,metadata'])
      expect(await roles(odd)).toEqual([]);
    expect(await roles(['infer'], { roles: [] })).toEqual([]);
    expect(await roles(['__proto__', 'constructor'])).toEqual([]);
  });

  it('may name its principal and group in other claims', async () => {
    const named = verifierOf({ principalClaim: 'client_id', groupClaim: 'tenant' });
    expect(await named(of({ client_id: 'app', tenant: 'acme' }))).toMatchObject({
      principal: `${ISSUER}#app`,
      group: `${ISSUER}#acme`,
    });
    expect(await named(of({ client_id: 'app' }))).toMatchObject({ group: `${ISSUER}#app` });
    expect(await named(of({}))).toMatchObject({ reason: expect.stringMatching(/names nobody/) as string });
  });

  it('counts for several audiences when the gateway is one of them', async () => {
    expect(await verify(of({ aud: ['x', AUDIENCE] }))).toMatchObject({ means: 'token' });
  });
});

const header = (more: object): string => part({ alg: 'ES256', kid: 'k1', typ: 'JWT', ...more });
const body = part(claimsAt(NOW));

describe('a token is refused', () => {
  it.each<readonly [string, string, RegExp]>([
    ['with nothing in it', '', /three parts/],
    ['without a signature', `${header({})}.${body}.`, /no signature/],
    ['with alg none', `${header({ alg: 'none' })}.${body}.`, /no signature/],
    ['with alg none and a signature', of({}, { alg: 'none' }), /"none", which is not allowed/],
    ['with alg None', of({}, { alg: 'None' }), /"None", which is not allowed/],
    ['signed with the public key as a secret', mintWithHmac(signer, claimsAt(NOW)), /"HS256", which is not allowed/],
    ['signed with the public RSA key as a secret', mintWithHmac(rsa, claimsAt(NOW)), /"HS256", which is not allowed/],
    ['with the kid of another key', of({}, { kid: 'k2' }), /not signed by/],
    ['with the kid of a key of another kind', of({}, { kid: 'r1' }), /"r1" of .* is not for that/],
    ['with a kid that nobody has', of({}, { kid: '../../etc/passwd' }), /publishes no key/],
    ['without a kid', of({}, { kid: undefined }), /name its algorithm and key/],
    ['signed by a stranger under a known kid', mint(stranger, claimsAt(NOW)), /not signed by/],
    ['with a key of its own', of({}, { jwk: jwkOf(stranger) }), /header jwk/],
    ['with a place for keys of its own', of({}, { jku: 'https://evil.example' }), /header jku/],
    ['with certificates of its own', of({}, { x5c: ['AA'] }), /header x5c/],
    ['with a critical header', of({}, { crit: ['exp'] }), /header crit/],
    [
      'with a changed payload',
      of({}).replace(/\.[^.]+\./, `.${part(claimsAt(NOW, { sub: 'bob' }))}.`),
      /not signed by/,
    ],
    ['with a signature in DER', derSigned(), /not signed by/],
    ['with a signature of zeros', `${header({})}.${body}.${Buffer.alloc(64).toString('base64url')}`, /not signed by/],
    ['with padding', `${of({})}=`, /canonical/],
    ['with a claim that stands twice', signed(signer, header({}), raw(`{"sub":"alice","sub":"root"}`)), /stands twice/],
    [
      'with a header that stands twice',
      signed(signer, raw('{"alg":"none","alg":"ES256","kid":"k1"}'), body),
      /stands twice/,
    ],
    ['with a payload that is a list', signed(signer, header({}), part([1])), /not an object/],
    [
      'with a payload of great depth',
      signed(signer, header({}), raw(`{"a":${'['.repeat(99)}${']'.repeat(99)}}`)),
      /deeper/,
    ],
    ['that is huge', of({ x: 'a'.repeat(20_000) }), /more than 16384/],
    ['of another issuer', of({ iss: 'https://evil.example' }), /evil.example", which gateway.yaml does not name/],
    ['of an issuer with a slash more', of({ iss: `${ISSUER}/` }), /does not name/],
    ['of no issuer', of({ iss: undefined }), /nobody/],
    ['of a list of issuers', of({ iss: [ISSUER] }), /does not name/],
    ['for another audience', of({ aud: 'other' }), /audience/],
    ['for an audience that begins like ours', of({ aud: `${AUDIENCE}.evil` }), /audience/],
    ['for no audience', of({ aud: undefined }), /audience/],
    ['for an empty list of audiences', of({ aud: [] }), /audience/],
    ['for a very long list of audiences', of({ aud: [...Array<string>(30).fill('x'), AUDIENCE] }), /audience/],
    ['without an end', of({ exp: undefined }), /no time at which it expires/],
    ['with an end that is a text', of({ exp: String(iat + 100) }), /no time at which it expires/],
    ['with an end beyond all time', of({ exp: 1e300 }), /no time at which it expires/],
    ['that ended', of({ exp: iat - 1, iat: iat - 300 }), /expired/],
    ['that ends now', of({ exp: iat, iat: iat - 300 }), /expired/],
    ['that begins after the skew', of({ nbf: iat + 61 }), /does not count yet/],
    ['from the future', of({ iat: iat + 61 }), /does not count yet/],
    ['with a beginning that is no time', of({ nbf: null }), /a time that is none/],
    ['that is bound to a key', of({ cnf: { jkt: 'x' } }), /cnf/],
    ['of nobody', of({ sub: ' ' }), /names nobody/],
    ['of a subject with an escape sequence', of({ sub: 'a\u001b[2Jb' }), /names nobody/],
    ['of a subject that is a number', of({ sub: 7 }), /names nobody/],
    ['of a subject that is too long', of({ sub: 'a'.repeat(256) }), /names nobody/],
  ])('%s', async (_, token, why) => {
    expect(await verify(token)).toEqual({
      refused: true,
      status: 401,
      code: 'unauthenticated',
      reason: expect.stringMatching(why) as string,
    });
  });

  it('only later, when it begins within the skew of the clocks', async () => {
    expect(await verify(of({ nbf: iat + 60, iat: iat + 60 }))).toMatchObject({ means: 'token' });
  });

  it('once it ended, though it was seen before', async () => {
    const token = of({});
    expect(await verify(token)).toMatchObject({ means: 'token' });
    expect(await verify(token, NOW + 299_999)).toMatchObject({ means: 'token' });
    expect(await verify(token, NOW + 300_000)).toMatchObject({ reason: expect.stringMatching(/expired/) as string });
    expect(await verify(token, NOW - 61_000)).toMatchObject({
      reason: expect.stringMatching(/not count yet/) as string,
    });
  });

  it('property: whatever its bytes are', async () => {
    const token = of({});
    const changed = fc
      .tuple(fc.nat(token.length - 1), fc.string({ maxLength: 3 }), fc.nat(3))
      .map(([at, put, drop]) => token.slice(0, at) + put + token.slice(at + drop));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), changed), async (text) => {
        fc.pre(text !== token);
        expect(await verify(text)).toMatchObject({ code: 'unauthenticated' });
      }),
      { numRuns: 500 },
    );
  });
});

function raw(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** The same signature in the form of X.509, which JOSE does not use: two texts for one signature. */
function derSigned(): string {
  const [head = '', payload = '', sig = ''] = of({}).split('.');
  const bytes = Buffer.from(sig, 'base64url');
  const integer = (part: Buffer): Buffer => Buffer.concat([Buffer.from([2, 33, 0]), part]);
  const both = Buffer.concat([integer(bytes.subarray(0, 32)), integer(bytes.subarray(32))]);
  return `${head}.${payload}.${Buffer.concat([Buffer.from([0x30, both.length]), both]).toString('base64url')}`;
}

describe('a verified token', () => {
  it('is not checked again, and is when the keys of its issuer change', async () => {
    const sets: Signer[][] = [[signer], [second]];
    let now = NOW;
    const settings = issuerSettings({ freshSeconds: 60 });
    const load = (): Promise<Uint8Array> => Promise.resolve(keySetBytes((sets.shift() ?? []).map((one) => jwkOf(one))));
    const source = new KeySource({ settings, load, clock: () => new Date(now), onTrouble: () => undefined });
    const ask = tokenVerifier(new Map([[ISSUER, { settings, source }]]));
    const token = of({});
    expect(await ask(token, now)).toMatchObject({ means: 'token' });
    const again = ask(token, now);
    expect(again).not.toBeInstanceOf(Promise);
    expect(again).toBe(ask(token, now));
    now += 61_000;
    // Stale: still counts, and asks in the background.
    expect(ask(token, now)).toMatchObject({ means: 'token' });
    await source.refresh(now);
    expect(await ask(token, now)).toMatchObject({ reason: expect.stringMatching(/publishes no key "k1"/) as string });
  });
});
