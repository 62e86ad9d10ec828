// An attacker who can write to the project, with no key: what was taken back stays taken back.
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Disk } from '@vallum/core';
import { nodeDisk } from '@vallum/core';
import type { Answer } from '../../packages/cli/src/answer.js';
import { checkCommand, gateCommand } from '../../packages/cli/src/commands/check.js';
import { exportCommand, verifyExportCommand } from '../../packages/cli/src/commands/evidence.js';
import { policyShow, policySign } from '../../packages/cli/src/commands/policy.js';
import { revokeCommand } from '../../packages/cli/src/commands/revoke.js';
import { trustEnrol } from '../../packages/cli/src/commands/trust.js';
import { CHECK, DEPLOY, release } from '../support/release.js';
import type { TinyProject } from '../support/tiny-project.js';
import { makeTinyProject } from '../support/tiny-project.js';

let project: TinyProject;
beforeEach(async () => {
  project = await makeTinyProject();
  await release(project);
  expect((await gate()).exit).toBe(0);
});
afterEach(() => project.remove());

const gate = (person: 'runner' | 'approver' = 'runner'): Promise<Answer> =>
  gateCommand(project.io(person), 'v1', DEPLOY);
const digestOf = (answer: Answer): string =>
  (answer.json as { subject: { digest: { sha256: string } } }).subject.digest.sha256;
const reasonOf = (answer: Answer): readonly string[] =>
  (answer.json as { verdict: { reasons: readonly { code: string }[] } }).verdict.reasons.map(({ code }) => code);

async function revokeModel(): Promise<void> {
  await revokeCommand(project.io('approver'), undefined, { subject: digestOf(await gate()), reason: 'a backdoor' });
}

test('an older .vallum that is put back is seen by whoever has seen the newer one', async () => {
  const state = join(project.root, '.vallum');
  cpSync(state, `${project.root}-old`, { recursive: true });
  await revokeModel();
  expect((await gate()).exit).toBe(2);
  rmSync(state, { recursive: true });
  renameSync(`${project.root}-old`, state);
  await expect(gate()).rejects.toMatchObject({ code: 'LEDGER_ROLLED_BACK', errorClass: 'unproven' });
});

test.each([
  ['trust.json', (): Promise<unknown> => trustEnrol(project.io('root'), 'carol', { roles: 'approve' })],
  ['policy.json', signPolicyAgain],
])('an older %s that is put back is seen by whoever has used the newer one', async (name, renew) => {
  const file = join(project.root, name);
  const old = readFileSync(file);
  await renew();
  const renewed = readFileSync(file);
  expect((await gate()).exit).toBe(name === 'trust.json' ? 0 : 2);
  writeFileSync(file, old);
  await expect(gate()).rejects.toMatchObject({ code: 'SIGNED_ROLLED_BACK', errorClass: 'unproven' });
  // Whoever never used the newer one cannot know.
  expect((await gate('approver')).exit).toBe(0);
  writeFileSync(file, renewed);
  await gate();
});

/** A stricter policy: nothing in it holds for what is there already. */
async function signPolicyAgain(): Promise<void> {
  const { requirements, cedar } = (await policyShow(project.io('policy'))).json as {
    requirements: { id: string; metric?: { atMost?: number } }[];
    cedar: object;
  };
  const tightened = requirements.map((one) =>
    one.id === 'robustness.evasion' ? { ...one, metric: { id: 'evasion-rate', atMost: 0.0001 } } : one,
  );
  const more = [...tightened, { id: 'more', kind: 'secret.scan', actions: ['deploy'], fix: 'scan for secrets' }];
  writeFileSync(join(project.root, 'policy.yaml'), JSON.stringify({ requirements: more, cedar }));
  await policySign(project.io('policy'), join(project.root, 'policy.yaml'));
}

test('a revocation holds while it waits in the inbox, for its author and behind a planted lock', async () => {
  await revokeModel();
  expect(reasonOf(await gate('approver'))).toContain('revoked');
  const lock = join(project.root, '.vallum/ledger/lock');
  mkdirSync(lock, { recursive: true });
  writeFileSync(join(lock, '4242.aa-1.bbbb.cccc'), '');
  const behind = await gate();
  expect([behind.exit, reasonOf(behind)]).toEqual([2, expect.arrayContaining(['revoked'])]);
});

test('an export tells when a waiver or evidence of a passing verdict was revoked since', async () => {
  const out = join(project.root, 'v1.json');
  const verify = async (): Promise<number> => {
    await exportCommand(project.io('runner'), 'v1', { out });
    return (await verifyExportCommand(project.io('runner'), out, { trust: join(project.root, 'trust.json') })).exit;
  };
  expect(await verify()).toBe(0);
  const waivers = (await gate()).json as { verdict: { waivers: readonly { id: string }[] } };
  const ledgerHolder = { ...project.io('approver'), keysFolder: project.io('approver').keysFolder };
  await revokeCommand(ledgerHolder, waivers.verdict.waivers[0]?.id ?? '', { reason: 'asked for too much' });
  // Only v2 is looked at, so no new verdict about v1 is written.
  await checkCommand(project.io('runner'), 'v2', CHECK);
  expect(await verify()).toBe(2);
});

test('an export under a root that is not the pinned one is refused', async () => {
  const other = await makeTinyProject();
  await release(other);
  await gateCommand(other.io('runner'), 'v1', DEPLOY);
  const out = join(other.root, 'v1.json');
  await exportCommand(other.io('runner'), 'v1', { out });
  const trust = join(other.root, 'trust.json');
  expect((await verifyExportCommand(other.io('runner'), out, { trust })).exit).toBe(0);
  await expect(verifyExportCommand(project.io('runner'), out, { trust })).rejects.toMatchObject({
    code: 'TRUST_ROOT_DIFFERS',
  });
  other.remove();
});

test('keys and pins inside the project prove nothing', async () => {
  const inside = join(project.root, 'keys');
  cpSync(project.io('runner').keysFolder, inside, { recursive: true });
  await expect(gateCommand({ ...project.io('runner'), keysFolder: inside }, 'v1', DEPLOY)).rejects.toMatchObject({
    code: 'KEYS_INSIDE',
  });
});

test('weights of the predecessor that are swapped after they were hashed are never asked', async () => {
  let hashed = false;
  const swapping: Disk = {
    ...nodeDisk,
    read: async (path, limit) => {
      const bytes = await nodeDisk.read(path, limit);
      if (path.endsWith('models/v1/run.json')) hashed = true;
      if (!hashed || !path.endsWith('models/v1/model.onnx')) return bytes;
      const other = Uint8Array.from(bytes);
      other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
      return other;
    },
  };
  const answer = await checkCommand({ ...project.io('runner'), disk: swapping }, 'v2', CHECK);
  const scan = (answer.json as { controls: readonly { kind: string; outcome: string }[] }).controls.find(
    ({ kind }) => kind === 'data.poison_scan',
  );
  expect(scan?.outcome).toBe('inconclusive');
});
