// Bad input for exports, signatures and scans.
import { readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from '../command.js';
import { frozenTrust } from '../frozen.js';
import type { Row, Spoil } from './row.js';
import { ESCAPE, put } from './row.js';

const ZEROS = '0'.repeat(64);
/** v1.json, an export of the released version, after somebody had his hands on it. */
const exported =
  (change: (file: string, place: Place) => void): Spoil =>
  async (place) => {
    await place.as('runner', ['evidence', 'export', 'v1', '--out', 'v1.json']);
    change(join(place.project, 'v1.json'), place);
  };
const VERIFY = ['evidence', 'verify', 'v1.json', '--trust', 'trust.json'];

export const proof: readonly Row[] = [
  {
    condition: 'a truncated export',
    on: 'released',
    spoil: exported((file) => truncateSync(file, 100)),
    args: VERIFY,
    exit: 2,
    first:
      'vallum: v1.json: this export proves nothing: this is not strict JSON: a string is missing or broken (at character 14) [EXPORT_INVALID]',
  },
  {
    condition: 'an export with another figure in it',
    on: 'released',
    spoil: exported((file) =>
      writeFileSync(file, readFileSync(file, 'utf8').replace('"outcome":"pass"', '"outcome":"fail"')),
    ),
    args: VERIFY,
    exit: 2,
    first: 'vallum: v1.json: this export proves nothing: its entries are not those of the checkpoint [EXPORT_INVALID]',
  },
  {
    condition: 'a file that is no export',
    on: 'released',
    args: ['evidence', 'verify', 'policy.json', '--trust', 'trust.json'],
    exit: 2,
    first:
      'vallum: policy.json: this export proves nothing: the export does not have exactly the fields checkpoint, entries, schema, statements, subjects [EXPORT_INVALID]',
  },
  {
    condition: 'an export against the trust file of another project',
    on: 'released',
    spoil: exported((_file, { project }) => writeFileSync(join(project, 'theirs.json'), frozenTrust())),
    args: ['evidence', 'verify', 'v1.json', '--trust', 'theirs.json'],
    exit: 2,
    first:
      'vallum: theirs.json is signed by another root than the one that is pinned or given for spam-filter [TRUST_ROOT_DIFFERS]',
  },
  {
    condition: 'a trust file that is none',
    on: 'released',
    spoil: exported(() => undefined),
    args: ['evidence', 'verify', 'v1.json', '--trust', 'policy.json'],
    exit: 2,
    first: 'vallum: policy.json: this is not a trust file [TRUST_TYPE]',
  },
  {
    condition: 'an export against another root',
    on: 'released',
    spoil: exported(() => undefined),
    args: [...VERIFY, '--trust-root', ZEROS],
    exit: 2,
    first:
      'vallum: trust.json is signed by another root than the one that is pinned or given for spam-filter [TRUST_ROOT_DIFFERS]',
  },
  {
    condition: 'no such export',
    on: 'released',
    args: VERIFY,
    exit: 3,
    first: 'vallum: cannot read v1.json: there is no such file [DISK_READ]',
  },
  {
    condition: 'an export into a folder that is not there',
    on: 'released',
    args: ['evidence', 'export', 'v1', '--out', 'nowhere/v1.json'],
    exit: 3,
    first: 'vallum: there is no folder nowhere [EXPORT_OUT]',
  },
  {
    condition: 'verify without a key outside a project',
    on: 'released',
    spoil: ({ dir, project }) => renameSync(join(project, 'models/v1'), join(dir, 'v1')),
    cwd: ({ dir }) => dir,
    args: ['verify', 'v1'],
    exit: 3,
    first: 'vallum: no project is around v1, so no key is enrolled [VERIFY_KEY]',
  },
  {
    condition: 'verify with a key that is none',
    on: 'released',
    args: ['verify', 'models/v1', '--key', 'trust.json'],
    exit: 3,
    first: 'vallum: trust.json is not a public key in PEM [VERIFY_KEY]',
  },
  {
    condition: 'sign a folder that is not there',
    on: 'fresh',
    as: 'author',
    args: ['sign', 'models/v9'],
    exit: 3,
    first: 'vallum: models/v9 is neither a folder nor a file [SIGN_DIR]',
  },
  {
    condition: 'sign over the weights',
    on: 'fresh',
    as: 'author',
    args: ['sign', 'models/v1', '--signature', 'model.onnx'],
    exit: 3,
    first: 'vallum: model.onnx is there already and is no signature [SIGN_OVERWRITE]',
  },
  {
    condition: 'sign with a key that is none',
    on: 'fresh',
    as: 'author',
    args: ['sign', 'models/v1', '--key', 'trust.json'],
    exit: 3,
    first: 'vallum: trust.json is not a private key in PEM [SIGN_KEY]',
  },
  {
    condition: 'scan of a missing path',
    on: 'fresh',
    args: ['scan', 'models/v9'],
    exit: 3,
    first: 'vallum: cannot read models/v9: there is no such file [DISK_READ]',
  },
  {
    condition: 'scan with a policy that is missing',
    on: 'fresh',
    args: ['scan', 'models/v1', '--policy', 'rules.yaml'],
    exit: 3,
    first: 'vallum: cannot read rules.yaml: there is no such file [DISK_READ]',
  },
  {
    condition: 'scan with a policy whose key is misspelt',
    on: 'fresh',
    spoil: put('rules.yaml', 'schema: vallum/scan-policy/v1\nsupressions: []\n'),
    args: ['scan', 'models/v1', '--policy', 'rules.yaml'],
    exit: 3,
    first: 'vallum: rules.yaml: the key "supressions" is not known [SCAN_POLICY]',
    also: ['did you mean "suppressions"?'],
  },
  {
    condition: 'scan with a suppression for ever',
    on: 'fresh',
    spoil: put(
      'rules.yaml',
      `schema: vallum/scan-policy/v1\nsuppressions: [{ rule: VLM-PKL-001, sha256: ${'a'.repeat(64)}, reason: it is fine here, expires: never }]\n`,
    ),
    args: ['scan', 'models/v1', '--policy', 'rules.yaml'],
    exit: 3,
    first: 'vallum: rules.yaml: the key "suppressions.0.expires": a day is written YYYY-MM-DD [SCAN_POLICY]',
  },
  {
    condition: 'scan with a policy that allows a shell',
    on: 'fresh',
    spoil: put(
      'rules.yaml',
      "schema: vallum/scan-policy/v1\nallow: [{ names: ['os:system'], how: [call], reason: it is fine here }]\n",
    ),
    args: ['scan', 'models/v1', '--policy', 'rules.yaml'],
    exit: 3,
    first: 'vallum: os:system cannot be allowed, since it runs a program or a shell command [SCAN_POLICY]',
  },
  {
    condition: 'scan with a policy that is a list',
    on: 'fresh',
    spoil: put('rules.yaml', '- gate\n'),
    args: ['scan', 'models/v1', '--policy', 'rules.yaml'],
    exit: 3,
    first: 'vallum: rules.yaml: it is not a mapping of keys [SCAN_POLICY]',
  },
  {
    condition: 'scan with a baseline that is no JSON',
    on: 'fresh',
    spoil: put('baseline.json', 'nothing'),
    args: ['scan', 'models/v1', '--baseline', 'baseline.json'],
    exit: 3,
    first:
      'vallum: baseline.json: this is not strict JSON: a value is missing or broken (at character 0) [SCAN_BASELINE]',
  },
  {
    condition: 'scan with a baseline that is something else',
    on: 'fresh',
    spoil: put('baseline.json', '{}'),
    args: ['scan', 'models/v1', '--baseline', 'baseline.json'],
    exit: 3,
    first: 'vallum: baseline.json: it is no answer of vallum scan --format json [SCAN_BASELINE]',
  },
  {
    condition: 'scan of a missing path with control characters',
    on: 'fresh',
    args: ['scan', `models${ESCAPE}`],
    exit: 3,
    first: 'vallum: cannot read models\\u{1b}[2J: there is no such file [DISK_READ]',
  },
];
