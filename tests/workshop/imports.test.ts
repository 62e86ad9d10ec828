// The import rules of the house hold, and the check can see: it looked at every room and it caught the planted canary.
// A check that looked at nothing is green as well, so the figures are read from what it prints.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** Sources of all packages: what the check has to look at, at least. */
function sources(): number {
  return readdirSync(join(ROOT, 'packages'))
    .map((name) => join(ROOT, 'packages', name, 'src'))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    .filter((path) => path.endsWith('.ts')).length;
}

test('no arrow of the house points the wrong way, and the canary is caught', async () => {
  const child = promisify(execFile)(process.execPath, [join(ROOT, 'scripts/imports.mjs')], { encoding: 'utf8' });
  const { stdout, stderr } = await child.catch((error: { stdout: string; stderr: string }) => error);
  expect(stderr).toBe('');
  const [, modules, violations, canary] =
    /^imports: (\d+) modules, (\d+) violations, canary (caught|MISSED)$/m.exec(stdout) ?? [];
  expect({ violations, canary }).toEqual({ violations: '0', canary: 'caught' });
  expect(Number(modules)).toBeGreaterThanOrEqual(sources());
});
