// Bad input in CI identities: what the holder of the root and what a job gets wrong.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from './row.js';
import { put } from './row.js';

const URL = 'https://token.actions.githubusercontent.com';
const ADD = ['trust', 'issuer', 'add', URL, '--keys', 'jwks.json', '--claims', 'github'];
const JOB = ['--issuer', URL, '--subject', 'repo:acme/spam-filter:*', '--roles', 'produce:*'];

export const identity: readonly Row[] = [
  {
    condition: 'a key set that is not there',
    on: 'fresh',
    as: 'root',
    args: ADD,
    exit: 3,
    first: 'vallum: cannot read jwks.json: there is no such file [DISK_READ]',
  },
  {
    condition: 'a key set that is a page',
    on: 'fresh',
    as: 'root',
    spoil: put('jwks.json', '<html>'),
    args: ADD,
    exit: 3,
    first: 'vallum: jwks.json: this is not strict JSON: a value is missing or broken (at character 0) [JSON_INVALID]',
  },
  {
    condition: 'the discovery document in place of the key set',
    on: 'fresh',
    as: 'root',
    spoil: put('jwks.json', `{"issuer":"${URL}"}`),
    args: ADD,
    exit: 3,
    first: 'vallum: jwks.json: this is not a key set [JWKS]',
    also: ['fix: give the file that the issuer names as its jwks_uri'],
  },
  {
    condition: 'a key set with a private key',
    on: 'fresh',
    as: 'root',
    spoil: put('jwks.json', '{"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"AA","y":"AA","d":"AA"}]}'),
    args: ADD,
    exit: 3,
    first: 'vallum: jwks.json: the key a holds a private or symmetric key [ISSUER_KEY]',
  },
  {
    condition: 'claims of an unknown form',
    on: 'fresh',
    as: 'root',
    args: ['trust', 'issuer', 'add', URL, '--keys', 'jwks.json', '--claims', 'jenkins'],
    exit: 3,
    first: 'vallum: "jenkins" is no form of claims [ISSUER_CLAIMS]',
    also: ['fix: the forms are github, gitlab'],
  },
  {
    condition: 'an issuer without the root key',
    on: 'fresh',
    as: 'author',
    args: ADD,
    exit: 3,
    first: 'vallum: the root key of trust.json is not in DIR/keys/author [TRUST_ROOT]',
  },
  {
    condition: 'a job of an issuer that is not pinned',
    on: 'fresh',
    as: 'root',
    args: ['trust', 'enrol', 'ci', ...JOB],
    exit: 3,
    first: `vallum: an identity of ci names the issuer ${URL}, which is not pinned [IDENTITY_ISSUER]`,
    also: ['fix: add the issuer first'],
  },
  {
    condition: 'a job without its issuer',
    on: 'fresh',
    as: 'root',
    args: ['trust', 'enrol', 'ci', '--branch', 'main', '--roles', 'produce:*'],
    exit: 3,
    first: 'vallum: a CI job is enrolled by its issuer and its subject [IDENTITY_OPTIONS]',
  },
  {
    condition: 'a job with a key algorithm',
    on: 'fresh',
    as: 'root',
    args: ['trust', 'enrol', 'ci', ...JOB, '--algorithm', 'p256'],
    exit: 3,
    first: 'vallum: a CI job makes its own Ed25519 keys [IDENTITY_OPTIONS]',
  },
  {
    condition: 'identity new where no issuer is pinned',
    on: 'fresh',
    args: ['identity', 'new'],
    exit: 2,
    first: 'vallum: trust.json pins no issuer of CI identities [IDENTITY_NONE]',
  },
  {
    condition: 'a token file that is not there',
    on: 'fresh',
    args: ['identity', 'use', '--token', 'token.jwt'],
    exit: 3,
    first: 'vallum: cannot read token.jwt: there is no such file [DISK_READ]',
  },
  {
    condition: 'an empty token, as an unset variable gives',
    on: 'fresh',
    spoil: put('token.jwt', '\n'),
    args: ['identity', 'use', '--token', 'token.jwt'],
    exit: 2,
    first: 'vallum: the token does not have three parts [TOKEN_FORM]',
    also: ['fix: hand over the token exactly as the CI system gave it'],
  },
  {
    condition: 'the JSON answer in place of the token',
    on: 'fresh',
    spoil: put('token.jwt', '{"value":"a.b.c"}'),
    args: ['identity', 'use', '--token', 'token.jwt'],
    exit: 2,
    first: 'vallum: the token has a header that is not canonical base64url [TOKEN_FORM]',
  },
  {
    condition: 'a token that is too long',
    on: 'fresh',
    spoil: put('token.jwt', 'x'.repeat(20_000)),
    args: ['identity', 'use', '--token', 'token.jwt'],
    exit: 3,
    first: 'vallum: token.jwt has 20000 bytes, more than the 16386 that are read [DISK_TOO_LARGE]',
  },
  {
    condition: 'a token whose audience names no key here',
    on: 'fresh',
    spoil: ({ project }) => {
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const token = `${part({ alg: 'RS256', kid: 'a' })}.${part({ aud: 'sts.example.com' })}.AA`;
      writeFileSync(join(project, 'token.jwt'), token);
    },
    args: ['identity', 'use', '--token', 'token.jwt'],
    exit: 2,
    first:
      'vallum: the token is for the audience "sts.example.com", which names no key in DIR/keys/runner for the project spam-filter [TOKEN_AUDIENCE]',
    also: ['fix: run vallum identity new, and ask for a token with exactly the audience that it prints'],
  },
];
