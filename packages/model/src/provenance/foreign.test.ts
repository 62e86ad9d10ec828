// Real attestations of GitHub Actions, made through the public-good instance of Sigstore and checked offline against the
// packaged trusted root: as they are, under every other pin, and with every part broken.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { JsonObject, Sha256 } from '@vallum/core';
import { sha256 } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyAnyProvenance } from './any.js';
import type { Pin, ProvenanceAnswer, ProvenancePins } from './answer.js';
import { readGithubBuild, vouchedFor } from './github-build.js';
import { believed, envelope, pins as ownPins } from './testing/world.js';

const FIXTURES = fileURLToPath(new URL('../../../../tests/fixtures/attestations', import.meta.url));
const bytesOf = (name: string): Buffer => readFileSync(`${FIXTURES}/${name}`);

/** Signed by a public reusable workflow, for a workflow of another repository. */
const reusable = bytesOf('reusable-workflow-attestation.sigstore.json');
const REUSABLE: ProvenancePins = {
  digest: sha256(bytesOf('reusable-workflow-artifact')),
  identity:
    'https://github.com/github/artifact-attestations-workflows/.github/workflows/attest.yml@09b495c3f12c7881b3cc17209a327792065c1a1d',
  issuer: 'https://token.actions.githubusercontent.com',
  workflow: 'https://github.com/malancas/attest-demo/.github/workflows/shared.yml',
  branch: 'main',
};
/** By an enterprise's own issuer. */
const custom = bytesOf('custom-issuer.sigstore.json');
const CUSTOM: ProvenancePins = {
  digest: sha256(bytesOf('custom-issuer-artifact')),
  identity: 'https://github.com/too-legit/attest/.github/workflows/integration.yml@refs/heads/main',
  issuer: 'https://token.actions.githubusercontent.com/hammer-time',
  workflow: 'https://github.com/too-legit/attest/.github/workflows/integration.yml',
  branch: 'main',
};

const verify = (bytes: Uint8Array, pins: ProvenancePins): Promise<ProvenanceAnswer> =>
  verifyAnyProvenance(bytes, pins, believed);
const problems = (answer: ProvenanceAnswer): readonly Pin[] =>
  answer.status === 'verified' ? [] : answer.problems.map(({ pin }) => pin);

describe('provenance of GitHub Actions', () => {
  it('is verified under its pins, and says what the certificate says', async () => {
    expect(await verify(reusable, REUSABLE)).toMatchObject({
      status: 'verified',
      vouchedBy: 'certificate',
      signer: { principal: REUSABLE.identity },
      said: {
        digests: [REUSABLE.digest],
        builder: 'https://github.com/actions/runner/github-hosted',
        workflow: REUSABLE.workflow,
        ref: 'refs/heads/main',
        commit: '95baf27389e83e6a5c48f42e190d48d7abcea19e',
      },
    });
    expect(await verify(custom, CUSTOM)).toMatchObject({ status: 'verified' });
    expect(await verify(custom, { ...CUSTOM, branch: 'refs/heads/main' })).toMatchObject({ status: 'verified' });
  });

  const wrong: readonly (readonly [Pin, Partial<ProvenancePins>, string])[] = [
    ['digest', { digest: sha256('other bytes') }, sha256('other bytes')],
    ['signer', { identity: CUSTOM.identity ?? '' }, 'attest.yml'],
    ['signer', { identity: `${REUSABLE.identity ?? ''}x` }, 'attest.yml'],
    ['signer', { issuer: `${REUSABLE.issuer ?? ''}/` }, 'vouched for'],
    // Somebody else's repository may call the same public workflow from a file of the same name.
    ['workflow', { workflow: 'https://github.com/acme/filter/.github/workflows/shared.yml' }, 'malancas/attest-demo'],
    ['workflow', { workflow: '.github/workflows/shared.yml' }, 'malancas/attest-demo'],
    ['branch', { branch: 'release' }, 'refs/heads/release'],
    ['branch', { branch: 'refs/tags/main' }, 'refs/tags/main'],
    ['builder', { builder: 'https://ci.example.org/' }, 'github-hosted'],
  ];
  it.each(wrong)('is refused with another %s', async (pin, change, named) => {
    const answer = await verify(reusable, { ...REUSABLE, ...change });
    expect([answer.status, problems(answer)]).toEqual(['refused', [pin]]);
    expect(answer.status !== 'verified' && answer.problems[0]?.message).toContain(named);
  });

  it('is refused where anybody may call the workflow that signed and no caller is pinned', async () => {
    const { workflow, ...rest } = REUSABLE;
    expect(workflow).toBeDefined();
    const answer = await verify(reusable, rest);
    expect([answer.status, problems(answer)]).toEqual(['refused', ['signer']]);
    const { workflow: own, ...name } = CUSTOM;
    // The twin: its name is that of the very workflow, with its repository.
    expect(own).toBeDefined();
    expect(await verify(custom, name)).toMatchObject({ status: 'verified' });
  });

  it('is not proven by a revoked subject', async () => {
    const revoked = ({ subject }: { subject?: Sha256 }): string | undefined =>
      subject === REUSABLE.digest ? 'poisoned' : undefined;
    const answer = await verifyAnyProvenance(reusable, REUSABLE, { ...believed, revoked });
    expect([answer.status, problems(answer)]).toEqual(['not-proven', ['signer']]);
  });

  it('is never read as the other form', async () => {
    const { principal = '' } = ownPins;
    expect(await verify(reusable, { digest: REUSABLE.digest, principal })).toMatchObject({ status: 'not-proven' });
    expect(await verify(envelope(), REUSABLE)).toMatchObject({ status: 'not-proven', problems: [{ pin: 'form' }] });
    await expect(verify(reusable, { digest: REUSABLE.digest, identity: 'x' })).rejects.toThrow('issuer');
  });

  it('is not proven by another trusted root', async () => {
    const trustedRoot: JsonObject = { mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1' };
    expect((await verifyAnyProvenance(reusable, REUSABLE, believed, trustedRoot)).status).not.toBe('verified');
  });

  interface Raw {
    verificationMaterial: {
      certificate: { rawBytes: string };
      tlogEntries: { inclusionPromise?: object; inclusionProof?: { rootHash: string } }[];
    };
    dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string }[] };
  }
  const other = JSON.parse(custom.toString()) as Raw;
  const breaks: readonly (readonly [string, (bundle: Raw) => void])[] = [
    ['the statement of another build', (one) => (one.dsseEnvelope.payload = other.dsseEnvelope.payload)],
    ['the signature of another build', (one) => (one.dsseEnvelope.signatures = other.dsseEnvelope.signatures)],
    [
      'the certificate of another build',
      (one) => (one.verificationMaterial.certificate = other.verificationMaterial.certificate),
    ],
    [
      'the log entry of another build',
      (one) => (one.verificationMaterial.tlogEntries = other.verificationMaterial.tlogEntries),
    ],
    ['no log entry', (one) => (one.verificationMaterial.tlogEntries = [])],
    ['no trusted time', (one) => delete one.verificationMaterial.tlogEntries[0]?.inclusionPromise],
    ['another payload type', (one) => (one.dsseEnvelope.payloadType = 'text/plain')],
    ['two signatures', (one) => one.dsseEnvelope.signatures.push({ sig: one.dsseEnvelope.signatures[0]?.sig ?? '' })],
    [
      'another subject',
      ({ dsseEnvelope }) => {
        const text = Buffer.from(dsseEnvelope.payload, 'base64').toString();
        dsseEnvelope.payload = Buffer.from(text.replace(REUSABLE.digest, sha256('evil'))).toString('base64');
      },
    ],
  ];
  it.each(breaks)('does not verify with %s', async (_, change) => {
    const bundle = JSON.parse(reusable.toString()) as Raw;
    change(bundle);
    const digest = _ === 'another subject' ? sha256('evil') : REUSABLE.digest;
    expect((await verify(Buffer.from(JSON.stringify(bundle)), { ...REUSABLE, digest })).status).not.toBe('verified');
  });

  it('never throws on any bytes', async () => {
    const any = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
    );
    const check = fc.asyncProperty(any, async (bytes) => (await verify(bytes, REUSABLE)).status === 'not-proven');
    await fc.assert(check, { numRuns: 200 });
  });
});

describe('the statement inside', () => {
  const payload = Buffer.from(
    (JSON.parse(reusable.toString()) as { dsseEnvelope: { payload: string } }).dsseEnvelope.payload,
    'base64',
  );
  const changed = (from: string, to: string): Buffer => {
    const text = payload.toString();
    expect(text).toContain(from);
    return Buffer.from(text.replace(from, to));
  };
  /** The claims of the certificate beside it. */
  const fulcio = {
    sourceRepositoryUri: 'https://github.com/malancas/attest-demo',
    sourceRepositoryDigest: '95baf27389e83e6a5c48f42e190d48d7abcea19e',
    sourceRepositoryRef: 'refs/heads/main',
    buildConfigUri: 'https://github.com/malancas/attest-demo/.github/workflows/shared.yml@refs/heads/main',
  };
  const differs = (bytes: Uint8Array, claims: object = fulcio): readonly Pin[] =>
    vouchedFor(readGithubBuild(bytes), claims).differs.map(({ pin }) => pin);

  const lies: readonly (readonly [string, string, readonly Pin[]])[] = [
    ['shared.yml', 'release.yml', ['workflow']],
    ['"ref":"refs/heads/main"', '"ref":"refs/tags/v1"', ['branch']],
    ['95baf273', '00000000', ['workflow']],
    ['"repository":"https://github.com/malancas', '"repository":"https://github.com/acme', ['workflow', 'workflow']],
  ];
  it.each(lies)('may not say otherwise than the certificate: %s', (from, to, pins) => {
    expect(differs(payload)).toEqual([]);
    expect(differs(changed(from, to))).toEqual(pins);
  });

  it('is of a build, or nothing', () => {
    expect(differs(payload, {})).toEqual(['workflow', 'workflow', 'branch', 'workflow']);
  });

  const unknown: readonly (readonly [string, string])[] = [
    ['https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1', 'https://ci.example.org/v1'],
    ['"externalParameters":{', '"externalParameters":{"inputs":{"publish":"no"},'],
    ['"ref":"refs/heads/main",', ''],
    ['https://slsa.dev/provenance/v1', 'https://slsa.dev/provenance/v0.2'],
    ['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1'],
    ['"gitCommit":"95baf273', '"gitCommit":"xyz'],
    ['{"_type"', '{"_type":"x","_type"'],
  ];
  it.each(unknown)('proves nothing where it is not understood: %s', (from, to) => {
    expect(() => readGithubBuild(changed(from, to))).toThrow();
  });

  it('matches nothing without a SHA-256', () => {
    const { said } = vouchedFor(readGithubBuild(changed('"sha256"', '"sha512"')), fulcio);
    expect(said.digests).toEqual([]);
  });
});
