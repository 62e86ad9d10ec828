// Real keyless signatures, made by the reference project through the public-good instance of Sigstore between May and
// October 2025, checked offline against the packaged trusted root; then each of them broken in one place.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nodeDisk } from '@vallum/core';
import type { JsonObject } from '@vallum/core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Profile } from '../method.js';
import { verifyModel } from '../verify.js';
import { readBundle } from '../bundle.js';
import { Refusal } from '../refusal.js';
import { verifySigstore } from './sigstore.js';
import type { SigstoreTrust } from './sigstore.js';
import { packagedTrustedRoot, readTrustedRoot } from './trusted-root.js';

const FIXTURES = fileURLToPath(new URL('../../../../../tests/fixtures/oms', import.meta.url));
const VERSIONS = ['v0.3.1', 'v1.0.0', 'v1.0.1', 'v1.1.0'] as const;
const SIGNED: Readonly<Record<(typeof VERSIONS)[number], string>> = {
  'v0.3.1': '2025-05-03T01:10:02.000Z',
  'v1.0.0': '2025-05-03T01:34:46.000Z',
  'v1.0.1': '2025-10-07T15:33:48.000Z',
  'v1.1.0': '2025-10-10T02:12:20.000Z',
};
const WHO = { identity: 'stefanb@us.ibm.com', issuer: 'https://sigstore.verify.ibm.com/oauth2' };

let trustedRoot: JsonObject = {};
beforeAll(async () => {
  trustedRoot = await packagedTrustedRoot();
});

const textOf = (version: string): string => readFileSync(`${FIXTURES}/${version}-sigstore/model.sig`, 'utf8');

interface RawEntry {
  logIndex: string;
  integratedTime: string;
  canonicalizedBody: string;
  logId: { keyId: string };
  inclusionPromise?: { signedEntryTimestamp: string };
  inclusionProof?: { rootHash: string; hashes: string[]; treeSize: string; checkpoint: { envelope: string } };
}
interface RawBundle {
  verificationMaterial: {
    certificate: { rawBytes: string };
    tlogEntries?: RawEntry[];
    timestampVerificationData?: { rfc3161Timestamps?: { signedTimestamp: string }[] };
  };
  dsseEnvelope: { payload: string; signatures: { sig: string }[] };
}

/** The verdict over a bundle after a change: the signer, or the code of the refusal. */
async function verdict(version: string, change: (bundle: RawBundle) => void, trust: Partial<SigstoreTrust> = {}) {
  const bundle = JSON.parse(textOf(version)) as RawBundle;
  change(bundle);
  return judge(Buffer.from(JSON.stringify(bundle)), trust);
}

async function judge(bytes: Uint8Array, trust: Partial<SigstoreTrust> = {}) {
  const profile: Profile = trust.profile ?? 'strict';
  try {
    return await verifySigstore(readBundle(bytes, profile), { ...WHO, trustedRoot, ...trust, profile });
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

const nothing = (): void => undefined;

function entryOf(bundle: RawBundle): RawEntry {
  const [entry] = bundle.verificationMaterial.tlogEntries ?? [];
  if (entry === undefined) throw new Error('the sample has a log entry');
  return entry;
}

function rewrite(bundle: RawBundle, change: (head: string) => string): void {
  const { checkpoint } = entryOf(bundle).inclusionProof!;
  checkpoint.envelope = change(checkpoint.envelope);
}

function flip(base64: string, at: number): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes.toString('base64');
}

describe.each(VERSIONS)('keyless signature of %s', (version) => {
  it.each<Profile>(['strict', 'compat'])('verifies with its files (%s)', async (profile) => {
    const verified = await verifyModel({
      disk: nodeDisk,
      dir: `${FIXTURES}/${version}-sigstore`,
      signers: { method: 'sigstore', trustedRoot, ...WHO },
      profile,
    });
    expect(verified).toMatchObject({ status: 'valid', method: 'sigstore', signer: WHO });
    const signedAt = verified.status === 'valid' ? verified.signer.signedAt?.toISOString() : undefined;
    expect(signedAt).toBe(SIGNED[version]);
  });

  it.each<readonly [string, Partial<SigstoreTrust>]>([
    ['another identity', { identity: 'stefanb@us.ibm.co' }],
    ['a pattern for an identity', { identity: '.*' }],
    ['no identity', { identity: '' }],
    ['another issuer', { issuer: 'https://accounts.google.com' }],
    ['a workflow, where a person signed', { workflow: 'https://github.com/a/b/.github/workflows/release.yml' }],
    ['a branch, where a person signed', { branch: 'main' }],
  ])('refuses %s', async (_, trust) => {
    expect(await verdict(version, nothing, trust)).toBe('identity-mismatch');
    expect(await verdict(version, nothing, { ...trust, profile: 'compat' })).toBe('identity-mismatch');
  });
});

// One with the log's own time alone, one with a timestamp authority as well.
describe.each(['v1.0.1', 'v1.1.0'])('keyless signature of %s, broken', (version) => {
  it.each<readonly [string, (bundle: RawBundle) => void, string]>([
    ['no log entry', (b) => void (b.verificationMaterial.tlogEntries = []), 'transparency-missing'],
    ['log entries left out', (b) => delete b.verificationMaterial.tlogEntries, 'transparency-missing'],
    ['a changed payload', (b) => void (b.dsseEnvelope.payload = flip(b.dsseEnvelope.payload, 40)), 'sigstore-invalid'],
    [
      'a changed signature',
      (b) => b.dsseEnvelope.signatures.forEach((s) => (s.sig = flip(s.sig, 12))),
      'sigstore-invalid',
    ],
    [
      'a changed hash of the path',
      (b) => entryOf(b).inclusionProof!.hashes.splice(0, 1, Buffer.alloc(32).toString('base64')),
      'sigstore-invalid',
    ],
    ['a shorter path', (b) => entryOf(b).inclusionProof!.hashes.pop(), 'sigstore-invalid'],
    [
      'a changed root hash',
      (b) => void (entryOf(b).inclusionProof!.rootHash = flip(entryOf(b).inclusionProof!.rootHash, 0)),
      'sigstore-invalid',
    ],
    [
      'a signed head of another log',
      (b) => rewrite(b, (head) => head.replace('rekor.sigstore.dev -', 'rekor.sigstore.dex -')),
      'sigstore-invalid',
    ],
    [
      'a signed head with a changed size',
      (b) => {
        entryOf(b).inclusionProof!.treeSize += '0';
        rewrite(b, (head) => head.replace(/\n(\d+)\n/, '\n$10\n'));
      },
      'sigstore-invalid',
    ],
    [
      'a signed head without signature',
      (b) => rewrite(b, (head) => head.slice(0, head.indexOf('\u2014'))),
      'bundle-malformed',
    ],
    ['no inclusion proof', (b) => delete entryOf(b).inclusionProof, 'bundle-malformed'],
    [
      'a log that is not trusted',
      (b) => void (entryOf(b).logId.keyId = Buffer.alloc(32).toString('base64')),
      'sigstore-invalid',
    ],
    ['another index in the log', (b) => void (entryOf(b).logIndex = '1'), 'sigstore-invalid'],
    [
      'a changed entry',
      (b) => void (entryOf(b).canonicalizedBody = flip(entryOf(b).canonicalizedBody, 60)),
      'sigstore-invalid',
    ],
    [
      'a time a day later',
      (b) => void (entryOf(b).integratedTime = String(Number(entryOf(b).integratedTime) + 86_400)),
      'certificate-untrusted',
    ],
    [
      'a time a minute later, within validity',
      (b) => void (entryOf(b).integratedTime = String(Number(entryOf(b).integratedTime) + 60)),
      'sigstore-invalid',
    ],
    [
      'a changed promise',
      (b) =>
        void (entryOf(b).inclusionPromise!.signedEntryTimestamp = flip(
          entryOf(b).inclusionPromise!.signedEntryTimestamp,
          20,
        )),
      'sigstore-invalid',
    ],
    [
      'a certificate cut short',
      (b) =>
        void (b.verificationMaterial.certificate.rawBytes = Buffer.from(
          b.verificationMaterial.certificate.rawBytes,
          'base64',
        )
          .subarray(0, -4)
          .toString('base64')),
      'bundle-malformed',
    ],
    [
      'a certificate with a changed name',
      (b) => void (b.verificationMaterial.certificate.rawBytes = renamed(b.verificationMaterial.certificate.rawBytes)),
      'certificate-untrusted',
    ],
    [
      'nine log entries',
      (b) => void (b.verificationMaterial.tlogEntries = Array.from({ length: 9 }, () => entryOf(b))),
      'bundle-malformed',
    ],
    [
      'a timestamp that is none',
      (b) =>
        void (b.verificationMaterial.timestampVerificationData = { rfc3161Timestamps: [{ signedTimestamp: 'MAA=' }] }),
      'bundle-malformed',
    ],
  ])('refuses %s', async (_, change, code) => {
    expect(await verdict(version, change)).toBe(code);
    // The reference refuses all of them too.
    expect(typeof (await verdict(version, change, { profile: 'compat' }))).toBe('string');
  });

  it('refuses the certificate and log entry of another signature', async () => {
    const other = JSON.parse(textOf(version === 'v1.0.1' ? 'v1.0.0' : 'v1.0.1')) as RawBundle;
    const swap = (b: RawBundle): void => void (b.verificationMaterial = other.verificationMaterial);
    expect(await verdict(version, swap)).toBe('sigstore-invalid');
    const leaf = (b: RawBundle): void =>
      void (b.verificationMaterial.certificate = other.verificationMaterial.certificate);
    expect(typeof (await verdict(version, leaf))).toBe('string');
  });

  it('refuses every truncation', async () => {
    const bytes = Buffer.from(textOf(version));
    for (let length = 0; length < bytes.length; length += 257)
      expect(await judge(bytes.subarray(0, length))).toBe('bundle-malformed');
  });

  it.each(['certificateAuthorities', 'tlogs', 'ctlogs'])(
    'refuses it under a trusted root without its %s',
    async (field) => {
      const code = field === 'tlogs' ? 'sigstore-invalid' : 'certificate-untrusted';
      expect(await verdict(version, nothing, { trustedRoot: { ...trustedRoot, [field]: [] } })).toBe(code);
    },
  );
});

/** The name of the signer with one letter changed. */
function renamed(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes[bytes.indexOf('stefanb@')] = 'x'.charCodeAt(0);
  return bytes.toString('base64');
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const OTHERS: readonly (Json | undefined)[] = [undefined, null, 'AAAA'];

/** Every place below a JSON value, and the change of what stands there. */
function* changes(value: Json): Generator<readonly [string, () => void]> {
  if (typeof value !== 'object' || value === null) return;
  const holder = value as { [key: string]: Json };
  for (const [key, item] of Object.entries(holder)) {
    for (const to of OTHERS) {
      const put = (): void => void (to === undefined ? remove(value, key) : (holder[key] = to));
      yield [`${key} = ${JSON.stringify(to) ?? 'nothing'}`, put];
    }
    for (const [name, put] of changes(item)) yield [`${key}.${name}`, put];
  }
}

function remove(from: Json, key: string): void {
  if (Array.isArray(from)) from.splice(Number(key), 1);
  else delete (from as { [key: string]: Json })[key];
}

describe('every field of the verification material', () => {
  it('is needed, but for the second of two trusted times', async () => {
    const accepted: string[] = [];
    const count = [...changes(materialOf(JSON.parse(textOf('v1.1.0')) as RawBundle))].length;
    for (let index = 0; index < count; index += 1) {
      const bundle = JSON.parse(textOf('v1.1.0')) as RawBundle;
      const [name, change] = [...changes(materialOf(bundle))][index] ?? ['', nothing];
      change();
      if (typeof (await judge(Buffer.from(JSON.stringify(bundle)))) !== 'string') accepted.push(name);
    }
    const stamps = 'timestampVerificationData';
    expect(count).toBeGreaterThan(100);
    expect(accepted).toEqual([
      'tlogEntries.0.inclusionPromise = nothing',
      'tlogEntries.0.inclusionPromise = null',
      `${stamps} = nothing`,
      `${stamps}.rfc3161Timestamps = nothing`,
      `${stamps}.rfc3161Timestamps = null`,
      `${stamps}.rfc3161Timestamps.0 = nothing`,
    ]);
  }, 60_000);
});

const materialOf = (bundle: RawBundle): Json => bundle.verificationMaterial as unknown as Json;

describe('trusted time', () => {
  const stampOf = (b: RawBundle): { signedTimestamp: string } =>
    b.verificationMaterial.timestampVerificationData!.rfc3161Timestamps![0]!;

  it('is given by the timestamp authority alone where the log gives none, as Rekor v2 does', async () => {
    const untimed = (b: RawBundle): void => void delete entryOf(b).inclusionPromise;
    expect(await verdict('v1.1.0', untimed)).toMatchObject({ signedAt: new Date(SIGNED['v1.1.0']) });
    expect(await verdict('v1.0.1', untimed)).toBe('sigstore-invalid');
    expect(await verdict('v1.1.0', untimed, { trustedRoot: { ...trustedRoot, timestampAuthorities: [] } })).toBe(
      'sigstore-invalid',
    );
  });

  it('must be of this signature, unchanged in all that is signed', async () => {
    const bytes = Buffer.from(stampOf(JSON.parse(textOf('v1.1.0')) as RawBundle).signedTimestamp, 'base64');
    const time = bytes.indexOf('20251010021220Z');
    const imprint = bytes.indexOf('6b961f4bdb8d52b0', 'hex');
    const digest = bytes.indexOf('bf50acbfc96c5907', 'hex');
    for (const at of [
      time,
      time + 7,
      time + 14,
      imprint,
      imprint + 31,
      digest,
      digest + 31,
      bytes.length - 60,
      bytes.length - 1,
    ]) {
      const change = (b: RawBundle): void => void (stampOf(b).signedTimestamp = flip(stampOf(b).signedTimestamp, at));
      expect(await verdict('v1.1.0', change)).toMatch(/^(sigstore-invalid|bundle-malformed)$/);
    }
    const moved = (b: RawBundle): void =>
      void (b.verificationMaterial.timestampVerificationData = {
        rfc3161Timestamps: [{ signedTimestamp: bytes.toString('base64') }],
      });
    expect(await verdict('v1.0.1', moved)).toBe('sigstore-invalid');
  });
});

describe('the head of the log', () => {
  it('is not searched with the expression that a signer’s name could be', async () => {
    const started = performance.now();
    const hostile = (b: RawBundle): void => {
      const { checkpoint } = entryOf(b).inclusionProof!;
      checkpoint.envelope = checkpoint.envelope.replace('\u2014 rekor.sigstore.dev', '\u2014 ((.+)+)+Z');
    };
    expect(await verdict('v1.0.1', hostile)).toBe('bundle-malformed');
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('readTrustedRoot', () => {
  const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

  it('reads the packaged file again, alone or inside a client trust configuration', () => {
    expect(readTrustedRoot(bytes(trustedRoot))).toEqual(trustedRoot);
    expect(readTrustedRoot(bytes({ mediaType: 'x', trustedRoot }))).toEqual(trustedRoot);
  });

  it.each([
    ['no JSON', Buffer.from('{')],
    ['another media type', bytes({ mediaType: 'application/json' })],
    [
      'a list that is none',
      Buffer.from('{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1","tlogs":{}}'),
    ],
    ['a key twice', Buffer.from('{"mediaType":"a","mediaType":"a"}')],
  ])('refuses %s', (_, input) => {
    expect(() => readTrustedRoot(input)).toThrow(expect.objectContaining({ code: 'TRUSTED_ROOT_INVALID' }));
  });

  it('gives a refusal, not a crash, for a root with keys that are none', async () => {
    const broken = {
      ...trustedRoot,
      tlogs: [{ publicKey: { rawBytes: 'AAAA', keyDetails: 'PKIX_ECDSA_P256_SHA_256' }, logId: { keyId: 'AAAA' } }],
    };
    expect(await verdict('v1.0.1', nothing, { trustedRoot: broken })).toBe('sigstore-invalid');
    expect(await verdict('v1.0.1', nothing, { trustedRoot: { mediaType: 'x' } })).toBe('certificate-untrusted');
  });
});
