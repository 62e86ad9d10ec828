// The scanner as a control and over folders: links, unreadable files, changing subjects, aborts; and real disks.
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunContext, Subject } from '@vallum/core';
import { digestDirectory, digestTree, nodeDisk } from '@vallum/core';
import { externalTensor, onnxModel, pickle } from '@vallum/formats/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planArtifactScan } from './control.js';
import { RULE_FILES } from './rule-files.js';
import { buildRules } from './rules.js';
import { scanPath } from './scan-path.js';
import { memoryDisk, scanBytes } from './testing/scan-bytes.js';

const shell = pickle().global('os', 'system').call('id').stop();
const context: RunContext = { signal: new AbortController().signal, progress: () => {} };
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vallum-scan-'));
  await writeFile(join(dir, 'model.onnx'), onnxModel());
  await writeFile(join(dir, 'model.json'), '{"schema":"vallum/model/v1"}');
  await writeFile(join(dir, 'README.md'), '# A model\n\nIt does not call os.system.\n');
  await writeFile(join(dir, 'requirements.txt'), 'numpy==1.26.4\n');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function subjectOf(folder: string): Promise<Subject> {
  const files = await digestTree(nodeDisk, folder, (path) => path !== 'model.sig');
  return { name: 'spam-filter@v1', digest: { sha256: digestDirectory(files) } };
}

describe('artifact.scan', () => {
  it('plans with everything that shapes its result', async () => {
    const task = await planArtifactScan({ disk: nodeDisk, dir, subject: await subjectOf(dir) });
    expect(task).toMatchObject({ kind: 'artifact.scan', version: '1', inputs: [], parameters: { gate: 'high' } });
    expect(task.rules).toBe(buildRules().digest);
    expect(task.parameters['budgets']).toMatchObject({ maxDepth: 5 });
  });

  it('passes a plain model folder, with coverage and metrics', async () => {
    const result = await (await planArtifactScan({ disk: nodeDisk, dir, subject: await subjectOf(dir) })).run(context);
    expect(result).toMatchObject({ outcome: 'pass', coverage: { examined: { files: 4 }, notExamined: [] } });
    expect(result.reason).toBeUndefined();
    expect(result.findings.map(({ rule }) => rule)).toEqual(['VLM-REQ-002']);
    expect(result.metrics).toContainEqual({ id: 'findings.critical', value: 0, unit: 'findings' });
  });

  it('fails a folder that holds a pickle which calls os.system, whatever its name', async () => {
    await writeFile(join(dir, 'notes.txt'), shell);
    const result = await (await planArtifactScan({ disk: nodeDisk, dir, subject: await subjectOf(dir) })).run(context);
    expect(result).toMatchObject({ outcome: 'fail', reason: { code: 'findings' } });
    expect(result.findings[0]?.message).toMatch(/os\.system.*offset 20/);
    expect(result.findings[0]?.location).toMatchObject({ file: 'notes.txt', offset: 20 });
  });

  it('is inconclusive when something is not examined, and when the subject is another', async () => {
    const subject = await subjectOf(dir);
    await writeFile(join(dir, 'extra.bin'), Buffer.from('00ff00ff', 'hex'));
    const task = await planArtifactScan({ disk: nodeDisk, dir, subject: await subjectOf(dir) });
    expect(await task.run(context)).toMatchObject({ outcome: 'inconclusive', reason: { code: 'not-examined' } });
    await rm(join(dir, 'extra.bin'));
    expect(await task.run(context)).toMatchObject({ outcome: 'inconclusive', reason: { code: 'subject-changed' } });
    expect((await (await planArtifactScan({ disk: nodeDisk, dir, subject })).run(context)).outcome).toBe('pass');
  });

  it('has another rules digest when a rule changes, and other parameters under another gate', async () => {
    const subject = await subjectOf(dir);
    const rules = buildRules({ ...RULE_FILES, explain: { explain: [], tampering: [] } });
    const [a, b] = await Promise.all([
      planArtifactScan({ disk: nodeDisk, dir, subject }),
      planArtifactScan({ disk: nodeDisk, dir, subject, rules, gate: 'low' }),
    ]);
    expect(b.rules).not.toBe(a.rules);
    expect(b.parameters['gate']).toBe('low');
    expect((await b.run(context)).outcome).toBe('fail');
  });
});

describe('scanPath', () => {
  it('tells links and does not follow them', async () => {
    await symlink('/etc/passwd', join(dir, 'weights'));
    const report = await scanPath(nodeDisk, dir);
    expect(report.outcome).toBe('inconclusive');
    expect(report.files.find(({ path }) => path === 'weights')?.findings[0]?.rule).toBe('VLM-FIL-005');
  });

  it('refuses external data that is a link', async () => {
    await symlink('/etc/passwd', join(dir, 'w.data'));
    await writeFile(join(dir, 'model.onnx'), onnxModel({ tensors: [externalTensor('W', { location: 'w.data' })] }));
    const report = await scanPath(nodeDisk, join(dir, 'model.onnx'));
    expect(report.files[0]?.findings[0]?.rule).toBe('VLM-ONNX-002');
  });

  it('goes on past an unreadable file, which is inconclusive', async () => {
    const disk = memoryDisk({ 'a.txt': Buffer.from('a'), 'b.pkl': shell, 'c.txt': Buffer.from('c') }, ['a.txt']);
    const report = await scanPath(disk, '/m');
    expect(report.files.map(({ path, outcome }) => `${path} ${outcome}`)).toEqual([
      'a.txt inconclusive',
      'b.pkl fail',
      'c.txt pass',
    ]);
    expect(report.outcome).toBe('fail');
  });

  it('throws for a path that is not there, and stops when it is told to', async () => {
    await expect(scanPath(nodeDisk, join(dir, 'nothing'))).rejects.toThrow(/no such file/);
    await expect(scanBytes('a.pkl', shell, { signal: AbortSignal.abort() })).rejects.toThrow();
  });

  it('says how many files it did not reach', async () => {
    const report = await scanPath(nodeDisk, dir, { budgets: { maxFiles: 2 } });
    expect(report.outcome).toBe('inconclusive');
  });

  it('reads a large file in pieces', async () => {
    const size = 3_000_000_000;
    let most = 0;
    const head = Buffer.from('\x80\x04\x8e', 'latin1');
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(size - 12));
    const start = Buffer.concat([head, length]);
    const read = async (offset: number, count: number): Promise<Uint8Array> => {
      most = Math.max(most, count);
      const bytes = Buffer.alloc(Math.min(count, size - offset));
      if (offset < start.length) start.copy(bytes, 0, offset);
      if (offset + bytes.length === size) bytes[bytes.length - 1] = 0x2e;
      return bytes;
    };
    const disk = {
      ...memoryDisk({ 'big.pkl': new Uint8Array(1) }),
      open: async () => ({ size, read, close: async () => {} }),
    };
    expect((await scanPath(disk, '/m/big.pkl')).outcome).toBe('pass');
    expect(most).toBeLessThanOrEqual(1024 * 1024);
  });
});
