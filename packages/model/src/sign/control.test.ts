// The control's answers: pass only for exactly the signed files by a trusted key; removing a signature is not a way out.
import { rmSync } from 'node:fs';
import type { ControlResult, Disk, Subject, Task } from '@vallum/core';
import { digestDirectory, digestTree, isBlocked, nodeDisk, VallumError } from '@vallum/core';
import { afterAll, describe, expect, it } from 'vitest';
import { planSignatureVerify } from './control.js';
import { signModel } from './sign.js';
import { forge, modelFolder, put, removeFolders, resource, statementText, testKey } from './testing/fixtures.js';

afterAll(removeFolders);
const key = testKey();

async function subjectOf(dir: string): Promise<Subject> {
  const files = await digestTree(nodeDisk, dir, (path) => path !== 'model.sig');
  return { name: 'demo@v1', digest: { sha256: digestDirectory(files) } };
}

async function plan(dir: string, trustedKeys = [key]): Promise<Task> {
  const planned = await planSignatureVerify({ disk: nodeDisk, dir, subject: await subjectOf(dir), trustedKeys });
  if (isBlocked(planned)) throw new Error(planned.blocked.message);
  return planned;
}

async function run(dir: string, trustedKeys = [key]): Promise<ControlResult> {
  const task = await plan(dir, trustedKeys);
  return task.run({ signal: new AbortController().signal, progress: () => undefined });
}

async function signedFolder(): Promise<string> {
  const dir = modelFolder({ 'model.onnx': 'w', 'model.json': '{}' });
  await signModel({ disk: nodeDisk, dir, key });
  return dir;
}

describe('planSignatureVerify', () => {
  it('passes on the signed files, with the trusted keys and the signature in its identity', async () => {
    const dir = await signedFolder();
    const other = testKey();
    const task = await plan(dir, [other, key]);
    expect(task).toMatchObject({
      kind: 'signature.verify',
      version: '1',
      inputs: [{ name: 'model.sig', digest: {} }],
      parameters: { trustedKeys: [other.keyid, key.keyid].sort() },
    });
    expect(await run(dir, [other, key])).toMatchObject({
      outcome: 'pass',
      findings: [],
      metrics: [{ id: 'signed-files', value: 2 }],
      coverage: { examined: { files: 2, bytes: 3 } },
    });
  });

  it('is inconclusive without a signature, and says so in its inputs', async () => {
    const dir = await signedFolder();
    rmSync(`${dir}/model.sig`);
    expect((await plan(dir)).inputs).toEqual([{ name: 'model.sig', absent: true }]);
    expect(await run(dir)).toMatchObject({ outcome: 'inconclusive', reason: { code: 'signature-absent' } });
  });

  it('is inconclusive when nobody trusted signed', async () => {
    const dir = await signedFolder();
    expect(await run(dir, [testKey()])).toMatchObject({
      outcome: 'inconclusive',
      reason: { code: 'signer-untrusted' },
    });
    expect(await run(dir, [])).toMatchObject({ outcome: 'inconclusive', reason: { code: 'signer-untrusted' } });
    // A record that carries the signer's key under another key's id is no key.
    const liar = { ...key, keyid: testKey().keyid };
    expect(await run(dir, [liar])).toMatchObject({ outcome: 'inconclusive', reason: { code: 'signer-untrusted' } });
  });

  it('fails and names the files that differ, whoever signed', async () => {
    const dir = await signedFolder();
    put(dir, { 'model.onnx': 'W', 'run.py': '' });
    rmSync(`${dir}/model.json`);
    for (const keys of [[key], [testKey()]]) {
      const result = await run(dir, keys);
      expect(result).toMatchObject({ outcome: 'fail', reason: { code: 'files-differ' } });
      expect(result.findings.map(({ rule, location }) => `${rule} ${location.file ?? ''}`)).toEqual([
        'signature.changed-file model.onnx',
        'signature.missing-file model.json',
        'signature.extra-file run.py',
      ]);
      expect(result.reason?.message).toContain('changed model.onnx; missing model.json; extra run.py');
    }
  });

  it('fails on a broken signature', async () => {
    const dir = await signedFolder();
    put(dir, { 'model.sig': 'x' });
    expect(await run(dir)).toMatchObject({ outcome: 'fail', findings: [{ rule: 'signature.bundle-malformed' }] });
  });

  it('fails when the signature hides files, and only notes those of version control', async () => {
    const dir = modelFolder({ a: 'A', 'hidden/run.py': 'x' });
    const text = statementText({
      resources: [resource('a', 'A')],
      serialization: { ignore_paths: ['model.sig', 'hidden', '.git'] },
    });
    put(dir, { 'model.sig': forge(key, text) });
    expect(await run(dir)).toMatchObject({
      outcome: 'fail',
      reason: { code: 'files-ignored' },
      findings: [{ severity: 'high', location: { file: 'hidden' } }],
    });
    rmSync(`${dir}/hidden`, { recursive: true });
    put(dir, { '.git/HEAD': 'x' });
    expect(await run(dir)).toMatchObject({ outcome: 'pass', findings: [{ severity: 'medium' }] });
  });

  it.each([
    ['the files', (dir: string) => put(dir, { 'model.onnx': 'changed' })],
    ['the signature', (dir: string) => signModel({ disk: nodeDisk, dir, key })],
    ['the signature, which went,', (dir: string) => rmSync(`${dir}/model.sig`)],
  ] as const)('does not speak about bytes when %s changed after planning', async (_, change) => {
    const dir = await signedFolder();
    const task = await plan(dir);
    await change(dir);
    const result = await task.run({ signal: new AbortController().signal, progress: () => undefined });
    expect(result).toMatchObject({ outcome: 'inconclusive', reason: { code: 'subject-changed' } });
  });

  it('reads every file once', async () => {
    const dir = await signedFolder();
    put(dir, { '.git/HEAD': 'x' });
    const opened: string[] = [];
    const disk: Disk = {
      ...nodeDisk,
      open: (path) => {
        opened.push(path.slice(dir.length + 1));
        return nodeDisk.open(path);
      },
    };
    const planned = await planSignatureVerify({ disk, dir, subject: await subjectOf(dir), trustedKeys: [key] });
    if (isBlocked(planned)) throw new Error(planned.blocked.message);
    opened.length = 0;
    const result = await planned.run({ signal: new AbortController().signal, progress: () => undefined });
    expect(result).toMatchObject({ outcome: 'pass' });
    expect(opened.filter((path) => path !== 'model.sig').sort()).toEqual(['.git/HEAD', 'model.json', 'model.onnx']);
  });

  it('is blocked by a signature file that cannot be read, and stops when its time is up', async () => {
    const dir = await signedFolder();
    const disk: Disk = {
      ...nodeDisk,
      open: (path) =>
        path.endsWith('model.sig')
          ? Promise.reject(new VallumError('DISK_READ', 'cannot read it'))
          : nodeDisk.open(path),
    };
    const blocked = await planSignatureVerify({ disk, dir, subject: await subjectOf(dir), trustedKeys: [key] });
    expect(blocked).toMatchObject({ kind: 'signature.verify', blocked: { file: `${dir}/model.sig` } });
    const task = await plan(dir);
    await expect(task.run({ signal: AbortSignal.abort(), progress: () => undefined })).rejects.toThrow();
  });
});
