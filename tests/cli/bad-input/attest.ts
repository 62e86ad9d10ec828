// Bad input for provenance and declared sources.
import { mkdirSync, symlinkSync } from 'node:fs';
import type { Row, Spoil } from './row.js';
import { CHECKED, edit, inProject, put } from './row.js';

const RUNNER_KEY = '../keys/runner/runner.key.json';
const ATTEST = ['attest', 'v1'];
const FOLDER = ['attest', 'models/v1', '--key', RUNNER_KEY, '--out', 'v1.provenance.json'];
const BASE = 'base: { name: bert, path: models/v2, origin: "https://models.example.org/bert"';
/** vallum.yaml with sources, written as a person would. */
const sources =
  (text: string, base = `${BASE} }`): Spoil =>
  async (place) => {
    await edit('vallum.yaml', 'v1: { model: models/v1,', `v1: { model: models/v1, ${base},`)(place);
    await edit('vallum.yaml', 'labels: [ham, spam]', `labels: [ham, spam]\nsources: ${text}`)(place);
  };

export const attest: readonly Row[] = [
  {
    condition: 'attest by somebody without the role',
    on: 'fresh',
    as: 'author',
    args: ATTEST,
    exit: 3,
    first: 'vallum: no key in DIR/keys/author holds the role attest [ACT_NO_ROLE]',
  },
  {
    condition: 'attest a version that is not declared',
    on: 'fresh',
    args: ['attest', 'v9'],
    exit: 3,
    first: 'vallum: vallum.yaml declares no version "v9" [TARGET_UNKNOWN]',
  },
  {
    condition: 'attest rows that did not train the model',
    on: 'fresh',
    spoil: edit('feeds/ham-feed/rows.jsonl', 'meeting', 'Meeting'),
    args: ATTEST,
    exit: 2,
    first: 'vallum: the feed ham-feed is not the one that run.json names, so nothing is attested [ATTEST_RUN]',
  },
  {
    condition: 'attest weights that the run did not write',
    on: 'fresh',
    spoil: put('models/v1/model.onnx', 'x'),
    args: ATTEST,
    exit: 2,
    first: 'vallum: the file model.onnx is not the one that run.json names, so nothing is attested [ATTEST_RUN]',
  },
  {
    condition: 'attest with a base model that is not there',
    on: 'fresh',
    args: [...ATTEST, '--base', 'models/v9'],
    exit: 3,
    first: 'vallum: the base model models/v9 is not a folder [ATTEST_BASE]',
  },
  {
    condition: 'attest with an environment that is a folder',
    on: 'fresh',
    args: [...ATTEST, '--environment', 'models'],
    exit: 3,
    first: 'vallum: models is not a regular file [ATTEST_ENVIRONMENT]',
  },
  {
    condition: 'attest with an image by its tag',
    on: 'fresh',
    args: [...ATTEST, '--container', 'registry.example.org/train:latest'],
    exit: 3,
    first: 'vallum: "registry.example.org/train:latest" names no image by its digest [ATTEST_CONTAINER]',
  },
  {
    condition: 'attest with a branch that is none',
    on: 'fresh',
    args: [...ATTEST, '--branch', '../main'],
    exit: 3,
    first: 'vallum: "../main" is not the name of a branch [ATTEST_BRANCH]',
  },
  {
    condition: 'attest with a tag for a branch',
    on: 'fresh',
    args: [...ATTEST, '--branch', 'refs/tags/v1'],
    exit: 3,
    first: 'vallum: "refs/tags/v1" is not the name of a branch [ATTEST_BRANCH]',
  },
  {
    condition: 'attest with a workflow that holds a terminal escape',
    on: 'fresh',
    args: [...ATTEST, '--workflow', 'train\u001b[2J.yml'],
    exit: 3,
    first:
      'vallum: this is no provenance that can be used: the path of the workflow holds a control character [PROVENANCE_INVALID]',
    also: ['fix: give --builder, --workflow and the names of feeds as plain text'],
  },
  {
    condition: 'attest a version into its own folder',
    on: 'fresh',
    args: [...ATTEST, '--out', 'models/v1/prov.json'],
    exit: 3,
    first: 'vallum: models/v1/prov.json lies in the folder that it speaks about [ATTEST_OUT]',
  },
  {
    condition: 'attest a version into its own folder through a link',
    on: 'fresh',
    spoil: inProject((file) => symlinkSync(file('models'), file('elsewhere'))),
    args: [...ATTEST, '--out', 'elsewhere/v1/prov.json'],
    exit: 3,
    first: 'vallum: elsewhere/v1/prov.json lies in the folder that it speaks about [ATTEST_OUT]',
  },
  {
    condition: 'attest a version into the folder of its base model',
    on: 'fresh',
    args: [...ATTEST, '--base', 'models/v2', '--out', 'models/v2/prov.json'],
    exit: 3,
    first: 'vallum: models/v2/prov.json lies in the folder that it speaks about [ATTEST_OUT]',
  },
  {
    condition: 'attest with a short commit',
    on: 'fresh',
    args: [...ATTEST, '--commit', 'abc1234'],
    exit: 3,
    first: 'vallum: "abc1234" is not the id of a git commit [ATTEST_COMMIT]',
  },
  {
    condition: 'attest with a builder that holds a terminal escape',
    on: 'fresh',
    args: [...ATTEST, '--builder', 'https://ci\u001b[2J/'],
    exit: 3,
    first: 'vallum: this is no provenance that can be used: builder.id holds a control character [PROVENANCE_INVALID]',
  },
  {
    condition: 'attest over the declaration',
    on: 'fresh',
    args: [...ATTEST, '--out', 'vallum.yaml'],
    exit: 3,
    first: 'vallum: vallum.yaml is there already and is no provenance [ATTEST_OUT]',
  },
  {
    condition: 'attest into a folder that is not there',
    on: 'fresh',
    args: [...ATTEST, '--out', 'nowhere/v1.json'],
    exit: 3,
    first: 'vallum: there is no folder nowhere [ATTEST_OUT]',
  },
  {
    condition: 'attest into a linked folder',
    on: 'fresh',
    spoil: inProject((file) => {
      mkdirSync(file('elsewhere'));
      symlinkSync(file('elsewhere'), file('attestations'));
    }),
    args: ATTEST,
    exit: 2,
    first: 'vallum: DIR/project/attestations is a symbolic link, not a folder [DISK_LINK]',
  },
  {
    condition: 'attest a file with a key',
    on: 'fresh',
    args: ['attest', 'vallum.yaml', ...FOLDER.slice(2)],
    exit: 3,
    first: 'vallum: vallum.yaml is not a folder [ATTEST_DIR]',
  },
  {
    condition: 'attest with a key and nowhere to write to',
    on: 'fresh',
    args: FOLDER.slice(0, 4),
    exit: 3,
    first: 'vallum: with --key it has to be said where the provenance is written [ATTEST_OUT]',
  },
  {
    condition: 'attest into the folder itself',
    on: 'fresh',
    args: [...FOLDER.slice(0, 5), 'models/v1/provenance.json'],
    exit: 3,
    first: 'vallum: models/v1/provenance.json lies in the folder that it speaks about [ATTEST_OUT]',
  },
  {
    condition: 'attest with a key file that is none',
    on: 'fresh',
    args: ['attest', 'models/v1', '--key', 'vallum.yaml', '--out', 'v1.json'],
    exit: 3,
    first: 'vallum: vallum.yaml: this is not strict JSON: a value is missing or broken (at character 0) [JSON_INVALID]',
  },
  {
    condition: 'verify a provenance that is not there',
    on: 'fresh',
    args: ['attest', 'verify', 'none.json', '--subject', 'models/v1'],
    exit: 3,
    first: 'vallum: cannot read none.json: there is no such file [DISK_READ]',
  },
  {
    condition: 'verify a provenance of a folder that is not there',
    on: 'fresh',
    args: ['attest', 'verify', 'trust.json', '--subject', 'models/v9'],
    exit: 3,
    first: 'vallum: models/v9 is not a folder [ATTEST_DIR]',
  },
  {
    condition: 'verify a provenance without a word about its subject',
    on: 'fresh',
    args: ['attest', 'verify', 'trust.json'],
    exit: 3,
    first: "vallum: required option '--subject <dir>' not specified [USAGE]",
  },
  {
    condition: 'an allowed origin over http',
    on: 'fresh',
    spoil: sources('{ allowed: [{ origin: "http://models.example.org/" }] }'),
    args: ['check', 'v1'],
    exit: 3,
    first:
      'vallum: vallum.yaml: the key "sources.allowed.0.origin": an origin is plain, and the scheme http is none of https, git+https, oci, s3, gs, hf [PROJECT_KEY]',
  },
  {
    condition: 'a place that is allowed twice, once by a signer',
    on: 'fresh',
    spoil: sources(
      '{ allowed: [{ origin: "https://a.example/x", signer: { principal: a } }, { origin: "https://a.example/x/" }] }',
    ),
    args: ['check', 'v1'],
    exit: 3,
    first:
      'vallum: vallum.yaml: the key "sources.allowed.1.origin": it is the same place as https://a.example/x, which is allowed already [PROJECT_KEY]',
  },
  {
    condition: 'a job whose subject is all of an owner',
    on: 'fresh',
    spoil: sources(
      '{ allowed: [{ origin: "https://a.example/", signer: { issuer: "https://ci.example", subject: "repo:acme/*", workflow: w, branch: main } }] }',
    ),
    args: ['check', 'v1'],
    exit: 3,
    first:
      'vallum: vallum.yaml: the key "sources.allowed.0.signer.subject": a subject names one repository, whole or up to ":*" or "/*" behind it [PROJECT_KEY]',
  },
  {
    condition: 'a signer who is both a principal and a key',
    on: 'fresh',
    spoil: sources(
      `{ allowed: [{ origin: "https://a.example/", signer: { principal: a, key: "${'0'.repeat(64)}" } }] }`,
    ),
    args: ['check', 'v1'],
    exit: 3,
    first:
      'vallum: vallum.yaml: the key "sources.allowed.0.signer": a signer is a principal, or a key, or has an issuer [PROJECT_KEY]',
  },
  {
    condition: 'a job that is pinned by its issuer alone',
    on: 'fresh',
    spoil: sources(
      '{ allowed: [{ origin: "https://a.example/", signer: { issuer: "https://ci.example", branch: main } }] }',
    ),
    args: ['check', 'v1'],
    exit: 3,
    first:
      'vallum: vallum.yaml: the key "sources.allowed.0.signer": a CI job is pinned by issuer, workflow and branch [PROJECT_KEY]',
  },
  {
    condition: 'a job whose subject is everybody on the host',
    on: 'fresh',
    spoil: sources(
      '{ allowed: [{ origin: "https://a.example/", signer: { issuer: "https://ci.example", subject: "repo:*", workflow: w, branch: main } }] }',
    ),
    args: ['check', 'v1'],
    exit: 3,
    first:
      'vallum: vallum.yaml: the key "sources.allowed.0.signer.subject": a subject names one repository, whole or up to ":*" or "/*" behind it [PROJECT_KEY]',
  },
  {
    condition: 'a name in a certificate without its issuer',
    on: 'fresh',
    spoil: sources('{ allowed: [{ origin: "https://a.example/", signer: { principal: a, identity: b } }] }'),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: vallum.yaml: the key "sources.allowed.0.signer": subject and identity need an issuer [PROJECT_KEY]',
  },
  {
    condition: 'an attested file that is not in the base model',
    on: 'fresh',
    spoil: sources(
      '{ allowed: [{ origin: "https://models.example.org/" }] }',
      `${BASE}, attested: { file: nowhere.bin } }`,
    ),
    args: ['check', 'v1'],
    exit: 1,
    first: CHECKED.replace('8', '9'),
    also: ['the attested file nowhere.bin is not in the folder'],
  },
  {
    condition: 'verify a provenance by an issuer alone',
    on: 'fresh',
    args: ['attest', 'verify', 'trust.json', '--subject', 'models/v1', '--issuer', 'https://ci.example'],
    exit: 3,
    first: 'vallum: an issuer alone names no job: all its jobs have it [ATTEST_PIN]',
  },
  {
    condition: 'verify a provenance by a name that nobody vouches for',
    on: 'fresh',
    args: ['attest', 'verify', 'trust.json', '--subject', 'models/v1', '--identity', 'alice@example.org'],
    exit: 3,
    first: 'vallum: --identity alone names nobody [ATTEST_PIN]',
  },
  {
    condition: 'verify a provenance in a Sigstore bundle by a broken trusted root',
    on: 'fresh',
    args: [
      ...['attest', 'verify', 'trust.json', '--subject', 'models/v1', '--identity', 'alice@example.org'],
      ...['--issuer', 'https://ci.example', '--trusted-root', 'trust.json'],
    ],
    exit: 3,
    first:
      'vallum: trust.json: the trusted root cannot be used: its mediaType is not that of a trusted root [TRUSTED_ROOT_INVALID]',
  },
  {
    condition: 'a misspelt pin',
    on: 'fresh',
    spoil: sources('{ allowed: [{ origin: "https://a.example/" }] }', `${BASE}, digets: x }`),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: vallum.yaml: the key "versions.v1.base.digets" is not known [PROJECT_KEY]',
    also: ['fix: did you mean "digest"?'],
  },
  {
    condition: 'a pinned feed that is not declared',
    on: 'fresh',
    spoil: sources('{ allowed: [{ origin: "https://a.example/" }], feeds: { ham-fed: {} } }'),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: vallum.yaml: sources.feeds names "ham-fed", which is not under feeds [PROJECT_KEY]',
    also: ['fix: did you mean "ham-feed"?'],
  },
];
