import { readCertificate } from '@vallum/formats';
import { x509 } from '@vallum/formats/testing';
import { describe, expect, it } from 'vitest';
import type { Profile } from '../method.js';
import { Refusal } from '../refusal.js';
import { assertBuild, assertName } from './wanted-signer.js';
import type { WantedSigner } from './wanted-signer.js';

const REPOSITORY = 'https://github.com/team/model';
const URI = `${REPOSITORY}/.github/workflows/release.yml@refs/heads/main`;
const ISSUER = 'https://token.actions.githubusercontent.com';
const keys = x509.ecKey();

const CLAIMS: Readonly<Record<number, string>> = { 8: ISSUER, 9: URI, 12: REPOSITORY, 14: 'refs/heads/main', 18: URI };

function verdict(
  wanted: Partial<WantedSigner>,
  claims: Readonly<Record<number, string | undefined>> = {},
  names: readonly x509.NamePlan[] = [['uri', URI]],
  profile: Profile = 'strict',
): string {
  const extensions = Object.entries({ ...CLAIMS, ...claims }).flatMap(([number, text]) =>
    text === undefined ? [] : [x509.fulcioClaim(Number(number), text)],
  );
  const made = x509.makeCertificate({
    subject: 'x',
    keys,
    extensions: [x509.alternativeNames(...names), ...extensions],
  });
  const read = readCertificate(made.der);
  if (!read.ok) throw new Error(read.problem);
  try {
    const all = { identity: URI, issuer: ISSUER, ...wanted };
    assertName(read.certificate, all, profile);
    assertBuild(read.certificate, all, profile);
    return 'ok';
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

const workflow = `${REPOSITORY}/.github/workflows/release.yml`;

describe('the wanted signer', () => {
  it('accepts the workflow and the branch, written short or in full', () => {
    for (const wanted of [{}, { workflow }, { branch: 'main' }, { branch: 'refs/heads/main', workflow }])
      expect(verdict(wanted)).toBe('ok');
  });

  it('accepts a workflow as GitLab writes it', () => {
    const project = 'https://gitlab.com/team/model';
    const claims = { 12: project, 18: `${project}//.gitlab-ci.yml@refs/heads/main` };
    const named: readonly x509.NamePlan[] = [['uri', claims[18]]];
    const identity = claims[18];
    expect(verdict({ identity, workflow: `${project}//.gitlab-ci.yml` }, claims, named)).toBe('ok');
    expect(verdict({ identity }, claims, named)).toBe('ok');
    expect(verdict({ identity, workflow: `${project}/.gitlab-ci.yml` }, claims, named)).toBe('identity-mismatch');
  });

  it('accepts a tag only by its full ref', () => {
    const uri = URI.replace('heads/main', 'tags/v1');
    const claims = { 14: 'refs/tags/v1', 18: uri };
    expect(verdict({ branch: 'refs/tags/v1', workflow }, claims)).toBe('ok');
    expect(verdict({ branch: 'v1' }, claims)).toBe('identity-mismatch');
  });

  describe('a public reusable workflow', () => {
    const reusable = 'https://github.com/shared/ci/.github/workflows/sign.yml@refs/heads/main';
    const named: readonly x509.NamePlan[] = [['uri', reusable]];
    const FORK = 'https://github.com/evil/fork';
    /** Called from a repository of somebody else, by a workflow of the same name, on a branch of the same name. */
    const evil = { 9: reusable, 12: FORK, 18: `${FORK}/.github/workflows/release.yml@refs/heads/main` };
    const asked = (wanted: Partial<WantedSigner>, claims: Readonly<Record<number, string | undefined>> = {}): string =>
      verdict({ identity: reusable, ...wanted }, { 9: reusable, ...claims }, named);

    it('counts for the repository that is pinned with the workflow at which the build started', () => {
      expect(asked({ workflow })).toBe('ok');
      expect(asked({ workflow, branch: 'main' })).toBe('ok');
      expect(asked({ workflow: 'https://github.com/shared/ci/.github/workflows/sign.yml' })).toBe('identity-mismatch');
    });

    it.each<readonly [string, Partial<WantedSigner>]>([
      ['its workflow', { workflow }],
      ['its workflow and branch', { workflow, branch: 'main' }],
      ['a bare path', { workflow: '.github/workflows/release.yml', branch: 'main' }],
      ['its branch', { branch: 'main' }],
      ['its name alone', {}],
    ])('does not count for a fork that calls it, pinned by %s', (_, wanted) => {
      expect(asked(wanted, evil)).toBe('identity-mismatch');
    });

    it('does not count where the caller is not pinned, or not told', () => {
      for (const wanted of [{}, { branch: 'main' }]) {
        expect(asked(wanted)).toBe('identity-mismatch');
        expect(asked(wanted, { 12: undefined })).toBe('identity-mismatch');
        expect(asked(wanted, { 12: undefined, 18: undefined })).toBe('identity-mismatch');
      }
    });

    it('is, without a branch, whoever calls it for compat, as for the reference', () => {
      const compat = (wanted: Partial<WantedSigner>): string =>
        verdict({ identity: reusable, ...wanted }, evil, named, 'compat');
      expect([compat({}), compat({ branch: 'main' }), compat({ workflow })]).toEqual([
        'ok',
        'identity-mismatch',
        'identity-mismatch',
      ]);
    });
  });

  it('needs no workflow where the name is not one of a workflow', () => {
    const claims = { 9: undefined, 12: undefined, 14: undefined, 18: undefined };
    const spiffe = 'spiffe://example.org/signer';
    expect(verdict({ identity: spiffe }, claims, [['uri', spiffe]])).toBe('ok');
    expect(verdict({ identity: 'ann@example.org' }, claims, [['email', 'ann@example.org']])).toBe('ok');
    expect(verdict({ identity: 'build.example.org' }, claims, [['dns', 'build.example.org']])).toBe('ok');
  });

  it.each<readonly [string, string, x509.NamePlan]>([
    ['an e-mail address as a DNS name', 'ann@example.org', ['dns', 'ann@example.org']],
    ['an e-mail address as a URI', 'ann@example.org', ['uri', 'ann@example.org']],
    ['an e-mail address as a name of another type', 'ann@example.org', ['other', 'ann@example.org']],
    ['a URI as an e-mail address', URI, ['email', URI]],
    ['a URI as a DNS name', URI, ['dns', URI]],
    ['a URI as a name of another type', URI, ['other', URI]],
    ['a DNS name as an e-mail address', 'build.example.org', ['email', 'build.example.org']],
    ['an address of a computer', '192.0.2.1', ['ip', Buffer.of(192, 0, 2, 1)]],
  ])('does not believe %s', (_, identity, name) => {
    for (const profile of ['strict', 'compat'] as const)
      expect(verdict({ identity }, {}, [name], profile)).toBe('identity-mismatch');
  });

  it.each<readonly [string, Partial<WantedSigner>, Readonly<Record<number, string | undefined>>]>([
    ['another identity', { identity: `${URI}x` }, {}],
    ['the start of an identity', { identity: REPOSITORY }, {}],
    ['another issuer', { issuer: `${ISSUER}/` }, {}],
    ['no issuer at all', {}, { 8: undefined }],
    ['another branch', { branch: 'dev' }, {}],
    ['a pull request', { branch: 'main' }, { 14: 'refs/pull/1/merge' }],
    ['another workflow', { workflow: workflow.replace('release', 'test') }, {}],
    ['the end of a workflow', { workflow: '.github/workflows/release.yml' }, {}],
    ['the beginning of a workflow', { workflow: REPOSITORY }, {}],
    ['a workflow with its ref', { workflow: URI }, {}],
    ['the workflow of another repository', { workflow }, { 12: 'https://github.com/team/other' }],
    ['a repository that begins alike', { workflow }, { 18: URI.replace('/model/', '/model-x/') }],
    ['the workflow on another ref than it ran', { workflow }, { 18: URI.replace('main', 'dev') }],
    ['a certificate that names no workflow', { workflow }, { 18: undefined }],
    ['a certificate that names no branch', { branch: 'main' }, { 14: undefined }],
  ])('refuses %s', (_, wanted, claims) => {
    expect(verdict(wanted, claims)).toBe('identity-mismatch');
  });

  it('believes exactly one name; the reference takes any of several', () => {
    const two: readonly x509.NamePlan[] = [
      ['email', 'eve@example.org'],
      ['uri', URI],
    ];
    expect(verdict({}, {}, two)).toBe('identity-mismatch');
    expect(verdict({}, {}, two, 'compat')).toBe('ok');
  });
});
