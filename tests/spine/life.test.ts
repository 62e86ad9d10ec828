// The life of one version in the hands of its people, on a tiny project: what each act changes, and what it may not change.
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Verdict } from '@vallum/policy';
import { approveCommand } from '../../packages/cli/src/commands/approve.js';
import { checkCommand, gateCommand } from '../../packages/cli/src/commands/check.js';
import { revokeCommand } from '../../packages/cli/src/commands/revoke.js';
import type { Answer } from '../../packages/cli/src/answer.js';
import { APPROVE, CHECK, DEPLOY, prepare, release } from '../support/release.js';
import type { TinyProject } from '../support/tiny-project.js';
import { makeTinyProject } from '../support/tiny-project.js';

let project: TinyProject;

beforeEach(async () => {
  project = await makeTinyProject();
});
afterEach(() => project.remove());

const check = (): Promise<Answer> => checkCommand(project.io('runner'), 'v1', CHECK);
const gate = (): Promise<Answer> => gateCommand(project.io('runner'), 'v1', DEPLOY);
const verdictOf = (answer: Answer): Verdict => (answer.json as { verdict: Verdict }).verdict;
const codesOf = (answer: Answer): readonly string[] => verdictOf(answer).reasons.map(({ code }) => code);

interface Controls {
  readonly controls: readonly {
    readonly kind: string;
    readonly how: string;
    readonly statement: string;
    readonly rerunBecause?: string;
  }[];
}
const controlsOf = (answer: Answer): Controls['controls'] => (answer.json as Controls).controls;

describe('a version on its way to pass', () => {
  test('is refused, then not proven, then passes, and every waiver shows', async () => {
    const first = await check();
    expect([first.exit, verdictOf(first).result]).toEqual([1, 'refused']);
    await prepare(project);
    const second = await check();
    expect([second.exit, codesOf(second)]).toEqual([2, ['missing']]);
    expect((await approveCommand(project.io('approver'), 'v1', APPROVE)).exit).toBe(0);
    const third = await gate();
    expect(third.text).toContain('PASS');
    expect(third.exit).toBe(0);
    expect(
      verdictOf(third)
        .waivers.map(({ requirement }) => requirement)
        .sort(),
    ).toEqual(['data.poison_scan', 'robustness.evasion']);
  });

  test('an approval is refused unless everything else holds', async () => {
    await check();
    const early = await approveCommand(project.io('approver'), 'v1', APPROVE);
    expect(early.exit).toBe(1);
    expect(early.text).toContain('Not approved');
  });

  test('the author can neither approve the version nor his own waiver', async () => {
    await prepare(project);
    await check();
    await expect(approveCommand(project.io('author'), 'v1', APPROVE)).rejects.toMatchObject({ code: 'ACT_NO_ROLE' });
  });

  test('a second check reuses everything that passed', async () => {
    await release(project);
    const again = await check();
    expect(again.exit).toBe(0);
    const ran = controlsOf(again).filter(({ how }) => how === 'ran');
    expect(ran.map(({ kind }) => kind)).toEqual(['data.poison_scan']);
  });
});

describe('what changes after the release', () => {
  beforeEach(() => release(project));

  test('one byte of the model: refused, and the file is named', async () => {
    appendFileSync(join(project.root, 'models/v1/README.md'), 'x');
    const gated = await gate();
    expect(gated.exit).toBe(1);
    const checked = await check();
    expect(checked.exit).toBe(1);
    expect(checked.text).toContain('README.md');
  });

  test('no signature: not proven, in gate and in check', async () => {
    rmSync(join(project.root, 'models/v1/model.sig'));
    expect((await gate()).exit).toBe(2);
    expect((await check()).exit).toBe(2);
  });

  test('the scan is revoked: gate says not proven, check runs it again and says so', async () => {
    const scan = controlsOf(await check()).find(({ kind }) => kind === 'artifact.scan');
    await revokeCommand(project.io('approver'), scan?.statement ?? '', { reason: 'the runner was compromised' });
    const gated = await gate();
    expect([gated.exit, codesOf(gated)]).toEqual([2, ['revoked']]);
    const again = await check();
    expect(again.exit).toBe(0);
    expect(controlsOf(again).find(({ kind }) => kind === 'artifact.scan')?.rerunBecause).toContain('compromised');
    expect(verdictOf(again).notes.join(' ')).toContain('revoked since');
  });

  test('the ruleset is revoked: running again does not help', async () => {
    const answer = await check();
    const scan = controlsOf(answer).find(({ kind }) => kind === 'artifact.scan')?.statement ?? '';
    const path = join(project.root, '.vallum/statements', scan.slice(0, 2), `${scan}.json`);
    const envelope = JSON.parse(readFileSync(path, 'utf8')) as { payload: string };
    const statement = JSON.parse(Buffer.from(envelope.payload, 'base64').toString()) as {
      predicate: { tool: { rules: { sha256: string } } };
    };
    await revokeCommand(project.io('approver'), undefined, {
      ruleset: statement.predicate.tool.rules.sha256,
      reason: 'it missed a payload',
    });
    expect((await check()).exit).toBe(2);
    expect((await gate()).exit).toBe(2);
  });

  test('a replaced or removed trust.json never gives a pass', async () => {
    const path = join(project.root, 'trust.json');
    const good = readFileSync(path);
    const other = await makeTinyProject();
    writeFileSync(path, readFileSync(join(other.root, 'trust.json')));
    other.remove();
    expect([(await gate()).exit, (await check()).exit]).toEqual([2, 2]);
    rmSync(path);
    expect([(await gate()).exit, (await check()).exit]).toEqual([2, 2]);
    writeFileSync(path, good);
    expect((await gate()).exit).toBe(0);
  });

  test('a removed or foreign policy never gives a pass', async () => {
    const path = join(project.root, 'policy.json');
    rmSync(path);
    await expect(gate()).rejects.toMatchObject({ code: 'POLICY_MISSING', errorClass: 'unproven' });
    const other = await makeTinyProject();
    writeFileSync(path, readFileSync(join(other.root, 'policy.json')));
    other.remove();
    await expect(gate()).rejects.toMatchObject({ errorClass: 'unproven' });
  });
});
