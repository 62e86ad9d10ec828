// Certificate chains made here: one that is good, and each way in which one property is broken.
import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { JsonObject } from '@vallum/core';
import { derWriter, x509 } from '@vallum/formats/testing';
import { describe, expect, it } from 'vitest';
import { readBundle, writeBundle } from '../bundle.js';
import type { Profile } from '../method.js';
import { preAuthEncoding, verifiesEnvelope } from '../pae.js';
import { Refusal } from '../refusal.js';
import type { CertificateTrust } from './certificate.js';
import { verifyCertificate } from './certificate.js';
import { certificateFrom, signingKey } from './leaf.js';
import { MAX_PATH, pathToRoot } from './path.js';

const { alternativeNames, constraints, CODE_SIGNING, ecKey, extension, makeCertificate, purposes, SERVER_AUTH, usage } =
  x509;
type Made = x509.MadeCertificate;
type Plan = x509.CertificatePlan;

const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const now = new Date('2026-06-01T00:00:00Z');
const authority = [constraints(true), usage('keyCertSign', 'cRLSign')];
const signing = [constraints(false), usage('digitalSignature'), purposes(CODE_SIGNING)];
const who = alternativeNames(['email', 'ann@example.org'], ['uri', 'https://example.org/ann']);

const root = makeCertificate({ subject: 'root', extensions: authority });
const middle = makeCertificate({ subject: 'middle', issuer: root, extensions: authority });

function leafOf(plan: Partial<Plan> = {}): Made {
  return makeCertificate({ subject: 'leaf', issuer: middle, extensions: [...signing, who], ...plan });
}

const DIGESTS: Readonly<Record<string, string>> = { secp384r1: 'sha384', secp521r1: 'sha512' };

/** The verdict over a bundle with this chain that the leaf's key signed: the signer, or the code of the refusal. */
function verdict(chain: readonly Made[], trust: Partial<CertificateTrust> = {}, signer = chain[0]) {
  const payload = Buffer.from('{"a":1}');
  const key = signer?.keys.privateKey;
  if (key === undefined) throw new Error('a chain has a leaf');
  const digest = DIGESTS[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 'sha256';
  const signature = sign(digest, preAuthEncoding(payload), key);
  const bytes = writeBundle({ signer: { chain: chain.map((made) => made.der) }, payload, signature });
  return judge(bytes, trust);
}

function judge(bytes: Uint8Array, trust: Partial<CertificateTrust> = {}) {
  const profile = trust.profile ?? 'strict';
  try {
    return verifyCertificate(readBundle(bytes, profile), { roots: [root.der], now, ...trust, profile });
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

const compat: { readonly profile: Profile } = { profile: 'compat' };

// Signed by the reference project with a chain of its own. Its root is in none of the public copies, so the paths are
// followed up to the certificate below it. Its leaf is marked as an authority: strictly no certificate to sign with.
describe.each(['v0.3.1', 'v1.0.0', 'v1.0.1', 'v1.1.0'])('real certificate signature of %s', (version) => {
  const file = new URL(`../../../../../tests/fixtures/oms/${version}-certificate/model.sig`, import.meta.url);
  const bundle = readBundle(readFileSync(file));
  const chain = (bundle.material['x509CertificateChain'] as { readonly certificates: readonly JsonObject[] })
    .certificates;
  const [leaf, above] = chain.map((entry) => certificateFrom(Buffer.from(entry['rawBytes'] as string, 'base64')));
  if (leaf === undefined || above === undefined) throw new Error('the sample has two certificates');

  it('has a path, and a signature by its leaf', () => {
    expect(pathToRoot(leaf, [], [above], { at: now, profile: 'strict' })).toEqual([leaf, above]);
    const key = signingKey(leaf);
    expect(key.digest).toBe('sha384');
    expect(verifiesEnvelope(bundle, key.publicKey, key.digest, 'strict')).toBe(true);
  });

  it('is refused for its leaf strictly, and for the missing root by the rules of the reference', () => {
    expect(judge(readFileSync(file), { roots: [above.der] })).toBe('certificate-usage');
    expect(judge(readFileSync(file), { roots: [above.der], ...compat })).toBe('certificate-untrusted');
  });
});

describe('verifyCertificate', () => {
  it.each(['prime256v1', 'secp384r1', 'secp521r1'])('accepts a good chain with a leaf on %s', (curve) => {
    const leaf = leafOf({ keys: ecKey(curve) });
    for (const trust of [{}, compat, { identity: 'ann@example.org' }, { identity: 'https://example.org/ann' }])
      expect(verdict([leaf, middle], trust)).toMatchObject({ issuer: 'CN=middle', warnings: [] });
    expect(verdict([leaf, middle, root])).toMatchObject({ identity: 'ann@example.org' });
  });

  it('believes e-mail addresses, URIs and DNS names as what they are, and no name of another kind', () => {
    const named = (name: x509.NamePlan): Made =>
      leafOf({ extensions: [...signing, alternativeNames(name, ['dns', 'build.example.org'])] });
    const ann = 'ann@example.org';
    for (const profile of ['strict', 'compat'] as const) {
      expect(verdict([named(['email', ann]), middle], { profile, identity: ann })).toMatchObject({ identity: ann });
      expect(verdict([named(['email', ann]), middle], { profile, identity: 'build.example.org' })).toMatchObject({});
      for (const kind of ['dns', 'uri', 'other'] as const)
        expect(verdict([named([kind, ann]), middle], { profile, identity: ann })).toBe('identity-mismatch');
      const address: x509.NamePlan = ['ip', Buffer.of(192, 0, 2, 1)];
      expect(verdict([named(address), middle], { profile, identity: '192.0.2.1' })).toBe('identity-mismatch');
    }
    // Nor is one shown as who signed.
    expect(verdict([named(['other', ann]), middle])).toMatchObject({ identity: 'build.example.org' });
  });

  it('accepts an RSA authority, and a leaf that names only one of the two usages', () => {
    const rsaRoot = makeCertificate({ subject: 'rsa', keys: RSA, extensions: authority });
    for (const only of [usage('digitalSignature'), purposes(CODE_SIGNING)]) {
      const leaf = leafOf({ issuer: rsaRoot, extensions: [only] });
      expect(verdict([leaf], { roots: [rsaRoot.der] })).toMatchObject({ identity: 'CN=leaf', issuer: 'CN=rsa' });
    }
  });

  it('takes the middle certificate as the end of a path only strictly, as the reference does not', () => {
    expect(verdict([leafOf()], { roots: [middle.der] })).toMatchObject({ issuer: 'CN=middle' });
    expect(verdict([leafOf()], { roots: [middle.der], ...compat })).toBe('certificate-untrusted');
  });

  const other = makeCertificate({ subject: 'root', extensions: authority });
  const expired = { from: new Date('2025-01-01'), until: new Date('2026-01-01') };
  const notYet = { from: new Date('2026-07-01'), until: new Date('2027-01-01') };
  const below = (plan: Partial<Plan>, leafPlan: Partial<Plan> = {}): readonly Made[] => {
    const ca = makeCertificate({ subject: 'ca', issuer: root, extensions: authority, ...plan });
    return [leafOf({ issuer: ca, ...leafPlan }), ca];
  };
  const three = (limit: number): readonly Made[] => {
    const top = makeCertificate({
      subject: 'top',
      issuer: root,
      extensions: [constraints(true, limit), usage('keyCertSign')],
    });
    const low = makeCertificate({ subject: 'low', issuer: top, extensions: authority });
    return [leafOf({ issuer: low }), low, top];
  };
  const renamed = { name: derWriter.commonName('somebody'), keys: middle.keys };
  const forged = { name: middle.name, keys: ecKey() };

  // [what is broken, chain, strictly, as the reference]
  it.each<readonly [string, readonly Made[], string, string]>([
    ['a leaf that has expired', [leafOf(expired), middle], 'certificate-expired', 'certificate-expired'],
    ['a leaf that is not valid yet', [leafOf(notYet), middle], 'certificate-expired', 'ok'],
    ['an authority that has expired', below(expired), 'certificate-expired', 'ok at its start'],
    ['an authority that is not valid yet', below(notYet), 'certificate-expired', 'certificate-expired'],
    ['an authority that is none', below({ extensions: signing }), 'certificate-untrusted', 'certificate-untrusted'],
    [
      'an authority without basicConstraints',
      below({ extensions: [usage('keyCertSign')] }),
      'certificate-untrusted',
      'certificate-untrusted',
    ],
    [
      'an authority without keyCertSign',
      below({ extensions: [constraints(true), usage('cRLSign')] }),
      'certificate-untrusted',
      'certificate-untrusted',
    ],
    [
      'an authority for web servers',
      below({ extensions: [...authority, purposes(SERVER_AUTH)] }),
      'certificate-untrusted',
      'ok',
    ],
    ['more certificates than pathLen allows', three(0), 'certificate-untrusted', 'certificate-untrusted'],
    [
      'a leaf without digitalSignature',
      [leafOf({ extensions: [usage('keyEncipherment'), purposes(CODE_SIGNING)] }), middle],
      'certificate-usage',
      'ok',
    ],
    [
      'a leaf for web servers',
      [leafOf({ extensions: [usage('digitalSignature'), purposes(SERVER_AUTH)] }), middle],
      'certificate-usage',
      'ok',
    ],
    [
      'a leaf that says nothing of its use',
      [leafOf({ extensions: [constraints(false)] }), middle],
      'certificate-usage',
      'certificate-usage',
    ],
    [
      'a leaf that is an authority',
      [leafOf({ extensions: [constraints(true), usage('digitalSignature')] }), middle],
      'certificate-usage',
      'ok',
    ],
    [
      'an unknown critical extension in the leaf',
      [leafOf({ extensions: [...signing, extension('1.2.3', Buffer.of(), true)] }), middle],
      'certificate-usage',
      'certificate-usage',
    ],
    [
      'an unknown critical extension above it',
      below({ extensions: [...authority, extension('1.2.3', Buffer.of(), true)] }),
      'certificate-untrusted',
      'certificate-untrusted',
    ],
    [
      'an issuer of another name',
      [leafOf({ issuer: renamed }), middle],
      'certificate-untrusted',
      'certificate-untrusted',
    ],
    [
      'a signature by another key',
      [leafOf({ issuer: forged }), middle],
      'certificate-untrusted',
      'certificate-untrusted',
    ],
    ['a chain without its middle', [leafOf()], 'certificate-untrusted', 'certificate-untrusted'],
    ['a leaf on secp256k1', [leafOf({ keys: ecKey('secp256k1') }), middle], 'certificate-usage', 'certificate-usage'],
    ['an authority signed with SHA-1', below({ digest: 'sha1' }), 'certificate-untrusted', 'ok'],
    [
      'a leaf that signed itself',
      [makeCertificate({ subject: 'self', extensions: signing })],
      'certificate-untrusted',
      'certificate-untrusted',
    ],
  ])('%s', (_, chain, strict, reference) => {
    expect(verdict(chain)).toBe(strict);
    const lax = verdict(chain, compat);
    if (reference.startsWith('ok')) expect(lax).toHaveProperty('identity');
    else expect(lax).toBe(reference);
  });

  it('takes a root from before basicConstraints only as the reference does', () => {
    const old = makeCertificate({ subject: 'old', extensions: [usage('keyCertSign')] });
    const leaf = leafOf({ issuer: old });
    expect(verdict([leaf], { roots: [old.der] })).toBe('certificate-untrusted');
    expect(verdict([leaf], { roots: [old.der], ...compat })).toMatchObject({ issuer: 'CN=old' });
  });

  it('takes nothing from the bundle above a given certificate, as the reference does', () => {
    const low = makeCertificate({ subject: 'low', issuer: middle, extensions: authority });
    const chain = [leafOf({ issuer: low }), low, middle];
    expect(verdict(chain, { roots: [root.der, low.der], ...compat })).toBe('certificate-untrusted');
    expect(verdict(chain, { roots: [root.der, low.der, middle.der], ...compat })).toMatchObject({ issuer: 'CN=low' });
  });

  it('accepts exactly as many certificates as pathLen allows', () => {
    expect(verdict(three(1))).toMatchObject({ issuer: 'CN=low' });
  });

  it('refuses another root of the same name, and a root that only the bundle brings', () => {
    expect(verdict([leafOf(), middle], { roots: [other.der] })).toBe('certificate-untrusted');
    expect(verdict([leafOf(), middle, root], { roots: [] })).toBe('certificate-untrusted');
  });

  it('finds the good path among look-alikes', () => {
    const lookAlike = makeCertificate({ subject: 'middle', issuer: other, extensions: authority });
    expect(verdict([leafOf(), lookAlike, middle])).toMatchObject({ issuer: 'CN=middle' });
  });

  it('takes the first look-alike, valid ones before others, as the reference does', () => {
    const lookAlike = makeCertificate({ subject: 'middle', issuer: other, extensions: authority });
    const late = makeCertificate({
      subject: 'middle',
      keys: middle.keys,
      issuer: root,
      extensions: authority,
      ...notYet,
    });
    const unable = makeCertificate({
      subject: 'middle',
      keys: middle.keys,
      issuer: root,
      extensions: [usage('cRLSign')],
    });
    expect(verdict([leafOf(), lookAlike, middle], compat)).toBe('certificate-untrusted');
    expect(verdict([leafOf(), unable, middle], compat)).toBe('certificate-untrusted');
    for (const others of [
      [middle, lookAlike],
      [late, middle],
    ])
      expect(verdict([leafOf(), ...others], compat)).toMatchObject({ issuer: 'CN=middle' });
    expect(verdict([leafOf(), late], compat)).toBe('certificate-expired');
    // Case makes no other name for OpenSSL; strictly it does.
    const capitals = leafOf({ issuer: { name: derWriter.commonName('MIDDLE'), keys: middle.keys } });
    expect(verdict([capitals, middle])).toBe('certificate-untrusted');
    expect(verdict([capitals, middle], compat)).toHaveProperty('identity');
    expect(verdict([capitals, unable, middle], compat)).toBe('certificate-untrusted');
    // A root that is given goes before what the bundle brings, also when it is the wrong one.
    expect(verdict([leafOf(), middle], { roots: [root.der, lookAlike.der], ...compat })).toBe('certificate-untrusted');
  });

  it('ends on loops, and on more certificates than a path may have', () => {
    const keys = ecKey();
    const one = { name: derWriter.commonName('one'), keys };
    const two = { name: derWriter.commonName('two'), keys };
    const loop = [
      makeCertificate({ subject: 'one', keys, issuer: two, extensions: authority }),
      makeCertificate({ subject: 'two', keys, issuer: one, extensions: authority }),
    ];
    expect(verdict([leafOf({ issuer: one }), ...loop])).toBe('certificate-untrusted');
    // Every one of them is an issuer of every other: 8! paths, of which only so many signatures are tried.
    const crowd = Array.from({ length: MAX_PATH - 1 }, () =>
      makeCertificate({ subject: 'one', keys, extensions: authority }),
    );
    expect(verdict([leafOf({ issuer: one }), ...crowd])).toBe('certificate-untrusted');
    expect(verdict([leafOf(), ...Array.from({ length: MAX_PATH }, () => middle)])).toBe('bundle-malformed');
  });

  it('judges an expired chain at the start of the leaf as the reference does, and says so', () => {
    const late = new Date('2040-01-01');
    expect(verdict([leafOf(), middle], { now: late })).toBe('certificate-expired');
    expect(verdict([leafOf(), middle], { now: late, ...compat })).toMatchObject({
      warnings: [expect.stringMatching(/not valid now/)],
    });
  });

  it('refuses a signature by another key than the leaf’s', () => {
    expect(verdict([leafOf(), middle], {}, leafOf())).toBe('signature-invalid');
  });

  it('compares the identity whole', () => {
    for (const identity of ['ann@example.or', 'ann@example.org ', 'Ann@example.org', '', 'CN=leaf'])
      expect(verdict([leafOf(), middle], { identity })).toBe('identity-mismatch');
  });

  it('refuses a certificate that is no strict DER', () => {
    const leaf = leafOf();
    expect(verdict([{ ...leaf, der: Buffer.concat([leaf.der, Buffer.of(0)]) }, middle])).toBe('bundle-malformed');
  });

  it('refuses every certificate in which one bit of the signed part changed', () => {
    const leaf = leafOf();
    const body = leaf.der.length - 80;
    for (let at = 0; at < body; at += 1) {
      const der = Buffer.from(leaf.der);
      der[at] = (der[at] ?? 0) ^ (1 << (at % 8));
      expect(typeof verdict([{ ...leaf, der }, middle])).toBe('string');
    }
  });
});
