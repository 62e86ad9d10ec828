// Each control that the runner runs is broken in every way we know, with nothing to reuse, for a version that passes
// otherwise (v2, so that the poisoning scan has a predecessor to ask): the answer is "not proven" each time, whatever was waived.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlResult, Disk, Planned, Task } from '@vallum/core';
import { isBlocked, nodeDisk, VallumError } from '@vallum/core';
import type { Io } from '../../packages/cli/src/answer.js';
import { checkCommand, runAndDecide } from '../../packages/cli/src/commands/check.js';
import { revokeCommand } from '../../packages/cli/src/commands/revoke.js';
import { exitOfResult } from '../../packages/cli/src/exit.js';
import { planVersion } from '../../packages/cli/src/plan/version-plan.js';
import { openProjectLedger, readRecorded } from '../../packages/cli/src/project/log.js';
import { loadRules } from '../../packages/cli/src/project/rules.js';
import { openSession } from '../../packages/cli/src/project/session.js';
import { CHECK, release } from '../support/release.js';
import type { TinyProject } from '../support/tiny-project.js';
import { makeTinyProject } from '../support/tiny-project.js';

const READS: Readonly<Record<string, string>> = {
  'data.manifest': 'rows.jsonl',
  'data.validation': 'rows.jsonl',
  'data.pii_scan': 'rows.jsonl',
  'data.poison_scan': 'rows.jsonl',
  'artifact.scan': 'model.onnx',
  'signature.verify': 'model.onnx',
  'robustness.report': 'model.onnx',
  'lineage.graph': 'model.onnx',
};

type Break = (task: Task) => Task;
const WAYS: Readonly<Record<string, Break>> = {
  throws: (task) => ({ ...task, run: () => Promise.reject(new Error('a defect')) }),
  'throws before it returns a promise': (task) => ({
    ...task,
    run: () => {
      throw new TypeError('a defect');
    },
  }),
  'times out': (task) => ({ ...task, run: () => new Promise<ControlResult>(() => undefined) }),
  'returns nothing': (task) => ({ ...task, run: () => Promise.resolve(undefined as unknown as ControlResult) }),
  'returns rubbish': (task) => ({ ...task, run: () => Promise.resolve({ outcome: 'pass' } as ControlResult) }),
};

let released: TinyProject;
/** Statement of each control in the released project. */
const statements = new Map<string, string>();

beforeAll(async () => {
  released = await makeTinyProject();
  await release(released, 'v1');
  await release(released, 'v2');
  const answer = await checkCommand(released.io('runner'), 'v2', CHECK);
  expect(answer.exit).toBe(0);
  for (const { kind, statement } of (answer.json as { controls: { kind: string; statement: string }[] }).controls)
    statements.set(kind, statement);
});
afterAll(() => released.remove());

/** A copy of the released project in which one control has nothing to reuse. */
async function inCopy(kind: string, work: (io: Io) => Promise<number>): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'vallum-broken-'));
  cpSync(released.root, folder, { recursive: true });
  try {
    await revokeCommand({ ...released.io('approver'), folder }, statements.get(kind) ?? '', {
      reason: 'nothing to reuse',
    });
    return await work({ ...released.io('runner'), folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function checkWith(io: Io, breakPlan: (plan: readonly Planned[]) => readonly Planned[]): Promise<number> {
  const session = await openSession(io);
  const ledger = await openProjectLedger(session);
  try {
    const before = await readRecorded(session, ledger);
    const planned = await planVersion(session, 'v2', before);
    const broken = { ...planned, plan: breakPlan(planned.plan) };
    const parts = {
      session,
      ledger,
      rules: await loadRules(session),
      planned: broken,
      before,
      progress: () => undefined,
    };
    const { decided } = await runAndDecide(parts, { ...CHECK, timeout: 0.2 });
    return exitOfResult(decided.verdict.result);
  } finally {
    await ledger.close();
  }
}

describe.each(Object.keys(READS))('%s', (kind) => {
  test('passes when nothing is broken', async () => {
    expect(await inCopy(kind, async (io) => (await checkCommand(io, 'v2', CHECK)).exit)).toBe(0);
  });

  test.each(Object.keys(WAYS))('%s: not proven', async (way) => {
    const breakIt = WAYS[way] as Break;
    const only = (plan: readonly Planned[]): readonly Planned[] =>
      plan.map((task) => (task.kind === kind && !isBlocked(task) ? breakIt(task) : task));
    expect(await inCopy(kind, (io) => checkWith(io, only))).toBe(2);
  });

  test('meets an unreadable file while it is planned: not proven', async () => {
    const disk = refusing(READS[kind] ?? '', () => true);
    expect(await inCopy(kind, async (io) => (await checkCommand({ ...io, disk }, 'v2', CHECK)).exit)).toBe(2);
  });

  test('meets an unreadable file while it runs: not proven', async () => {
    let planned = false;
    const disk = refusing(READS[kind] ?? '', () => planned);
    const flip = (plan: readonly Planned[]): readonly Planned[] => {
      planned = true;
      return plan;
    };
    // Deciding reads the ledger only, so the file stays unreadable until the end.
    expect(await inCopy(kind, (io) => checkWith({ ...io, disk }, flip))).toBe(2);
  });
});

/** A disk on which files of one name cannot be read, for root as well. */
function refusing(name: string, now: () => boolean): Disk {
  const guard = <T>(path: string, work: () => Promise<T>): Promise<T> =>
    now() && path.endsWith(`/${name}`)
      ? Promise.reject(new VallumError('DISK_READ', `cannot read ${path}: permission denied`))
      : work();
  return {
    ...nodeDisk,
    read: (path, limit) => guard(path, () => nodeDisk.read(path, limit)),
    open: (path) => guard(path, () => nodeDisk.open(path)),
  };
}
