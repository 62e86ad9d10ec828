// Bad input for the vault: passphrases, keyrings, programs, objects and places that are not what they should be.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeVault, sealAs } from '../../support/vault.js';
import type { Place } from '../command.js';
import type { Row, Spoil } from './row.js';
import { edit } from './row.js';

const WHY = ['--why', 'for the table'];
const PASS = ['--passphrase-file', '../keys/approver/passphrase'];
const ID = '00112233445566778899aabbccddeeff';
const OTHER = 'ffeeddccbbaa99887766554433221100';
const OPEN = ['data', 'open', 'data/ham-feed', '--out', 'out', ...WHY, ...PASS];
const as = 'approver';

const homeOf = ({ dir, project }: Place): { readonly project: string; readonly keys: string } => ({
  project,
  keys: join(dir, 'keys/approver'),
});

/** A vault with one sealed feed, spoilt by what follows. */
function vault(...more: readonly ((place: Place) => unknown)[]): Spoil {
  return async (place) => {
    await makeVault(homeOf(place));
    await sealAs(homeOf(place), ID, { kind: 'data', name: 'ham-feed', path: 'feeds/ham-feed' });
    for (const spoil of more) await spoil(place);
  };
}

const inVault =
  (work: (file: (name: string) => string) => void) =>
  ({ project }: Place): void =>
    work((name) => join(project, 'vault', name));
const custodian =
  (work: (file: (name: string) => string) => void) =>
  ({ dir }: Place): void =>
    work((name) => join(dir, 'keys/approver', name));
const declare =
  (keys: string): Spoil =>
  (place) =>
    edit('vallum.yaml', 'project: spam-filter', `vault: { keys: ${keys} }\nproject: spam-filter`)(place);
const secondObject = (place: Place): Promise<void> =>
  sealAs(homeOf(place), OTHER, { kind: 'data', name: 'spam-feed', path: 'feeds/spam-feed' });

/** The feed as somebody sealed it in a project of another name, under the same keys. */
async function ofAnotherProject(place: Place): Promise<void> {
  const yaml = join(place.project, 'vallum.yaml');
  const before = readFileSync(yaml, 'utf8');
  const { project, keys } = homeOf(place);
  writeFileSync(yaml, before.replace('project: spam-filter', 'project: other'));
  const { nodeDisk, sha256 } = await import('@vallum/core');
  const { openKeyring, sealObject } = await import('@vallum/data');
  const ring = await openKeyring({
    disk: nodeDisk,
    path: join(keys, 'keyring.json'),
    passphrase: 'correct horse battery staple',
  });
  const source = await nodeDisk.open(join(project, 'feeds/ham-feed/rows.jsonl'));
  for (const suffix of ['sealed', 'key']) rmSync(join(project, 'vault', `${ID}.${suffix}`));
  await sealObject({
    disk: nodeDisk,
    path: join(project, 'vault', ID),
    source,
    object: 'other/data/ham-feed',
    version: ID,
    digest: sha256(''),
    checkDigest: false,
    keys: ring,
  });
  await source.close();
  writeFileSync(yaml, before);
}

export const vaultRows: readonly Row[] = [
  {
    condition: 'no vault',
    on: 'fresh',
    as,
    args: ['data', 'list'],
    exit: 3,
    first: 'vallum: vallum.yaml declares no vault [VAULT_UNDECLARED]',
  },
  {
    condition: 'a vault in a model folder',
    on: 'fresh',
    as,
    spoil: edit(
      'vallum.yaml',
      'project: spam-filter',
      'vault: { folder: models/v1/vault, keys: { provider: passphrase-file, file: k } }\nproject: spam-filter',
    ),
    args: ['data', 'list'],
    exit: 3,
    first: 'vallum: vallum.yaml: the folder of the vault, models/v1/vault, and models/v1 are not apart [PROJECT_KEY]',
  },
  {
    condition: 'a keyring in the project',
    on: 'fresh',
    as,
    spoil: declare('{ provider: passphrase-file, file: ../../project/keyring.json }'),
    args: ['data', 'init', ...PASS],
    exit: 3,
    first: 'vallum: the keyring, DIR/project/keyring.json, lies inside the project [KEYS_INSIDE]',
  },
  {
    condition: 'a keyring that a link leads into the project',
    on: 'fresh',
    as,
    spoil: (place) => {
      symlinkSync(place.project, join(place.dir, 'elsewhere'));
      return declare('{ provider: passphrase-file, file: ../../elsewhere/keyring.json }')(place);
    },
    args: ['data', 'init', ...PASS],
    exit: 3,
    first: 'vallum: the keyring, DIR/elsewhere/keyring.json, lies inside the project [KEYS_INSIDE]',
  },
  {
    condition: 'a short passphrase for a new keyring',
    on: 'fresh',
    as,
    spoil: (place) => {
      writeFileSync(join(place.dir, 'keys/approver/passphrase'), 'short\n', { mode: 0o600 });
      return declare('{ provider: passphrase-file, file: keyring.json }')(place);
    },
    args: ['data', 'init', ...PASS],
    exit: 3,
    first: 'vallum: the passphrase has fewer than 12 characters [VAULT_PASSPHRASE]',
  },
  {
    condition: 'a keyring that is there already',
    on: 'fresh',
    as,
    spoil: vault(),
    args: ['data', 'init', ...PASS],
    exit: 3,
    first: 'vallum: DIR/keys/approver/keyring.json is there already [VAULT_EXISTS]',
  },
  {
    condition: 'a wrong passphrase',
    on: 'fresh',
    as,
    spoil: vault(custodian((file) => writeFileSync(file('passphrase'), 'another horse battery staple\n'))),
    args: OPEN,
    exit: 3,
    first: 'vallum: the passphrase does not open DIR/keys/approver/keyring.json [VAULT_PASSPHRASE]',
  },
  {
    condition: 'no passphrase and no terminal',
    on: 'fresh',
    as,
    spoil: vault(),
    args: OPEN.slice(0, -2),
    exit: 3,
    first: 'vallum: there is no terminal to ask for the passphrase [VAULT_PASSPHRASE]',
  },
  {
    condition: 'a passphrase that others can read',
    on: 'fresh',
    as,
    spoil: vault(custodian((file) => chmodSync(file('passphrase'), 0o644))),
    args: OPEN,
    exit: 3,
    first: 'vallum: ../keys/approver/passphrase is readable by other accounts [KEY_MODE]',
  },
  {
    condition: 'no keyring',
    on: 'fresh',
    as,
    spoil: vault(custodian((file) => rmSync(file('keyring.json')))),
    args: OPEN,
    exit: 3,
    first: 'vallum: cannot read DIR/keys/approver/keyring.json: there is no such file [DISK_READ]',
  },
  {
    condition: 'a keyring that others can read',
    on: 'fresh',
    as,
    spoil: vault(custodian((file) => chmodSync(file('keyring.json'), 0o640))),
    args: OPEN,
    exit: 3,
    first: 'vallum: DIR/keys/approver/keyring.json is readable by other accounts [KEY_MODE]',
  },
  {
    condition: 'a signing key in place of the keyring',
    on: 'fresh',
    as,
    spoil: vault(custodian((file) => copyFileSync(file('approver.key.json'), file('keyring.json')))),
    args: OPEN,
    exit: 3,
    first:
      'vallum: DIR/keys/approver/keyring.json is no usable keyring: its schema is not vallum/keyring/v1 [VAULT_KEYRING]',
  },
  {
    condition: 'an object that was cut off',
    on: 'fresh',
    as,
    spoil: vault(
      inVault((file) => writeFileSync(file(`${ID}.sealed`), readFileSync(file(`${ID}.sealed`)).subarray(0, 100))),
    ),
    args: OPEN,
    exit: 2,
    first: `vallum: DIR/project/vault/${ID}.sealed is not a sealed file: its first line does not end [VAULT_HEADER]`,
  },
  {
    condition: 'the key file of another object',
    on: 'fresh',
    as,
    spoil: vault(
      secondObject,
      inVault((file) => copyFileSync(file(`${OTHER}.key`), file(`${ID}.key`))),
    ),
    args: OPEN,
    exit: 2,
    first: `vallum: the key file beside DIR/project/vault/${ID}.sealed is that of another object or of another seal [VAULT_MISMATCH]`,
  },
  {
    condition: 'an object of another project',
    on: 'fresh',
    as,
    spoil: vault(ofAnotherProject),
    args: OPEN,
    exit: 2,
    first: `vallum: the object ${ID} is not the one that the ledger says was sealed [VAULT_CONTEXT]`,
  },
  {
    condition: 'an object whose key file is gone',
    on: 'fresh',
    as,
    spoil: vault(inVault((file) => rmSync(file(`${ID}.key`)))),
    args: OPEN,
    exit: 3,
    first: `vallum: there is no key file DIR/project/vault/${ID}.key: the object was shredded, or the file is lost [VAULT_SHREDDED]`,
  },
  {
    condition: 'an object that is shredded twice',
    on: 'fresh',
    as,
    spoil: vault((place) => place.inProcess(as, ['data', 'shred', ID, ...WHY])),
    args: ['data', 'shred', ID, ...WHY],
    exit: 3,
    first: `vallum: spam-filter/data/ham-feed (${ID}) is shredded already [VAULT_SHREDDED]`,
  },
  {
    condition: 'an object that nobody knows',
    on: 'fresh',
    as,
    spoil: vault(),
    args: ['data', 'open', 'ham-fed', ...WHY, ...PASS],
    exit: 3,
    first: 'vallum: the ledger knows no object "ham-fed" in the vault [OBJECT_UNKNOWN]',
  },
  {
    condition: 'a place that is taken',
    on: 'fresh',
    as,
    spoil: vault(),
    args: OPEN.map((arg) => (arg === 'out' ? 'vallum.yaml' : arg)),
    exit: 3,
    first: 'vallum: DIR/project/vallum.yaml is there already [VAULT_EXISTS]',
  },
  {
    condition: 'a device as the place',
    on: 'fresh',
    as,
    spoil: vault(),
    args: OPEN.map((arg) => (arg === 'out' ? '/dev/full' : arg)),
    exit: 3,
    first: 'vallum: /dev/full is there already [VAULT_EXISTS]',
  },
  {
    condition: 'a place that others share',
    on: 'fresh',
    as,
    spoil: vault(({ project }) => {
      mkdirSync(join(project, 'shared'));
      chmodSync(join(project, 'shared'), 0o777);
    }),
    args: OPEN.map((arg) => (arg === 'out' ? 'shared/out' : arg)),
    exit: 3,
    first: 'vallum: other accounts can write into DIR/project/shared [VAULT_SHARED]',
  },
  {
    condition: 'a place in the vault itself',
    on: 'fresh',
    as,
    spoil: vault(),
    args: OPEN.map((arg) => (arg === 'out' ? 'vault/out' : arg)),
    exit: 3,
    first: 'vallum: DIR/project/vault/out is where Vallum keeps its own files [OPEN_OUT]',
  },
  {
    condition: 'data that is to be exported',
    on: 'fresh',
    as,
    spoil: vault(),
    args: [...OPEN, '--export'],
    exit: 3,
    first: 'vallum: ham-feed is no model, so there is no verdict to export it with [OPEN_EXPORT]',
  },
  {
    condition: 'somebody without the role',
    on: 'fresh',
    spoil: vault(),
    args: OPEN,
    exit: 3,
    first: 'vallum: no key in DIR/keys/runner holds the role vault [ACT_NO_ROLE]',
  },
  {
    condition: 'a reason that is none',
    on: 'fresh',
    as,
    spoil: vault(),
    args: ['data', 'seal', 'v1', '--why', ' ', ...PASS],
    exit: 3,
    first: 'vallum: the reason of an act is not a text [TRUST_FORMAT]',
  },
  {
    condition: 'something outside the project to seal',
    on: 'fresh',
    as,
    spoil: vault(),
    args: ['data', 'seal', '../keys', ...WHY, ...PASS],
    exit: 3,
    first: 'vallum: ../keys does not lie in the project [SEAL_TARGET]',
  },
  {
    condition: 'a model to seal as data',
    on: 'fresh',
    as,
    spoil: vault(),
    args: ['data', 'seal', 'models', ...WHY, ...PASS],
    exit: 3,
    first: 'vallum: models holds a model or a part of one, which as data could leave without a verdict [SEAL_TARGET]',
  },
  {
    condition: 'the vault itself to seal',
    on: 'fresh',
    as,
    spoil: vault(),
    args: ['data', 'seal', 'vault', ...WHY, ...PASS],
    exit: 3,
    first: 'vallum: vault is no part of the project that the vault could take [SEAL_TARGET]',
  },
  {
    condition: 'two writers in the vault',
    on: 'fresh',
    as,
    spoil: vault(inVault((file) => writeFileSync(file('lock'), ''))),
    args: ['data', 'shred', 'ham-feed', ...WHY],
    exit: 3,
    first: 'vallum: somebody else is changing DIR/project/vault [VAULT_LOCKED]',
  },
  {
    condition: 'a key program that nobody allowed',
    on: 'fresh',
    as,
    spoil: declare('{ provider: exec, command: [/bin/sh, -c, "touch /tmp/owned"] }'),
    args: ['data', 'seal', 'v1', ...WHY],
    exit: 3,
    first: 'vallum: vallum.yaml names a key program that nobody allowed here: /bin/sh [VAULT_PROGRAM]',
  },
  {
    condition: 'a key program in the project',
    on: 'fresh',
    as,
    spoil: (place) => declare(`{ provider: exec, command: [${place.project}/keys.sh] }`)(place),
    args: ['data', 'seal', 'v1', ...WHY],
    exit: 3,
    first: 'vallum: a part of the key program, DIR/project/keys.sh, lies inside the project [KEYS_INSIDE]',
  },
  {
    condition: 'a list of key programs that is none',
    on: 'fresh',
    as,
    spoil: (place) => {
      writeFileSync(join(place.dir, 'keys/approver/key-programs.json'), '[]', { mode: 0o600 });
      return declare('{ provider: exec, command: [/bin/true] }')(place);
    },
    args: ['data', 'seal', 'v1', ...WHY],
    exit: 3,
    first:
      'vallum: DIR/keys/approver/key-programs.json is no list of key programs: its schema is not vallum/key-programs/v1 [VAULT_PROGRAM]',
  },
];
