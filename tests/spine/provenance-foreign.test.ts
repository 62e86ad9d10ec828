// A base model that comes with an attestation of GitHub Actions: real ones, kept as fixtures, verified offline.
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { AttestVerifyOptions } from '../../packages/cli/src/commands/attest-verify.js';
import { attestVerifyCommand } from '../../packages/cli/src/commands/attest-verify.js';
import type { Answer } from '../../packages/cli/src/answer.js';
import { outputProblems } from '../cli/schemas.js';
import { removeTeams, results, rulesOf, Team } from '../support/provenance-team.js';

const FIXTURES = fileURLToPath(new URL('../fixtures/attestations', import.meta.url));
const WHEEL = 'github_provenance_demo-0.0.0-py3-none-any.whl';
const SIGNER = {
  identity:
    'https://github.com/github/artifact-attestations-workflows/.github/workflows/attest.yml@09b495c3f12c7881b3cc17209a327792065c1a1d',
  issuer: 'https://token.actions.githubusercontent.com',
  workflow: 'https://github.com/malancas/attest-demo/.github/workflows/shared.yml',
  branch: 'main',
};

afterAll(removeTeams);

/** A team whose base model is one file, with its attestation. */
async function meet(): Promise<Team> {
  const team = await Team.meet();
  const files = ['README.md', 'model.json', 'model.onnx'];
  for (const name of files) rmSync(team.at(join('models/base', name)));
  copyFileSync(join(FIXTURES, 'reusable-workflow-artifact'), team.at(join('models/base', WHEEL)));
  copyFileSync(join(FIXTURES, 'reusable-workflow-attestation.sigstore.json'), team.at('base.provenance.json'));
  return team;
}

test('passes by the pinned name, issuer, workflow and branch, and by no other', async () => {
  const team = await meet();
  const attested = { file: WHEEL };
  await team.declare({ attested, signer: SIGNER });
  const said = await team.check();
  expect([said.report.outcome, said.report.findings, said.judged]).toEqual(['pass', [], []]);
  const workflow = 'https://github.com/acme/filter/.github/workflows/shared.yml';
  await team.declare({ attested, signer: { ...SIGNER, workflow } });
  const other = await team.check();
  expect([rulesOf(other), results(other)]).toEqual([['VLM-SRC-007'], ['refused']]);
  expect(other.report.findings?.[0]?.message).toMatch(/malancas\/attest-demo.*acme\/filter/);
});

test('speaks about the file that is named, and about nothing else', async () => {
  const team = await meet();
  // The folder has a digest of its own, which the attestation does not name.
  await team.declare({ signer: SIGNER });
  expect(rulesOf(await team.check())).toEqual(['VLM-SRC-005']);
  await team.declare({ attested: 'oms-root' as unknown as object, signer: SIGNER });
  expect(rulesOf(await team.check())).toEqual(['VLM-SRC-005']);
  // Another file beside the attested one changes the pinned digest, not the attestation.
  await team.declare({ attested: { file: WHEEL }, signer: SIGNER });
  writeFileSync(team.at('models/base/evil.bin'), 'x');
  expect(rulesOf(await team.check())).toEqual(['VLM-SRC-004']);
});

test('vallum attest verify reads it by --identity, for one file too', async () => {
  const team = await meet();
  const verify = async (options: Partial<AttestVerifyOptions>): Promise<Answer> => {
    const subject = team.at(join('models/base', WHEEL));
    const file = team.at('base.provenance.json');
    const answer = await attestVerifyCommand(team.project.io('runner'), file, { subject, ...SIGNER, ...options });
    expect(outputProblems(JSON.parse(JSON.stringify(answer.json)) as { schema?: unknown })).toEqual([]);
    return answer;
  };
  const found = await verify({});
  expect(found).toMatchObject({ exit: 0, json: { vouchedBy: 'certificate', signer: SIGNER.identity } });
  expect(found.text).toContain('workflow and branch are those of the certificate');
  expect(await verify({ branch: 'dev' })).toMatchObject({ exit: 1, json: { problems: [{ pin: 'branch' }] } });
  expect(await verify({ subject: team.at('models/base') })).toMatchObject({
    exit: 1,
    json: { problems: [{ pin: 'digest' }] },
  });
});
