// The story of the vault on the tiny project: sealed by who may, opened by nobody else, every act in the ledger with who, what
// and why; rotation leaves the ciphertext as it was, shredding leaves the log, and a model leaves only on a passing verdict.
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestDirectory, digestTree, nodeDisk, sha256 } from '@vallum/core';
import { readEnvelope, readVaultAct } from '@vallum/trust';
import type { VaultAct } from '@vallum/trust';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Answer, Io } from '../../packages/cli/src/answer.js';
import { checkCommand } from '../../packages/cli/src/commands/check.js';
import { dataListCommand } from '../../packages/cli/src/commands/data-list.js';
import { dataOpenCommand } from '../../packages/cli/src/commands/data-open.js';
import { dataRotateCommand } from '../../packages/cli/src/commands/data-rotate.js';
import { dataSealCommand } from '../../packages/cli/src/commands/data-seal.js';
import { dataShredCommand } from '../../packages/cli/src/commands/data-shred.js';
import { fsckCommand } from '../../packages/cli/src/commands/ledger.js';
import { policyShow, policySign } from '../../packages/cli/src/commands/policy.js';
import { revokeCommand } from '../../packages/cli/src/commands/revoke.js';
import { openSession } from '../../packages/cli/src/project/session.js';
import { CHECK, release } from '../support/release.js';
import type { TinyProject } from '../support/tiny-project.js';
import { makeTinyProject } from '../support/tiny-project.js';
import { makeVault } from '../support/vault.js';

let project: TinyProject;
let passphraseFile: string;
const why = 'for the tests of the vault';

beforeEach(async () => {
  project = await makeTinyProject();
  passphraseFile = await makeVault({ project: project.root, keys: join(project.keys, 'approver') }, '{ objects: 2 }');
});
afterEach(() => project.remove());

const custodian = (): Io => project.io('approver');
const seal = (what: string): Promise<Answer> => dataSealCommand(custodian(), what, { why, passphraseFile });
const open = (what: string, more: object = {}, io = custodian()): Promise<Answer> =>
  dataOpenCommand(io, [what], { why, passphraseFile, ...more });
const field = (answer: Answer, name: string): string => String((answer.json as Record<string, unknown>)[name]);
const inProject = (...path: string[]): string => join(project.root, ...path);

async function digestOf(folder: string): Promise<string> {
  return digestDirectory(await digestTree(nodeDisk, folder, (path) => path !== 'model.sig'));
}

/** From the ledger, after its holder has entered what waited. */
async function actsInLedger(): Promise<readonly VaultAct[]> {
  await dataListCommand(project.io('runner'));
  const folder = inProject('.vallum/statements');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.json'));
  const acts = files.flatMap((path) => readVaultAct(readEnvelope(readFileSync(join(folder, path))).statement) ?? []);
  return acts.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

test('a feed and a model: sealed, opened again byte for byte, each act with who, what and why', async () => {
  const model = await digestOf(inProject('models/v1'));
  const sealedFeed = await seal('ham-feed');
  const sealedModel = await seal('v1');
  expect(field(sealedModel, 'digest')).toBe(model);
  const rows = readFileSync(inProject('feeds/ham-feed/rows.jsonl'));
  for (const name of readdirSync(inProject('vault')))
    expect(readFileSync(inProject('vault', name)).includes(rows.subarray(0, 40))).toBe(false);
  rmSync(inProject('models/v1'), { recursive: true });
  rmSync(inProject('feeds/ham-feed'), { recursive: true });
  await open('model/v1');
  await open('data/ham-feed', { out: inProject('review') });
  expect(await digestOf(inProject('models/v1'))).toBe(model);
  expect(readFileSync(inProject('review/rows.jsonl'))).toEqual(rows);
  expect(statSync(inProject('review')).mode & 0o777).toBe(0o700);
  expect(statSync(inProject('review/rows.jsonl')).mode & 0o777).toBe(0o600);
  const acts = await actsInLedger();
  expect(acts.map(({ act, object, who, why: reason }) => [act, object, who, reason])).toEqual([
    ['seal', field(sealedFeed, 'object'), 'approver', why],
    ['seal', field(sealedModel, 'object'), 'approver', why],
    ['open', field(sealedModel, 'object'), 'approver', why],
    ['open', field(sealedFeed, 'object'), 'approver', why],
  ]);
  expect(acts[1]?.subject).toEqual({ name: 'spam-filter/model/v1', digest: { sha256: model } });
  expect((await dataListCommand(project.io('author'))).exit).toBe(0);
});

test('author, runner and stranger get nothing, though they have the passphrase', async () => {
  await seal('ham-feed');
  const before = (await actsInLedger()).length;
  for (const person of ['author', 'runner'] as const)
    await expect(open('ham-feed', { out: inProject('stolen') }, project.io(person))).rejects.toMatchObject({
      code: 'ACT_NO_ROLE',
    });
  const stranger = { ...custodian(), keysFolder: join(project.keys, 'stranger') };
  await expect(open('ham-feed', { out: inProject('stolen') }, stranger)).rejects.toMatchObject({
    code: 'TRUST_UNPINNED',
  });
  expect(existsSync(inProject('stolen'))).toBe(false);
  expect(await actsInLedger()).toHaveLength(before);
});

test('without a durable entry there is no plaintext', async () => {
  await seal('ham-feed');
  await actsInLedger();
  const io = custodian();
  const disk = {
    ...io.disk,
    create: (path: string, bytes: Uint8Array, mode?: number) => {
      if (path.includes('/.vallum/inbox/')) throw new Error('the disk is full');
      return io.disk.create(path, bytes, mode);
    },
  };
  Reflect.deleteProperty(disk, 'writeHeld');
  await expect(open('ham-feed', { out: inProject('early') }, { ...io, disk })).rejects.toThrow('full');
  expect(existsSync(inProject('early'))).toBe(false);
});

test('rotation leaves the ciphertext as it was, and the old key can be destroyed', async () => {
  const { object } = (await seal('v1')).json as { object: string };
  const ciphertext = (): string => sha256(readFileSync(inProject('vault', `${object}.sealed`)));
  const before = ciphertext();
  const keyFile = readFileSync(inProject('vault', `${object}.key`));
  const rotated = await dataRotateCommand(custodian(), { why, newKey: true, destroyRetired: true, passphraseFile });
  expect(rotated.json).toMatchObject({ retired: [], rewrapped: [{ object }] });
  expect((rotated.json as { destroyed: string[] }).destroyed).toHaveLength(1);
  expect(ciphertext()).toBe(before);
  await open('v1', { out: inProject('again') });
  expect(await digestOf(inProject('again'))).toBe(await digestOf(inProject('models/v1')));
  // With the old key file the object is gone for good: its key encryption key is.
  writeFileSync(inProject('vault', `${object}.key`), keyFile);
  await expect(open('v1', { out: inProject('old') })).rejects.toMatchObject({ code: 'VAULT_NO_KEK' });
  expect((await actsInLedger()).map(({ act, kind }) => `${act} ${kind}`)).toEqual(
    expect.arrayContaining(['rotate model', 'rotate key', 'shred key']),
  );
});

test('what is shredded stays shredded, and the log still proves it', async () => {
  const sealed = await seal('ham-feed');
  const object = field(sealed, 'object');
  const keyFile = readFileSync(inProject('vault', `${object}.key`));
  await dataShredCommand(custodian(), 'ham-feed', { why: 'the consent was withdrawn' });
  await expect(open(object, { out: inProject('x') })).rejects.toMatchObject({
    code: 'VAULT_SHREDDED',
    message: expect.stringContaining('the consent was withdrawn') as string,
  });
  // A key file from a backup does not bring it back, and is seen.
  writeFileSync(inProject('vault', `${object}.key`), keyFile);
  await expect(open(object, { out: inProject('x') })).rejects.toMatchObject({ code: 'VAULT_SHREDDED' });
  expect(await dataListCommand(custodian())).toMatchObject({ exit: 1, json: { objects: [{ state: 'back' }] } });
  await dataShredCommand(custodian(), object, { why: 'a copy came back' });
  const acts = await actsInLedger();
  expect(acts.at(-1)).toMatchObject({ act: 'shred', subject: { digest: { sha256: field(sealed, 'digest') } } });
  expect((await fsckCommand(project.io('runner'))).exit).toBe(0);
  expect(await dataListCommand(custodian())).toMatchObject({ exit: 0, json: { objects: [{ state: 'shredded' }] } });
});

test('what was revoked is not opened, is shredded all the same, and stays shredded', async () => {
  const sealed = await seal('ham-feed');
  const object = field(sealed, 'object');
  const keyFile = readFileSync(inProject('vault', `${object}.key`));
  const revoke = (options: object): Promise<Answer> =>
    revokeCommand(custodian(), undefined, { reason: 'mislabelled', ...options });
  await actsInLedger();
  await revoke({ subject: field(sealed, 'digest') });
  await expect(open('ham-feed', { out: inProject('x') })).rejects.toMatchObject({
    code: 'VAULT_REVOKED',
    message: expect.stringContaining('mislabelled') as string,
  });
  expect(await dataListCommand(custodian())).toMatchObject({ exit: 1, json: { objects: [{ state: 'revoked' }] } });
  await dataShredCommand(custodian(), 'ham-feed', { why: 'not fit for use' });
  await actsInLedger();
  expect(await dataListCommand(custodian())).toMatchObject({ exit: 0, json: { objects: [{ state: 'shredded' }] } });
  // Not even when everything by the key is taken back and the key file is there again.
  const session = await openSession(custodian());
  const key = session.keys.find(({ name }) => name === 'approver-vault');
  await revoke({ key: key?.keyid });
  writeFileSync(inProject('vault', `${object}.key`), keyFile);
  await expect(open(object, { out: inProject('x') })).rejects.toMatchObject({ code: 'VAULT_SHREDDED' });
});

test('an object whose record was revoked is recorded anew, unless it is another one', async () => {
  const object = field(await seal('ham-feed'), 'object');
  await dataListCommand(project.io('runner'));
  const folder = inProject('.vallum/statements');
  const records = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json'))
    .map((path) => readEnvelope(readFileSync(join(folder, path))));
  const record = records.find(({ statement }) => readVaultAct(statement)?.act === 'seal');
  await revokeCommand(custodian(), record?.id, { reason: 'the machine was not ours any more' });
  await expect(open('ham-feed', { out: inProject('a') })).rejects.toMatchObject({ code: 'VAULT_REVOKED' });
  const file = inProject('vault', `${object}.sealed`);
  const bytes = readFileSync(file);
  writeFileSync(
    file,
    bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte)),
  );
  await expect(seal(object)).rejects.toMatchObject({ code: expect.stringMatching(/^VAULT_/) as string });
  writeFileSync(file, bytes);
  expect((await seal(object)).json).toMatchObject({ object, name: 'ham-feed', by: 'approver' });
  await open('ham-feed', { out: inProject('a') });
  expect(await dataListCommand(custodian())).toMatchObject({ exit: 0, json: { objects: [{ state: 'sealed' }] } });
});

test('taking back the record of an opening does not make it uncounted', async () => {
  await seal('ham-feed');
  await open('ham-feed', { out: inProject('a') });
  await open('ham-feed', { out: inProject('b') });
  await dataListCommand(project.io('runner'));
  const ids = readdirSync(inProject('.vallum/statements'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json'))
    .map((path) => readEnvelope(readFileSync(inProject('.vallum/statements', path))))
    .filter(({ statement }) => readVaultAct(statement)?.act === 'open')
    .map(({ id }) => id);
  expect(ids).toHaveLength(2);
  for (const id of ids) await revokeCommand(custodian(), id, { reason: 'never happened' });
  expect((await open('ham-feed', { out: inProject('c') })).json).toMatchObject({ events: [{ objects: 3 }] });
});

test('a model leaves on a passing verdict only', async () => {
  await seal('v1');
  const out = join(project.root, '../out');
  await expect(open('v1', { out })).rejects.toMatchObject({ code: 'OPEN_EXPORT' });
  await checkCommand(project.io('runner'), 'v1', { ...CHECK, action: 'export' });
  const refused = await open('v1', { out, export: true });
  expect(refused).toMatchObject({ exit: 1, json: { opened: [], verdict: { action: 'export', result: 'refused' } } });
  expect(existsSync(out)).toBe(false);
  for (const feed of ['ham-feed', 'spam-feed']) await seal(feed);
  await release(project);
  await checkCommand(project.io('runner'), 'v1', { ...CHECK, action: 'export' });
  const exported = await open('v1', { out, export: true });
  expect(exported).toMatchObject({ exit: 0, json: { opened: [{ act: 'export', out }] } });
  expect(await digestOf(out)).toBe(await digestOf(inProject('models/v1')));
  expect((await actsInLedger()).map(({ act }) => act)).toContain('export');
});

test('a version of which something is not sealed is refused, and says what', async () => {
  await seal('v1');
  await seal('ham-feed');
  const { json } = await checkCommand(project.io('runner'), 'v1', CHECK);
  const { controls } = json as { controls: { kind: string; outcome: string; findings: { message: string }[] }[] };
  const encryption = controls.find(({ kind }) => kind === 'data.encryption');
  expect(encryption?.outcome).toBe('fail');
  expect(encryption?.findings.map(({ message }) => message)).toContain('data/spam-feed is not sealed in the vault');
  expect(controls.find(({ kind }) => kind === 'access.policy')?.outcome).toBe('pass');
});

test('a policy that opens one feed to everybody is seen, by its form and by asking', async () => {
  const { requirements, cedar } = (await policyShow(project.io('policy'))).json as Record<string, object>;
  const action = 'action == Vallum::Action::"open"';
  const when = 'when { resource.name like "ham*" && principal.name != "nobody" }';
  const leak = `permit (principal is Vallum::Principal, ${action}, resource is Vallum::Object) ${when};`;
  const yaml = inProject('policy.yaml');
  writeFileSync(yaml, JSON.stringify({ requirements, cedar: { ...cedar, leak } }));
  await policySign(project.io('policy'), yaml);
  const { json } = await checkCommand(project.io('runner'), 'v1', CHECK);
  const { controls } = json as { controls: { kind: string; findings: { rule: string; message: string }[] }[] };
  expect(controls.find(({ kind }) => kind === 'access.policy')?.findings).toMatchObject([
    { rule: 'VLM-ACC-001' },
    { rule: 'VLM-ACC-002', message: 'nobody at all may open data/ham-feed: leak' },
  ]);
});

test('who takes much is announced, also when it is one object after the other', async () => {
  await seal('ham-feed');
  const events = async (out: string): Promise<unknown> =>
    ((await open('ham-feed', { out: inProject(out) })).json as { events: unknown }).events;
  expect(await events('a')).toEqual([]);
  expect(await events('b')).toEqual([]);
  expect(await events('c')).toMatchObject([{ type: 'vallum.vault.bulk-open', who: 'approver', objects: 3, why }]);
});

/** Keeps one key beside itself, and answers as docs/vault-key-exec.md says. */
const PROGRAM = `
import { readFileSync } from 'node:fs';
const { op, key, wrapped } = JSON.parse(readFileSync(0, 'utf8'));
const flipped = (text) => Buffer.from(Buffer.from(text, 'base64').map((byte) => byte ^ Number(process.env.PAD))).toString('base64');
const answers = {
  wrap: () => ({ kek: 'token-01', wrapped: flipped(key) }),
  unwrap: () => ({ key: flipped(wrapped) }),
  status: () => ({ active: 'token-01', retired: [] }),
};
process.stdout.write(JSON.stringify({ schema: 'vallum/key-exec/v1', ...answers[op]() }));
`;

test('keys that a program keeps, once this machine allows it', async () => {
  const program = join(project.keys, 'key-exec.mjs');
  writeFileSync(program, PROGRAM);
  const command = [process.execPath, program];
  const yaml = inProject('vallum.yaml');
  const before = readFileSync(yaml, 'utf8');
  writeFileSync(
    yaml,
    before.replace(/^vault: .*$/m, `vault: { keys: { provider: exec, command: ${JSON.stringify(command)} } }`),
  );
  await expect(seal('ham-feed')).rejects.toMatchObject({ code: 'VAULT_PROGRAM' });
  const allowed = { schema: 'vallum/key-programs/v1', programs: [{ command, env: { PAD: '90' } }] };
  writeFileSync(join(project.keys, 'approver/key-programs.json'), JSON.stringify(allowed), { mode: 0o600 });
  expect(field(await seal('ham-feed'), 'kek')).toBe('token-01');
  await open('ham-feed', { out: inProject('again') });
  expect(readFileSync(inProject('again/rows.jsonl'))).toEqual(readFileSync(inProject('feeds/ham-feed/rows.jsonl')));
  expect((await dataRotateCommand(custodian(), { why })).json).toMatchObject({ rewrapped: [], active: 'token-01' });
  await expect(dataRotateCommand(custodian(), { why, newKey: true })).rejects.toMatchObject({ code: 'ROTATE_PROGRAM' });
});
