import { readCertificate } from '@vallum/formats';
import { x509 } from '@vallum/formats/testing';
import { describe, expect, it } from 'vitest';
import type { Profile } from '../method.js';
import { Refusal } from '../refusal.js';
import { assertSigner } from './wanted-signer.js';
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
    assertSigner(read.certificate, { identity: URI, issuer: ISSUER, ...wanted }, profile);
    return 'ok';
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

const workflow = '.github/workflows/release.yml';

describe('assertSigner', () => {
  it('accepts the workflow and the branch, written short or in full', () => {
    for (const wanted of [{}, { workflow }, { branch: 'main' }, { branch: 'refs/heads/main', workflow }])
      expect(verdict(wanted)).toBe('ok');
  });

  it('accepts a workflow as GitLab writes it', () => {
    const project = 'https://gitlab.com/team/model';
    const claims = { 12: project, 18: `${project}//.gitlab-ci.yml@refs/heads/main` };
    expect(verdict({ workflow: '.gitlab-ci.yml' }, claims)).toBe('ok');
  });

  it('accepts a tag only by its full ref', () => {
    const uri = URI.replace('heads/main', 'tags/v1');
    const claims = { 14: 'refs/tags/v1', 18: uri };
    expect(verdict({ branch: 'refs/tags/v1', workflow }, claims)).toBe('ok');
    expect(verdict({ branch: 'v1' }, claims)).toBe('identity-mismatch');
  });

  it('asks for the workflow at which the build started, not for the reusable one that signed', () => {
    const reusable = 'https://github.com/shared/ci/.github/workflows/sign.yml@refs/heads/main';
    const named: readonly x509.NamePlan[] = [['uri', reusable]];
    expect(verdict({ identity: reusable, workflow }, { 9: reusable }, named)).toBe('ok');
    expect(verdict({ identity: reusable, workflow: '.github/workflows/sign.yml' }, { 9: reusable }, named)).toBe(
      'identity-mismatch',
    );
  });

  it.each<readonly [string, Partial<WantedSigner>, Readonly<Record<number, string | undefined>>]>([
    ['another identity', { identity: `${URI}x` }, {}],
    ['the start of an identity', { identity: REPOSITORY }, {}],
    ['another issuer', { issuer: `${ISSUER}/` }, {}],
    ['no issuer at all', {}, { 8: undefined }],
    ['another branch', { branch: 'dev' }, {}],
    ['a pull request', { branch: 'main' }, { 14: 'refs/pull/1/merge' }],
    ['another workflow', { workflow: '.github/workflows/test.yml' }, {}],
    ['the end of a workflow', { workflow: 'release.yml' }, {}],
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
