// What a command loads before it works, read from the bundle: a signature is verified in a tenth of a second only if the
// parsers of the scanner and the reader of project files stay away. And the threads are where the code looks for them.
import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

interface Output {
  readonly entryPoint?: string;
  readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>;
  readonly imports: readonly { readonly path: string; readonly kind: string }[];
}

let work = '';
const outputs = new Map<string, Output>();

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'vallum-bundle-'));
  const meta = join(work, 'meta.json');
  const script = `import { writeFileSync } from 'node:fs';
import { bundle } from './scripts/bundle.mjs';
writeFileSync(${JSON.stringify(meta)}, JSON.stringify((await bundle(${JSON.stringify(join(work, 'build'))})).outputs));`;
  execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT });
  const made = JSON.parse(readFileSync(meta, 'utf8')) as Record<string, Output>;
  for (const [path, output] of Object.entries(made)) outputs.set(basename(path), output);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Sources that are run when the entry is imported. */
function loadedBy(entry: string): readonly string[] {
  const first = [...outputs].find(([, { entryPoint }]) => entryPoint?.endsWith(entry) === true)?.[0];
  if (first === undefined) throw new Error(`the bundle has no ${entry}`);
  const seen = new Set([first]);
  for (const name of seen)
    for (const { path, kind } of outputs.get(name)?.imports ?? [])
      if (kind !== 'dynamic-import' && outputs.has(basename(path))) seen.add(basename(path));
  return [...seen].flatMap((name) => Object.keys(outputs.get(name)?.inputs ?? {}));
}

const foreign = (paths: readonly string[], what: RegExp): readonly string[] => paths.filter((path) => what.test(path));

test.each(['sign', 'verify'])('`vallum %s` loads neither the scanner nor what reads a project', (command) => {
  const loaded = loadedBy(`packages/cli/src/commands/${command}.ts`);
  expect(foreign(loaded, new RegExp(`packages/model/src/sign/${command}\\.ts`))).toHaveLength(1);
  expect(foreign(loaded, /packages\/(model\/src\/(scan|assess)|detect|data|governance)\//)).toEqual([]);
  expect(foreign(loaded, /node_modules\/(yaml|zod|postal-mime|@sigstore)\//)).toEqual([]);
});

test('the scanner loads its parsers, so the look at what is loaded can see', () => {
  const loaded = loadedBy('packages/cli/src/commands/scan.ts');
  expect(foreign(loaded, /packages\/formats\/src\/pickle\//).length).toBeGreaterThan(3);
});

test('threads are files of their own beside the code that starts them', () => {
  for (const name of ['hash-thread.js', 'scan-thread.js']) {
    expect(existsSync(join(work, 'build', name))).toBe(true);
    expect(foreign(loadedBy(name.replace('.js', '.ts')), /packages\/cli\//)).toEqual([]);
  }
});

test('a large model is hashed on threads', () => {
  const [model, key] = [join(work, 'model'), join(work, 'key.pem')];
  mkdirSync(model);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(model, 'weights.bin'), 'x');
  const sign = (...args: string[]): string =>
    spawnSync(process.execPath, [join(work, 'build/main.js'), 'sign', model, '--key', key, ...args], {
      encoding: 'utf8',
      env: { ...process.env, NODE_DEBUG: 'worker', VALLUM_KEYS: join(work, 'keys') },
    }).stderr;
  expect(sign()).toBe('');
  // A hole costs no disk.
  truncateSync(join(model, 'weights.bin'), 64 * 1024 * 1024);
  expect(sign()).toMatch(/starts worker script .*hash-thread\.js[^]*terminates Worker/);
});
