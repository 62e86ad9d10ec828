// A folder large enough for threads gives the same answer as one thread does, in the same order; and where no thread can
// start, nothing is passed over.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeDisk } from '@vallum/core';
import { pickle } from '@vallum/formats/testing';
import type { ScanReport } from '@vallum/model';
import { scanPath, threadScanner } from '@vallum/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { vallum } from './command.js';

let dir = '';
const FILES = 60;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'vallum-threads-'));
  mkdirSync(join(dir, 'm'));
  for (let index = 0; index < FILES; index++) {
    const stream = pickle().proto(2).global(`package${index}`, 'run');
    const bytes = index % 3 === 0 ? stream.call('x').stop() : pickle().proto(2).int(index).stop();
    writeFileSync(join(dir, 'm', `${String(index).padStart(2, '0')}.pkl`), bytes);
  }
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('the answer of threads is that of one thread', async () => {
  const alone = await scanPath(nodeDisk, join(dir, 'm'), { digests: 'noted' });
  const ran = await vallum(['scan', 'm', '--format', 'json'], { cwd: dir });
  expect([ran.exit, ran.stderr]).toEqual([1, '']);
  expect(JSON.parse(ran.stdout) as ScanReport).toEqual(alone);
  expect(alone.summary).toMatchObject({ files: FILES, findings: { high: FILES / 3 } });
});

test('a thread that does not start leaves its file not examined', async () => {
  // From source the compiled thread is not there, so every thread ends at once.
  const report = await scanPath(nodeDisk, join(dir, 'm'), { scanner: threadScanner });
  const broken = report.files.filter(({ notExamined }) => notExamined.length > 0);
  expect(broken.length).toBe(FILES - 16);
  expect(broken[0]?.notExamined[0]?.why).toContain('its examination broke off');
  expect(report.files.map(({ path }) => path)).toEqual([...report.files.map(({ path }) => path)].sort());
});

test('an interrupted scan ends', async () => {
  const controller = new AbortController();
  const scanning = scanPath(nodeDisk, join(dir, 'm'), { scanner: threadScanner, signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(scanning).rejects.toThrow('enough');
});
