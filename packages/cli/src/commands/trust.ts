// `vallum trust init|enrol|pin|show`: who may say what in this project, and which root this machine believes.
import type { Sha256 } from '@vallum/core';
import { asSha256, parseTime, VallumError, writeDurably } from '@vallum/core';
import { buildPolicyBundle, DEFAULT_POLICY } from '@vallum/policy';
import type { EnrolledKey, KeyAlgorithm, Principal, SigningKey, Trust } from '@vallum/trust';
import { buildTrust, enrol, generateKey, publicRecord, signStatement, writeKeyFile, writePin } from '@vallum/trust';
import type { Answer, Io } from '../answer.js';
import { shippedKinds } from '../catalog.js';
import { EXIT } from '../exit.js';
import { printable, table } from '../output/style.js';
import { refuseKeysInside } from '../project/standing.js';
import { assertPrincipal, declared, openAsRoot, readTrustFile, rolesIn, windowUntil } from './trust-desk.js';

interface NewKey {
  readonly name: string;
  readonly algorithm: KeyAlgorithm;
  readonly roles: readonly string[];
}

/** The people of a small team; each has a folder of their own, and no key serves two purposes. */
const TEAM: readonly { readonly id: string; readonly name: string; readonly keys: readonly NewKey[] }[] = [
  {
    id: 'author',
    name: 'who trains and signs models',
    keys: [
      { name: 'author', algorithm: 'ed25519', roles: [] },
      { name: 'author-model', algorithm: 'p256', roles: ['sign:model'] },
    ],
  },
  {
    id: 'approver',
    name: 'who approves, revokes, reviews data, settles alerts and keeps the vault',
    keys: [
      { name: 'approver', algorithm: 'ed25519', roles: ['approve', 'revoke', 'review', 'monitor'] },
      { name: 'approver-vault', algorithm: 'ed25519', roles: ['vault'] },
    ],
  },
  {
    id: 'runner',
    name: 'the machine that runs controls and keeps the ledger',
    keys: [
      { name: 'runner', algorithm: 'ed25519', roles: ['produce:*', 'decide', 'attest'] },
      { name: 'ledger', algorithm: 'ed25519', roles: ['ledger'] },
    ],
  },
  { id: 'policy', name: 'who owns the policy', keys: [{ name: 'policy', algorithm: 'ed25519', roles: ['policy'] }] },
];

/** Makes a root and the keys of a small team, writes trust.json and policy.json, and pins the root. */
export async function trustInit(io: Io): Promise<Answer> {
  const { project, paths } = await declared(io);
  if ((await io.disk.stat(paths.trust)) !== undefined)
    throw new VallumError('TRUST_EXISTS', 'this project has a trust.json already', {
      fix: 'use vallum trust enrol to add a principal',
    });
  refuseKeysInside(io.keysFolder, paths.root);
  await refuseOldKeys(io);
  const now = io.clock();
  const root = generateKey(`${project}-root`, 'ed25519');
  await writeKeyFile(io.disk, io.keysFolder, root);
  const made = new Map<string, SigningKey>();
  const principals: Principal[] = [];
  for (const { id, name, keys } of TEAM) {
    const enrolled: EnrolledKey[] = [];
    for (const { name: keyName, algorithm, roles } of keys) {
      const key = generateKey(keyName, algorithm);
      made.set(keyName, key);
      await writeKeyFile(io.disk, `${io.keysFolder}/${id}`, key);
      enrolled.push({ ...publicRecord(key), roles, ...windowUntil(now, undefined) });
    }
    principals.push({ id, name, keys: enrolled });
    await writePin(io.disk, `${io.keysFolder}/${id}`, { project, path: paths.root }, root.keyid);
  }
  const ledgers = [{ origin: `${project}/local`, keyid: need(made, 'ledger').keyid }];
  await writeDurably(io.disk, paths.trust, buildTrust({ project, principals, ledgers, root, now }));
  const bundle = buildPolicyBundle(DEFAULT_POLICY, shippedKinds(), now);
  await writeDurably(io.disk, paths.policy, signStatement(bundle, need(made, 'policy')));
  await writePin(io.disk, io.keysFolder, { project, path: paths.root }, root.keyid);
  return {
    exit: EXIT.pass,
    text: [
      `Root ${root.keyid}`,
      `made and pinned for ${project}. Its key lies in ${io.keysFolder}: move it off this machine.`,
      '',
      table(principals.map(({ id, name }) => [{ text: id }, { text: name }, { text: `${io.keysFolder}/${id}` }])),
      '',
      'Act as one of them by setting VALLUM_KEYS to their folder.',
    ].join('\n'),
    json: {
      schema: 'vallum/trust-init/v1',
      project,
      root: root.keyid,
      principals: principals.map(({ id }) => id),
      keys: io.keysFolder,
    },
  };
}

/** Looked at before anything is written, so that a refusal leaves nothing behind. */
async function refuseOldKeys({ disk, keysFolder }: Io): Promise<void> {
  for (const { id } of TEAM)
    if ((await disk.stat(`${keysFolder}/${id}`)) !== undefined)
      throw new VallumError('TRUST_KEYS', `${keysFolder}/${id} is there already, with keys of another project`, {
        fix: 'set VALLUM_KEYS to a new folder for this project',
      });
}

function need(keys: ReadonlyMap<string, SigningKey>, name: string): SigningKey {
  const key = keys.get(name);
  if (key === undefined) throw new VallumError('TRUST_KEY', `the key ${name} was not made`, {}, 'internal');
  return key;
}

export interface EnrolOptions {
  readonly roles: string;
  readonly name?: string;
  readonly algorithm?: string;
  readonly until?: string;
}

/** Makes a key for a principal in `VALLUM_KEYS/<id>` and enrols it; needs the root key in VALLUM_KEYS. */
export async function trustEnrol(io: Io, id: string, options: EnrolOptions): Promise<Answer> {
  assertPrincipal(id);
  const { project, paths, trust, root } = await openAsRoot(io);
  const roles = rolesIn(options.roles);
  const algorithm = options.algorithm ?? (roles.includes('sign:model') ? 'p256' : 'ed25519');
  if (algorithm !== 'p256' && algorithm !== 'ed25519')
    throw new VallumError('KEY_ALGORITHM', `${JSON.stringify(algorithm)} is no algorithm of Vallum`, {
      fix: 'ed25519 or p256',
    });
  const now = io.clock();
  const window = windowUntil(now, options.until === undefined ? undefined : parseTime(options.until));
  const key = generateKey(`${id}-${roles[0]?.replace(/[^a-z]+/g, '-') ?? 'key'}`, algorithm);
  const bytes = enrol(
    trust,
    { principal: { id, name: options.name ?? id }, key: publicRecord(key), roles, ...window },
    root,
    now,
  );
  const keyPath = await writeKeyFile(io.disk, `${io.keysFolder}/${id}`, key);
  await writeDurably(io.disk, paths.trust, bytes);
  await writePin(io.disk, `${io.keysFolder}/${id}`, { project, path: paths.root }, root.keyid);
  return {
    exit: EXIT.pass,
    text: `Enrolled ${id} with ${roles.join(', ') || 'no role'}; the key is ${printable(keyPath)}`,
    json: { schema: 'vallum/trust-enrol/v1', principal: id, roles, keyid: key.keyid, key: keyPath },
  };
}

/** Pins the root that this machine believes for the project. */
export async function trustPin(io: Io, fingerprint: string): Promise<Answer> {
  const { project, paths } = await declared(io);
  const root: Sha256 = asSha256(fingerprint);
  await writePin(io.disk, io.keysFolder, { project, path: paths.root }, root);
  return {
    exit: EXIT.pass,
    text: `Pinned ${root} for ${project}.`,
    json: { schema: 'vallum/trust-pin/v1', project, root },
  };
}

/** Shows the root and everybody who is enrolled; says nothing about whether the root is pinned. */
export async function trustShow(io: Io): Promise<Answer> {
  const { paths } = await declared(io);
  const trust = await readTrustFile(io.disk, paths.trust);
  const rows = trust.principals.flatMap((principal) =>
    principal.keys.map((key) => [
      { text: principal.id, paint: io.style.bold },
      { text: key.keyid.slice(0, 12) },
      { text: key.algorithm },
      { text: key.roles.join(', ') || 'no role' },
      { text: `until ${key.notAfter.slice(0, 10)}` },
    ]),
  );
  const jobs = trust.principals.flatMap(({ id, identities = [] }) =>
    identities.map(({ issuer, subject, workflow, branch, roles, notAfter }) => [
      { text: id, paint: io.style.bold },
      { text: [issuer, subject, workflow ?? 'any workflow', branch ?? 'any branch'].map(printable).join(' ') },
      { text: roles.join(', ') },
      { text: `until ${notAfter.slice(0, 10)}` },
    ]),
  );
  return {
    exit: EXIT.pass,
    text: [
      `Root ${trust.rootFingerprint} for ${printable(trust.project)}`,
      '',
      table(rows),
      ...(jobs.length === 0 ? [] : ['', 'CI jobs', table(jobs)]),
    ].join('\n'),
    json: { schema: 'vallum/trust/v1', ...showable(trust) },
  };
}

function showable({ rootFingerprint, project, principals, ledgers, issuers }: Trust): object {
  return { root: rootFingerprint, project, principals, ledgers, issuers };
}
