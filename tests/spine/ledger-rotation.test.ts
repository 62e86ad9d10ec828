// A new key for the ledger: the log goes on, everybody's verdicts hold, and the old key can neither go on, nor fork, nor
// take entries back, not even before the new one was first used.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from 'vitest';
import { copyOf, type Place } from '../cli/command.js';
import { release } from '../support/release.js';
import { makeTinyProject, type TinyProject } from '../support/tiny-project.js';

let project: TinyProject;
let place: Place;

beforeAll(async () => {
  project = await makeTinyProject();
  await release(project);
});
afterAll(() => project.remove());
beforeEach(() => {
  place = copyOf(project);
});
afterEach(() => place.remove());

const rotate = (): Promise<unknown> => place.inProcess('root', ['ledger', 'rotate']);
const run = (person: Parameters<Place['inProcess']>[0], ...args: readonly string[]) => place.inProcess(person, args);
const trustFile = (): string => join(place.project, 'trust.json');

test('the log goes on under the new key, and an older receipt, anchor and export still count', async () => {
  const { verdict } = JSON.parse((await run('runner', 'gate', 'v1', '--format', 'json')).stdout) as {
    verdict: { evidence: string[] };
  };
  await run('runner', 'ledger', 'prove', verdict.evidence[0] ?? '', '--out', 'old.tlog-proof');
  expect(await run('root', 'ledger', 'rotate')).toMatchObject({ exit: 0 });
  // Readers believe the handover before the holder has used the new key, and go on to believe afterwards.
  expect(await run('approver', 'gate', 'v1')).toMatchObject({ exit: 0 });
  expect(await run('approver', 'ledger', 'fsck')).toMatchObject({ exit: 0 });
  await run('approver', 'evidence', 'export', 'v1', '--out', 'handover.json');
  expect(await run('runner', 'gate', 'v1')).toMatchObject({ exit: 0 });
  expect(await run('runner', 'check', 'v2')).toMatchObject({ exit: 1 });
  expect(await run('approver', 'gate', 'v1')).toMatchObject({ exit: 0 });
  expect(await run('approver', 'ledger', 'fsck')).toMatchObject({ exit: 0 });
  expect(await run('approver', 'ledger', 'compare', 'old.tlog-proof')).toMatchObject({ exit: 0 });
  await run('approver', 'evidence', 'export', 'v1', '--out', 'new.json');
  for (const file of ['handover.json', 'new.json'])
    expect(await run('approver', 'evidence', 'verify', file, '--trust', 'trust.json')).toMatchObject({ exit: 0 });
});

test('twice in a row, with and without entries in between', async () => {
  for (const between of [true, false, true]) {
    expect(await run('root', 'ledger', 'rotate')).toMatchObject({ exit: 0 });
    if (between) expect(await run('runner', 'gate', 'v1')).toMatchObject({ exit: 0 });
  }
  expect(await run('approver', 'gate', 'v1')).toMatchObject({ exit: 0 });
  expect(await run('approver', 'ledger', 'fsck')).toMatchObject({ exit: 0 });
});

test('twice without use, the ledger is whole for everybody', async () => {
  await run('runner', 'gate', 'v1');
  await rotate();
  await rotate();
  for (const person of ['approver', 'runner'] as const) {
    expect(await run(person, 'ledger', 'fsck')).toMatchObject({ exit: 0 });
    expect(await run(person, 'gate', 'v1')).toMatchObject({ exit: 0 });
  }
});

test("a key that a broken rotation left behind is in nobody's way", async () => {
  const before = readFileSync(trustFile());
  await rotate();
  writeFileSync(trustFile(), before);
  rmSync(join(place.dir, 'keys/seen-signed.json'));
  expect(await run('root', 'ledger', 'rotate')).toMatchObject({ exit: 0 });
  expect(await run('runner', 'gate', 'v1')).toMatchObject({ exit: 0 });
});

test('former keys are told with their end, and receipts under them count up to there', async () => {
  const { verdict } = JSON.parse((await run('runner', 'gate', 'v1', '--format', 'json')).stdout) as {
    verdict: { evidence: string[] };
  };
  const prove = ['ledger', 'prove', verdict.evidence[0] ?? '', '--out'];
  await run('runner', ...prove, 'old.tlog-proof');
  const end = JSON.parse((await place.inProcess('root', ['ledger', 'rotate', '--format', 'json'])).stdout) as {
    size: number;
  };
  const [current = '', former = ''] = (await run('runner', 'ledger', 'key')).stdout.trim().split('\n');
  expect(former.endsWith(`@${end.size}`)).toBe(true);
  const verify = (...keys: readonly string[]) => run('stranger', 'ledger', 'verify-proof', 'old.tlog-proof', ...keys);
  expect(await verify('--log', current, '--log', former)).toMatchObject({ exit: 0 });
  expect(await verify('--log', current)).toMatchObject({ exit: 1 });
  expect(await verify('--log', former.replace(/@.*/, '@1'))).toMatchObject({ exit: 1 });
});

test('entries that the old key adds after its end are not believed', async () => {
  const before = readFileSync(trustFile());
  await rotate();
  const after = readFileSync(trustFile());
  // Whoever kept the old key and the old trust file goes on as if nothing had happened.
  writeFileSync(trustFile(), before);
  expect(await run('runner', 'check', 'v2')).toMatchObject({ exit: 1 });
  writeFileSync(trustFile(), after);
  const ran = await run('approver', 'gate', 'v1');
  expect(ran).toMatchObject({ exit: 2, stderr: expect.stringContaining('LEDGER_UNTRUSTED') as string });
  // The stale writer himself learns the same, and where it began.
  const own = await run('runner', 'gate', 'v1');
  expect(own).toMatchObject({ exit: 2, stderr: expect.stringMatching(/from \d+ on were signed with a key/) as string });
});

test('another past by the old key is not believed, nor carried on by the new one', async () => {
  const state = join(place.project, '.vallum');
  const forged = copyOf({ root: place.project });
  rmSync(join(forged.project, '.vallum'), { recursive: true });
  for (const person of ['runner', 'approver', 'author'])
    rmSync(join(forged.dir, 'keys', person, 'seen.json'), { force: true });
  await forged.inProcess('runner', ['check', 'v1']);
  await forged.inProcess('runner', ['check', 'v2']);
  await rotate();
  rmSync(state, { recursive: true });
  cpSync(join(forged.project, '.vallum'), state, { recursive: true });
  forged.remove();
  for (const person of ['runner', 'approver'] as const) {
    rmSync(join(place.dir, 'keys', person, 'seen.json'), { force: true });
    expect((await run(person, 'gate', 'v1')).exit).not.toBe(0);
    expect((await run(person, 'gate', 'v1')).stderr).toMatch(/LEDGER_(UNTRUSTED|KEY)/);
  }
});

test('entries taken back to before the end of the old key are missed', async () => {
  const early = copyOf({ root: place.project });
  await run('runner', 'check', 'v2');
  await rotate();
  expect(await run('runner', 'gate', 'v1')).toMatchObject({ exit: 0 });
  rmSync(join(place.project, '.vallum'), { recursive: true });
  cpSync(join(early.project, '.vallum'), join(place.project, '.vallum'), { recursive: true });
  early.remove();
  for (const person of ['runner', 'approver'] as const) {
    rmSync(join(place.dir, 'keys', person, 'seen.json'), { force: true });
    expect((await run(person, 'gate', 'v1')).stderr).toMatch(/LEDGER_(UNTRUSTED|KEY)/);
  }
});

test('only the root may, and not while somebody writes', async () => {
  const ran = await run('runner', 'ledger', 'rotate');
  expect(ran).toMatchObject({ exit: 3, stderr: expect.stringContaining('TRUST_ROOT') as string });
});
