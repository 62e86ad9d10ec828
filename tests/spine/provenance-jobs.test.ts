// Provenance by CI jobs, from the token to the verdict: the pinned job's counts for good, and a valid signature by another
// workflow, from another branch, by another issuer or by a person who says the same words is refused and both are named.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attestCommand } from '../../packages/cli/src/commands/attest.js';
import type { AttestVerifyOptions } from '../../packages/cli/src/commands/attest-verify.js';
import { attestVerifyCommand } from '../../packages/cli/src/commands/attest-verify.js';
import { identityNew, identityUse } from '../../packages/cli/src/commands/identity.js';
import { revokeCommand } from '../../packages/cli/src/commands/revoke.js';
import { trustPin, trustShow } from '../../packages/cli/src/commands/trust.js';
import { trustEnrolJob, trustIssuerAdd } from '../../packages/cli/src/commands/trust-jobs.js';
import type { Answer, Io } from '../../packages/cli/src/answer.js';
import { outputProblems } from '../cli/schemas.js';
import type { LocalIssuer } from '../support/local-issuer.js';
import { startIssuer } from '../support/local-issuer.js';
import { removeTeams, results, rulesOf, Team } from '../support/provenance-team.js';

const REPOSITORY = 'acme/bert';
const WORKFLOW = `${REPOSITORY}/.github/workflows/train.yml`;
const FILE = 'base.provenance.json';

interface Job {
  readonly workflow?: string;
  readonly branch?: string;
  /** What the job writes into its statement: by default what is true. */
  readonly says?: { readonly workflow?: string; readonly branch?: string };
}

const claimsOf = ({ workflow = WORKFLOW, branch = 'main' }: Job): object => ({
  sub: `repo:${REPOSITORY}:ref:refs/heads/${branch}`,
  ref: `refs/heads/${branch}`,
  ref_type: 'branch',
  job_workflow_ref: `${workflow}@refs/heads/main`,
});

const temporary: string[] = [];
let issuer: LocalIssuer;

beforeAll(async () => {
  issuer = await startIssuer();
});

afterAll(async () => {
  await issuer.close();
  removeTeams();
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
});

/** A team that enrols every job of one repository to attest: which of them made the model is for the pins to say. */
async function meet(): Promise<Team> {
  const team = await Team.meet();
  const root = team.project.io('root');
  const keys = join(team.project.keys, 'jwks.json');
  writeFileSync(keys, await issuer.fetchKeys());
  await trustIssuerAdd(root, issuer.url, { keys, claims: 'github' });
  await trustEnrolJob(root, 'ci', { issuer: issuer.url, subject: `repo:${REPOSITORY}:*`, roles: 'attest' });
  return team;
}

/** A job with a key and a token of its own. */
async function startJob(team: Team, job: Job): Promise<{ readonly io: Io; readonly keyid: string }> {
  const keysFolder = mkdtempSync(join(tmpdir(), 'vallum-job-'));
  temporary.push(keysFolder);
  const io = { ...team.project.io('runner'), keysFolder };
  const { root } = (await trustShow(team.project.io('root'))).json as { root: string };
  await trustPin(io, root);
  const { audience, keyid } = (await identityNew(io)).json as { audience: string; keyid: string };
  const token = join(keysFolder, 'token.jwt');
  writeFileSync(token, await issuer.fetchToken(audience, claimsOf(job)), { mode: 0o600 });
  await identityUse(io, { token });
  return { io, keyid };
}

/** A job trains the base model and attests it. Gives the id of its key. */
async function trainBase(team: Team, job: Job = {}): Promise<string> {
  const { io, keyid } = await startJob(team, job);
  const file = readdirSync(io.keysFolder).find((name) => name.endsWith('.key.json')) ?? 'no key';
  const { workflow = WORKFLOW, branch = 'main' } = job.says ?? job;
  const key = join(io.keysFolder, file);
  await attestCommand(io, team.at('models/base'), { key, out: team.at(FILE), workflow, branch });
  return keyid;
}

const pinned = (change: object = {}): { readonly signer: object } => ({
  signer: { issuer: issuer.url, subject: `repo:${REPOSITORY}:*`, workflow: WORKFLOW, branch: 'main', ...change },
});

async function verify(team: Team, options: Partial<AttestVerifyOptions>): Promise<Answer> {
  const wanted = { subject: team.at('models/base'), ...options };
  const answer = await attestVerifyCommand(team.project.io('runner'), team.at(FILE), wanted);
  expect(outputProblems(JSON.parse(JSON.stringify(answer.json)) as { schema?: unknown })).toEqual([]);
  return answer;
}

describe('a base model that a CI job attested', () => {
  test('passes when issuer, subject, workflow and branch are those of its token', async () => {
    const team = await meet();
    await trainBase(team);
    await team.declare(pinned());
    const said = await team.check();
    expect([said.report.outcome, said.report.findings, said.judged]).toEqual(['pass', [], []]);
    // Another run of the same job, with another key: the same signer.
    await trainBase(team);
    expect((await team.check()).judged).toEqual([]);
    const found = await verify(team, { issuer: issuer.url, workflow: WORKFLOW, branch: 'main' });
    expect(found).toMatchObject({
      exit: 0,
      json: { signer: 'ci', vouchedBy: 'token', job: { issuer: issuer.url, workflow: WORKFLOW, branch: 'main' } },
    });
    expect(await verify(team, { signer: 'ci', workflow: `${WORKFLOW}@refs/heads/main` })).toMatchObject({ exit: 0 });
    // The key of the run ended after minutes; what it signed still counts.
    const later = { ...team.project.io('runner'), clock: () => new Date(Date.now() + 30 * 24 * 3600 * 1000) };
    const pins = { subject: team.at('models/base'), issuer: issuer.url, workflow: WORKFLOW, branch: 'main' };
    expect(await attestVerifyCommand(later, team.at(FILE), pins)).toMatchObject({ exit: 0 });
  });

  const other = `${REPOSITORY}/.github/workflows/test.yml`;
  const twins: readonly (readonly [string, Job, () => object, readonly string[], readonly string[]])[] = [
    ['by another workflow', { workflow: other }, () => ({}), ['VLM-SRC-007'], [other, WORKFLOW]],
    ['from another branch', { branch: 'dev' }, () => ({}), ['VLM-SRC-008'], ['refs/heads/dev', 'refs/heads/main']],
    [
      'by another workflow that says it is the pinned one',
      { workflow: other, says: {} },
      () => ({}),
      ['VLM-SRC-007', 'VLM-SRC-007'],
      [other, WORKFLOW],
    ],
    [
      'from another branch that says it is the pinned one',
      { branch: 'dev', says: {} },
      () => ({}),
      ['VLM-SRC-008', 'VLM-SRC-008'],
      ['refs/heads/dev', 'refs/heads/main'],
    ],
    [
      'by the pinned job that says it is another',
      { says: { workflow: other, branch: 'dev' } },
      () => ({}),
      ['VLM-SRC-007', 'VLM-SRC-008'],
      [other, WORKFLOW],
    ],
    [
      'by a job of another issuer',
      {},
      () => ({ issuer: 'https://ci.example.org' }),
      ['VLM-SRC-006'],
      ['https://ci.example.org'],
    ],
    [
      'by another job',
      {},
      () => ({ subject: 'repo:acme/filter:*' }),
      ['VLM-SRC-006'],
      ['repo:acme/filter:*', REPOSITORY],
    ],
    [
      'with the workflow from another ref',
      {},
      () => ({ workflow: `${WORKFLOW}@refs/tags/v1` }),
      ['VLM-SRC-007'],
      ['refs/heads/main', 'refs/tags/v1'],
    ],
    [
      'where only the path of the workflow is pinned, which any repository has',
      {},
      () => ({ workflow: '.github/workflows/train.yml' }),
      ['VLM-SRC-007'],
      [WORKFLOW],
    ],
  ];
  test.each(twins)('is refused %s', async (_, job, change, rules, named) => {
    const team = await meet();
    await trainBase(team, job);
    await team.declare(pinned(change()));
    const said = await team.check();
    expect([rulesOf(said), results(said)]).toEqual([rules, ['refused']]);
    const sentences = (said.report.findings ?? []).map(({ message }) => message).join('\n');
    expect(sentences).toContain('the signature by ci is valid, but');
    for (const name of named) expect(sentences).toContain(name);
  });

  test('is refused by a person who says the same words, and a pass by a person says whose words they are', async () => {
    const team = await meet();
    await team.attestBase('alice', { workflow: WORKFLOW, branch: 'main' });
    await team.declare(pinned());
    const said = await team.check();
    expect([rulesOf(said), results(said)]).toEqual([['VLM-SRC-006'], ['refused']]);
    expect(said.report.findings?.[0]?.message).toContain('it is by no CI job');
    const found = await verify(team, { signer: 'alice', workflow: WORKFLOW, branch: 'main' });
    expect(found).toMatchObject({ exit: 0, json: { vouchedBy: 'signer' } });
    expect(found.text).toContain('the word of alice alone');
  });

  test('is not proven any more once the key of the run is revoked', async () => {
    const team = await meet();
    const key = await trainBase(team);
    await team.declare(pinned());
    expect((await team.check()).judged).toEqual([]);
    await revokeCommand(team.project.io('approver'), undefined, { key, reason: 'the runner was compromised' });
    expect((await team.gate()).map(({ code }) => code)).toEqual(['stale-inputs']);
    const said = await team.check();
    expect([said.report.reason?.code, results(said)]).toEqual(['signer-untrusted', ['not-proven']]);
  });

  test('is not proven by a job that may not attest, nor without the token', async () => {
    const team = await meet();
    await trainBase(team);
    await team.declare(pinned());
    const root = team.project.io('root');
    await trustEnrolJob(root, 'ci', { issuer: issuer.url, subject: `repo:${REPOSITORY}:*`, roles: 'produce:*' });
    const roleless = await team.check();
    expect(roleless.report.reason?.message).toMatch(/does not hold the role attest/);
    await trustEnrolJob(root, 'ci', { issuer: issuer.url, subject: `repo:${REPOSITORY}:*`, roles: 'attest' });
    expect((await team.check()).judged).toEqual([]);
    rmSync(team.at('.vallum/statements'), { recursive: true });
    const lost = await team.check();
    expect([lost.report.outcome, results(lost)]).toEqual(['inconclusive', expect.arrayContaining(['not-proven'])]);
  });
});

test('a job attests a declared version, with the words of its token', async () => {
  const team = await meet();
  const { io } = await startJob(team, {});
  const { json } = await attestCommand(io, 'v1', {});
  expect(json).toMatchObject({
    workflow: WORKFLOW,
    ref: 'refs/heads/main',
    builder: 'urn:vallum:principal:ci',
    filed: { kind: 'inbox' },
  });
  const file = team.at('attestations/v1.provenance.json');
  const pins = { subject: team.at('models/v1'), issuer: issuer.url, workflow: WORKFLOW, branch: 'main' };
  expect(await attestVerifyCommand(team.project.io('runner'), file, pins)).toMatchObject({ exit: 0 });
});
