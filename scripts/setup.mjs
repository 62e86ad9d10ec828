// One launcher for every npm command: `node scripts/setup.mjs start|test|check|...`.
// It installs when the lock file changed, builds when a source is newer than the output, then runs the job.
// Only `node:` modules: on a fresh clone nothing is installed yet, and npm runs no pre/post hooks here.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, 'node_modules', ...name.split('/'));
const say = (text) => process.stderr.write(`${text}\n`);

/** `npm start` tells the first story, `npm start -- NAME` one of these. */
const STORIES = { gateway: 'examples/inference-server/dist/story/main.js' };

const JOBS = {
  start: [[process.execPath, 'examples/spam-filter/dist/story/main.js']],
  test: [[process.execPath, bin('vitest/vitest.mjs'), 'run']],
  check: [
    [process.execPath, bin('typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.test.json'],
    [process.execPath, bin('eslint/bin/eslint.js'), '.'],
    [process.execPath, bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'],
    [process.execPath, 'scripts/imports.mjs'],
    [process.execPath, bin('knip/bin/knip.js'), '--no-progress'],
    [process.execPath, 'catalog/check.mjs'],
  ],
  nightly: [
    [process.execPath, bin('vitest/vitest.mjs'), 'run', '--config', 'vitest.nightly.config.ts'],
    [process.execPath, 'bench/run.mjs'],
  ],
  oracle: [
    [
      process.execPath,
      bin('vitest/vitest.mjs'),
      'run',
      '--config',
      'vitest.nightly.config.ts',
      'tests/nightly/pickle-oracle.test.ts',
    ],
  ],
  interop: [[process.execPath, bin('vitest/vitest.mjs'), 'run', '--config', 'vitest.interop.config.ts']],
  bench: [[process.execPath, 'bench/run.mjs']],
  pack: [[process.execPath, 'scripts/pack.mjs']],
  build: [],
};

/** Stops with one sentence. */
function fail(sentence, code = 4) {
  say(sentence);
  process.exit(code);
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`Vallum needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer Node and try again.`, 3);
}

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: process.env });
  if (result.error) fail(`Could not start ${command}: ${result.error.message}`);
  return result.status ?? 4;
}

/** npm as the program that started us, else the one on the path; its own output goes to stderr only on failure. */
function npmCi() {
  const npmCli = process.env.npm_execpath ?? '';
  const [command, prefix] = basename(npmCli) === 'npm-cli.js' ? [process.execPath, [npmCli]] : ['npm', []];
  const args = [...prefix, 'ci', '--ignore-scripts', '--prefer-offline', '--loglevel=error'];
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: command === 'npm' && process.platform === 'win32',
  });
  if (result.status !== 0)
    fail('Installing packages failed, and the lines above say why: is the package registry reachable?');
}

/** The stamp is written after success only. Some packages hold binaries of one platform, so it names that too. */
function install() {
  const stamp = join(root, 'node_modules', '.vallum-install');
  const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  const state = `${lock.digest('hex')} ${process.platform} ${process.arch}`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return;
  say('Installing packages (once, about half a minute) ...');
  npmCi();
  writeFileSync(stamp, state);
}

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (['node_modules', 'dist', 'build'].includes(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

/** Names and times of everything a build reads: a deleted or renamed file counts as a change too. */
function sourceState() {
  const hash = createHash('sha256');
  const add = (path) => hash.update(`${path} ${statSync(path).mtimeMs}\n`);
  for (const name of readdirSync(root)) if (/^tsconfig.*\.json$/.test(name)) add(join(root, name));
  for (const folder of ['packages', 'examples', 'catalog'])
    for (const path of files(join(root, folder))) if (/\.(ts|json)$/.test(path) && !/\.test\.ts$/.test(path)) add(path);
  return hash.digest('hex');
}

/** Is there output of every package that has any? */
function isBuilt() {
  const packages = ['packages', 'examples'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(root, parent, name)),
  );
  if (!existsSync(join(root, 'packages/cli/build/main.js'))) return false;
  return packages.every((path) => !existsSync(join(path, 'tsconfig.json')) || existsSync(join(path, 'dist')));
}

function build() {
  const stamp = join(root, 'build', '.stamp');
  const state = sourceState();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state && isBuilt()) return;
  say('Building ...');
  const code = run(process.execPath, [bin('typescript/bin/tsc'), '-b', 'tsconfig.build.json']);
  if (code !== 0) fail('The build failed: the lines above say where.', code);
  if (run(process.execPath, ['scripts/bundle.mjs']) !== 0) fail('The command could not be bundled.');
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, state);
}

const [job, ...rest] = process.argv.slice(2);
let steps = Object.hasOwn(JOBS, job ?? '') ? JOBS[job] : undefined;
if (!steps) fail(`There is no job ${JSON.stringify(job ?? '')}: name one of ${Object.keys(JOBS).join(', ')}.`, 3);
if (job === 'start' && Object.hasOwn(STORIES, rest[0] ?? '')) steps = [[process.execPath, STORIES[rest.shift()]]];
requireNode();
install();
build();
for (const [command, ...args] of steps) {
  const code = run(command, steps.length === 1 ? [...args, ...rest] : args);
  if (code !== 0) process.exit(code);
}
