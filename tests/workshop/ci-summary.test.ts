// The last line of CI is what everybody believes, so it is tested on reports that a real Vitest writes: a suite that passes,
// one that fails, one that skips, one that does not load, and none at all.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');

interface Ran {
  readonly exit: number;
  readonly lines: readonly string[];
}

let work: string;
const report = (name: string): string => join(work, `${name}.json`);

function run(args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: ROOT, env: { PATH: process.env['PATH'] } }, (error, stdout) => {
      resolve({ exit: error === null ? 0 : Number(error.code), lines: stdout.trim().split('\n') });
    });
  });
}

const summary = (name: string, ...failed: readonly string[]): Promise<Ran> =>
  run([join(ROOT, 'scripts/ci-summary.mjs'), report(name), ...failed]);

const SUITES = {
  good: `test('holds', () => {}); test('holds too', () => {});`,
  bad: `test('holds', () => {}); test('breaks', () => { throw new Error('no'); });`,
  skipping: `test('holds', () => {}); test.skipIf(true)('needs a program', () => {}); test.todo('later');`,
  broken: `test('holds', () => {}); throw new Error('does not load');`,
} as const;

beforeAll(async () => {
  // Inside the checkout, so that Vitest is found; build/ is ignored by git.
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  work = mkdtempSync(join(ROOT, 'build/ci-summary-'));
  for (const [name, text] of Object.entries(SUITES)) {
    mkdirSync(join(work, name));
    writeFileSync(join(work, name, 'vitest.config.mjs'), 'export default {};\n');
    writeFileSync(join(work, name, 'a.test.mjs'), `import { test } from 'vitest';\n${text}\n`);
  }
  const vitest = (name: string): Promise<Ran> =>
    run([VITEST, 'run', '--root', join(work, name), '--reporter=json', `--outputFile.json=${report(name)}`]);
  await Promise.all(Object.keys(SUITES).map(vitest));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('the last line', () => {
  test('all passed', async () => {
    expect(await summary('good')).toEqual({ exit: 0, lines: ['2 passed, 0 failed'] });
  });

  test('a failed test counts once, though its command failed as well', async () => {
    expect(await summary('bad', 'npm test')).toEqual({ exit: 1, lines: ['failed: breaks', '1 passed, 1 failed'] });
  });

  test('a skipped test is a failure', async () => {
    const { exit, lines } = await summary('skipping');
    expect({ exit, last: lines.at(-1) }).toEqual({ exit: 1, last: '1 passed, 2 failed' });
    expect(lines).toContain('skipped, and in CI that is a failure: needs a program');
  });

  test('a file that does not load is a failure', async () => {
    const { exit, lines } = await summary('broken', 'npm test');
    expect({ exit, last: lines.at(-1) }).toEqual({ exit: 1, last: '0 passed, 1 failed' });
    expect(lines[0]).toMatch(/^did not run: .*a\.test\.mjs$/);
  });

  test('each other command that failed counts', async () => {
    expect(await summary('good', 'npm run check', 'npm start')).toEqual({
      exit: 1,
      lines: ['failed: npm run check', 'failed: npm start', '2 passed, 2 failed'],
    });
  });

  test('tests that passed do not hide that npm test failed', async () => {
    expect((await summary('good', 'npm test')).lines.at(-1)).toBe('2 passed, 1 failed');
  });

  test('no report, or one without tests, is a failure', async () => {
    writeFileSync(report('empty'), JSON.stringify({ testResults: [] }));
    writeFileSync(report('torn'), '{"testRes');
    for (const name of ['absent', 'empty', 'torn']) {
      const { exit, lines } = await summary(name);
      expect({ exit, last: lines.at(-1) }).toEqual({ exit: 1, last: '0 passed, 1 failed' });
    }
  });
});
