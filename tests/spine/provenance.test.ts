// Where a model comes from, as a team would live it: a base model that somebody else trained and attested, pinned origins,
// and every way in which a source can be another than it seems, each beside its clean twin.
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { attestCommand } from '../../packages/cli/src/commands/attest.js';
import { attestVerifyCommand } from '../../packages/cli/src/commands/attest-verify.js';
import { revokeCommand } from '../../packages/cli/src/commands/revoke.js';
import type { Answer } from '../../packages/cli/src/answer.js';
import type { Pins } from '../support/provenance-team.js';
import { ORIGIN, removeTeams, results, rulesOf, Team, WORKFLOW } from '../support/provenance-team.js';

afterAll(removeTeams);

const REFUSED = ['refused'];

describe('source.policy', () => {
  test('passes when origin, bytes, signer, workflow, branch and builder are the pinned ones', async () => {
    const team = await Team.meet();
    await team.declare();
    const said = await team.check();
    expect([said.report.outcome, said.report.findings, said.judged]).toEqual(['pass', [], []]);
    expect(await team.gate()).toEqual([]);
    const again = await team.check();
    expect([again.report.how, again.judged]).toEqual(['reused', []]);
  });

  test('is not planned, and not asked for, where no sources are declared', async () => {
    const team = await Team.meet();
    const said = await team.check();
    expect([said.report, said.judged]).toEqual([undefined, []]);
  });

  const pins: readonly (readonly [string, Pins, string, RegExp])[] = [
    [
      'another workflow',
      { workflow: 'release.yml' },
      'VLM-SRC-007',
      /by alice is valid, but it is about the workflow \S+train.yml, and the pinned workflow is release.yml/,
    ],
    [
      'another branch',
      { branch: 'release' },
      'VLM-SRC-008',
      /by alice is valid, but it is about the branch refs\/heads\/main, and the pinned branch is refs\/heads\/release/,
    ],
    [
      'another builder',
      { builder: 'https://ci.example.com/' },
      'VLM-SRC-009',
      /by alice is valid, but it is about the builder/,
    ],
    [
      'another signer',
      { principal: 'mallory' },
      'VLM-SRC-006',
      /by alice is valid, but it is by alice, and the pinned signer is mallory/,
    ],
    ['another digest', { digest: 'a'.repeat(64) }, 'VLM-SRC-004', /a{64} is pinned/],
    [
      'an origin beside the allowed one',
      { origin: 'https://models.example.org/bert-evil/x' },
      'VLM-SRC-001',
      /bert-evil/,
    ],
    ['the allowed origin over http', { origin: 'http://models.example.org/bert/x' }, 'VLM-SRC-002', /scheme http/],
  ];
  test.each(pins)('refuses %s', async (_, pin, rule, sentence) => {
    const team = await Team.meet();
    await team.declare(pin);
    const said = await team.check();
    expect([rulesOf(said), results(said)]).toEqual([[rule], REFUSED]);
    expect(said.report.findings?.[0]?.message).toMatch(sentence);
    // The clean twin: the same project with the right pins.
    await team.declare();
    expect((await team.check()).judged).toEqual([]);
  });

  test('refuses a provenance that was replayed for another model', async () => {
    const team = await Team.meet();
    await team.declare();
    appendFileSync(team.at('models/base/README.md'), 'now with a backdoor\n');
    await team.declare({ digest: await team.digestOfBase() });
    const said = await team.check();
    expect([rulesOf(said), results(said)]).toEqual([['VLM-SRC-005'], REFUSED]);
  });

  test('refuses a forged signature', async () => {
    const team = await Team.meet();
    await team.declare();
    const path = team.at('base.provenance.json');
    const envelope = JSON.parse(readFileSync(path, 'utf8')) as { signatures: { sig: string }[] };
    const [only] = envelope.signatures;
    writeFileSync(
      path,
      JSON.stringify({ ...envelope, signatures: [{ ...only, sig: Buffer.alloc(64).toString('base64') }] }),
    );
    expect(rulesOf(await team.check())).toEqual(['VLM-SRC-010']);
  });

  test('is not proven without a provenance, and with one by nobody who counts', async () => {
    const team = await Team.meet();
    await team.declare();
    rmSync(team.at('base.provenance.json'));
    const absent = await team.check();
    expect([absent.report.reason?.code, results(absent)]).toEqual(['provenance-absent', ['not-proven']]);
    // The author has a key, but not the role.
    const key = join(team.project.keys, 'author', 'author.key.json');
    await attestCommand(team.project.io('root'), team.at('models/base'), {
      key,
      out: team.at('base.provenance.json'),
      workflow: WORKFLOW,
      branch: 'main',
    });
    const roleless = await team.check();
    expect([roleless.report.reason?.code, results(roleless)]).toEqual(['signer-untrusted', ['not-proven']]);
    expect(roleless.report.reason?.message).toMatch(/does not hold the role attest/);
    writeFileSync(team.at('base.provenance.json'), 'not an envelope');
    expect((await team.check()).report.reason?.code).toBe('provenance-unreadable');
  });

  test('evidence turns stale when the key that attested is revoked', async () => {
    const team = await Team.meet();
    await team.declare();
    expect((await team.check()).judged).toEqual([]);
    const { keyid } = JSON.parse(readFileSync(team.keyOf('alice'), 'utf8')) as { keyid: string };
    await revokeCommand(team.project.io('approver'), undefined, { key: keyid, reason: 'the laptop was stolen' });
    expect((await team.gate()).map(({ code }) => code)).toEqual(['stale-inputs']);
    const said = await team.check();
    expect([said.report.reason?.code, results(said)]).toEqual(['signer-untrusted', ['not-proven']]);
    expect(said.report.reason?.message).toMatch(/the laptop was stolen/);
  });

  test('evidence turns stale when the base model changes', async () => {
    const team = await Team.meet();
    await team.declare();
    await team.check();
    appendFileSync(team.at('models/base/README.md'), 'x');
    expect((await team.gate()).map(({ code }) => code)).toEqual(['stale-inputs']);
  });
});

describe('a name that changes hands', () => {
  test('is refused even when pin and signature follow, until the change is said', async () => {
    const team = await Team.meet();
    await team.declare();
    const first = await team.check();
    expect(first.judged).toEqual([]);
    // Mallory takes over the abandoned name: other bytes, her own good signature, and somebody pins what is there.
    appendFileSync(team.at('models/base/README.md'), 'mine now\n');
    await team.attestBase('mallory');
    const digest = await team.digestOfBase();
    await team.declare({ digest, principal: 'mallory' });
    const taken = await team.check();
    expect([rulesOf(taken), results(taken)]).toEqual([['VLM-SRC-011'], REFUSED]);
    const { message = '' } = taken.report.findings?.[0] ?? {};
    expect(message).toContain(`by alice, now it is ${digest} by mallory`);
    expect(message).toContain(first.report.statement);
    // A person who has looked at it says which record it replaces; from then on it is known.
    await team.declare({ digest, principal: 'mallory', replaces: first.report.statement ?? '' });
    expect((await team.check()).judged).toEqual([]);
    expect(await team.gate()).toEqual([]);
    await team.declare({ digest, principal: 'mallory' });
    expect((await team.check()).judged).toEqual([]);
  });

  test('is refused when only the signer changes', async () => {
    const team = await Team.meet();
    await team.declare();
    await team.check();
    await team.attestBase('mallory');
    await team.declare({ principal: 'mallory' });
    const said = await team.check();
    expect(rulesOf(said)).toEqual(['VLM-SRC-011']);
  });
});

describe('a record that was deleted', () => {
  /** As an attacker does who may write to .vallum: what the log names is gone, and the log is as it was. */
  const remove = (team: Team, id: string): (() => void) => {
    const folder = team.at('.vallum/statements');
    const file = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) => name.includes(id));
    const path = join(folder, file ?? 'no file of this statement');
    const bytes = readFileSync(path);
    rmSync(path);
    return () => writeFileSync(path, bytes);
  };

  test('makes no name new again', async () => {
    const team = await Team.meet();
    await team.declare();
    const { statement = '' } = (await team.check()).report;
    const restore = remove(team, statement);
    // Mallory's bytes under the name whose record is gone.
    appendFileSync(team.at('models/base/README.md'), 'mine now\n');
    await team.attestBase('mallory');
    await team.declare({ digest: await team.digestOfBase(), principal: 'mallory' });
    const said = await team.check();
    expect([said.report.outcome, said.report.reason?.code]).toEqual(['inconclusive', 'record-unreadable']);
    expect(said.report.reason?.message).toContain(statement);
    expect(results(said)).not.toEqual([]);
    // The clean twin: with the record back, the takeover is certain and refused.
    restore();
    expect(rulesOf(await team.check())).toEqual(['VLM-SRC-011']);
  });

  test('stops to matter once somebody who may has revoked it', async () => {
    const team = await Team.meet();
    await team.declare();
    const { statement = '' } = (await team.check()).report;
    remove(team, statement);
    expect((await team.check()).report.reason?.code).toBe('record-unreadable');
    await revokeCommand(team.project.io('approver'), statement, { reason: 'the envelope was lost with a disk' });
    expect((await team.check()).judged).toEqual([]);
  });

  test('matters too where it is a provenance', async () => {
    const team = await Team.meet();
    await team.declare();
    const options = { workflow: WORKFLOW, branch: 'main' };
    const { json } = await attestCommand(team.project.io('runner'), 'v1', options);
    const restore = remove(team, (json as { id: string }).id);
    expect((await team.check()).report.reason?.message).toMatch(/is a provenance, and its envelope/);
    restore();
    expect((await team.check()).judged).toEqual([]);
  });
});

describe('vallum attest', () => {
  test('files the provenance of a version, and it verifies', async () => {
    const team = await Team.meet();
    await team.declare();
    const { project } = team;
    const { json } = await attestCommand(project.io('runner'), 'v1', { workflow: WORKFLOW, branch: 'main' });
    expect(json).toMatchObject({
      filed: { kind: 'entered' },
      builder: 'urn:vallum:principal:runner',
      ref: 'refs/heads/main',
      base: { name: 'bert-base', uri: `${ORIGIN}base-uncased` },
      dataset: { name: 'spam-filter-data@v1' },
      feeds: [{ name: 'ham-feed', uri: 'https://data.example.org/mails/' }, { name: 'spam-feed' }],
    });
    const file = team.at('attestations/v1.provenance.json');
    const verify = (options: object): Promise<Answer> =>
      attestVerifyCommand(project.io('runner'), file, { subject: team.at('models/v1'), ...options });
    const pins = { workflow: WORKFLOW, branch: 'main', signer: 'runner', builder: 'urn:vallum:principal:runner' };
    expect(await verify(pins)).toMatchObject({ exit: 0, json: { status: 'verified', signer: 'runner' } });
    expect(await verify({ ...pins, branch: 'refs/heads/main' })).toMatchObject({ exit: 0, json: { leftOut: [] } });
    // The file of a signature is no part of the digest, and it is said.
    writeFileSync(team.at('models/v1/model.sig'), 'any bytes');
    const beside = await verify(pins);
    expect(beside).toMatchObject({ exit: 0, json: { leftOut: ['model.sig'] } });
    expect(beside.text).toContain('not compared: model.sig');
    for (const [pin, value] of Object.entries({ workflow: 'x.yml', branch: 'dev', signer: 'alice', builder: 'x' })) {
      const found = await verify({ ...pins, [pin]: value });
      expect(found).toMatchObject({ exit: 1, json: { status: 'refused', problems: [{ pin }] } });
      expect(found.text).toContain(`  ${pin}: the signature by runner is valid, but`);
    }
    expect(await verify({ subject: team.at('models/v2') })).toMatchObject({
      exit: 1,
      json: { problems: [{ pin: 'digest' }] },
    });
  });

  test('takes a branch by its full reference, and writes it once', async () => {
    const team = await Team.meet();
    const { json } = await attestCommand(team.project.io('runner'), 'v1', { branch: 'refs/heads/main' });
    expect(json).toMatchObject({ ref: 'refs/heads/main' });
  });

  test('refuses when the rows or the weights are not those of the run', async () => {
    const team = await Team.meet();
    appendFileSync(team.at('feeds/ham-feed/rows.jsonl'), '\n');
    await expect(attestCommand(team.project.io('runner'), 'v1', {})).rejects.toMatchObject({
      code: 'ATTEST_RUN',
      errorClass: 'unproven',
      message: expect.stringContaining('ham-feed') as string,
    });
    appendFileSync(team.at('models/v2/model.onnx'), 'x');
    const key = { key: team.keyOf('alice'), out: team.at('v2.json') };
    await expect(attestCommand(team.project.io('runner'), team.at('models/v2'), key)).rejects.toMatchObject({
      message: expect.stringContaining('model.onnx') as string,
    });
  });
});
