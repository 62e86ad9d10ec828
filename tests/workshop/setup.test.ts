// The launcher behind `npm start` and `npm test`, the real file in a small workspace of stand-ins: npm, the compiler and the
// test runner write down that they were called. What matters: the right work and no more, arguments and exit codes passed
// on, and one sentence when something is wrong. The whole way, with the real registry, is what CI does on a clean checkout.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const LAUNCHER = join(import.meta.dirname, '../../scripts/setup.mjs');
const OLD_NODE = `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.18.3"}})`;

interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What was called since the last run, in order. */
  readonly calls: readonly string[];
}

let root: string;
const at = (path: string): string => join(root, path);

function write(path: string, text: string): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
}

/** A program that writes down its name and arguments, does a little, and ends with the code in `exit/NAME`, if there. */
function standIn(name: string, more = ''): string {
  return `
const fs = require('node:fs'), root = ${JSON.stringify(root)};
fs.appendFileSync(root + '/calls', ['${name}', ...process.argv.slice(2)].join(' ') + '\\n');
const exit = root + '/exit/${name}';
if (fs.existsSync(exit)) { console.error('${name} says why'); process.exit(Number(fs.readFileSync(exit, 'utf8'))); }
${more}`;
}

const asModule = (program: string): string =>
  `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);${program}`;

/** The bundle of the command, made after the compiler. */
const BUNDLE = `
fs.mkdirSync(root + '/packages/cli/build', { recursive: true });
fs.writeFileSync(root + '/packages/cli/build/main.js', '');`;

/** What `npm ci` leaves behind. */
const UNPACK = `
for (const [file, text] of Object.entries(JSON.parse(fs.readFileSync(root + '/registry.json', 'utf8')))) {
  fs.mkdirSync(root + '/' + file.slice(0, file.lastIndexOf('/')), { recursive: true });
  fs.writeFileSync(root + '/' + file, text);
}`;
const COMPILE = `
for (const dir of ['packages/a', 'examples/e']) fs.mkdirSync(root + '/' + dir + '/dist', { recursive: true });`;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vallum-setup-'));
  mkdirSync(at('scripts'));
  cpSync(LAUNCHER, at('scripts/setup.mjs'));
  write('package-lock.json', '{}');
  write('tsconfig.build.json', '{}');
  for (const dir of ['packages/a', 'examples/e']) {
    write(`${dir}/tsconfig.json`, '{}');
    write(`${dir}/src/index.ts`, 'export {};');
  }
  write('catalog/facts.json', '{}');
  write('scripts/bundle.mjs', asModule(standIn('bundle', BUNDLE)));
  write('npm-cli.js', standIn('npm', UNPACK));
  const installed = {
    'node_modules/typescript/bin/tsc': standIn('tsc', COMPILE),
    'node_modules/vitest/vitest.mjs': asModule(standIn('vitest')),
  };
  write('registry.json', JSON.stringify(installed));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function launch(args: readonly string[], nodeArgs: readonly string[] = []): Promise<Ran> {
  const env = { PATH: process.env['PATH'], npm_execpath: at('npm-cli.js') };
  const ran = await new Promise<Omit<Ran, 'calls'>>((resolve) => {
    execFile(
      process.execPath,
      [...nodeArgs, at('scripts/setup.mjs'), ...args],
      { cwd: tmpdir(), env },
      (error, stdout, stderr) => {
        resolve({ exit: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });
  const calls = existsSync(at('calls')) ? readFileSync(at('calls'), 'utf8').trim().split('\n') : [];
  rmSync(at('calls'), { force: true });
  return { ...ran, calls };
}

const INSTALL = 'npm ci --ignore-scripts --prefer-offline --loglevel=error';
const COMPILED = 'tsc -b tsconfig.build.json';
const BUILD = [COMPILED, 'bundle'];

function fails(name: string, code: number): void {
  write(`exit/${name}`, String(code));
}

describe('what is done, and what is not done again', () => {
  test('the first time installs, builds and runs; the second time only runs', async () => {
    expect((await launch(['test'])).calls).toEqual([INSTALL, ...BUILD, 'vitest run']);
    fails('npm', 1);
    fails('tsc', 1);
    expect(await launch(['test'])).toMatchObject({ exit: 0, stderr: '', calls: ['vitest run'] });
  });

  test('another lock file installs again', async () => {
    await launch(['build']);
    write('package-lock.json', '{"changed":1}');
    expect((await launch(['build'])).calls).toEqual([INSTALL]);
  });

  const CHANGES: Readonly<Record<string, () => void>> = {
    'a source is newer': () => utimesSync(at('packages/a/src/index.ts'), new Date(), new Date(Date.now() + 5000)),
    'a source is new': () => write('packages/a/src/more.ts', ''),
    'a source is gone': () => rmSync(at('examples/e/src/index.ts')),
    'a fact changed': () => write('catalog/more.json', '{}'),
    'the settings of the compiler changed': () =>
      utimesSync(at('tsconfig.build.json'), new Date(), new Date(Date.now() + 5000)),
    'the output was removed': () => rmSync(at('packages/a/dist'), { recursive: true }),
    'the bundle was removed': () => rmSync(at('packages/cli/build'), { recursive: true }),
  };
  test.each(Object.entries(CHANGES))('builds again when %s', async (_, change) => {
    await launch(['build']);
    expect((await launch(['build'])).calls).toEqual([]);
    change();
    expect((await launch(['build'])).calls).toEqual(BUILD);
    expect((await launch(['build'])).calls).toEqual([]);
  });

  test('a test or a note is no reason to build', async () => {
    await launch(['build']);
    write('packages/a/src/index.test.ts', '');
    write('packages/a/README.md', '');
    expect((await launch(['build'])).calls).toEqual([]);
  });

  test('an installation or a build that failed is tried again', async () => {
    fails('npm', 1);
    await launch(['test']);
    rmSync(at('exit/npm'));
    fails('tsc', 2);
    expect((await launch(['test'])).calls).toEqual([INSTALL, COMPILED]);
    rmSync(at('exit/tsc'));
    expect((await launch(['test'])).calls).toEqual([...BUILD, 'vitest run']);
  });
});

describe('what is passed on', () => {
  test('arguments reach the test runner as they were typed', async () => {
    const { calls } = await launch(['test', '--reporter=json', 'packages/core', '-t', 'a b']);
    expect(calls.at(-1)).toBe('vitest run --reporter=json packages/core -t a b');
  });

  test.each([1, 2, 3])('exit code %d of the job', async (code) => {
    fails('vitest', code);
    expect((await launch(['test'])).exit).toBe(code);
  });

  test('npm start runs the story', async () => {
    const real = readFileSync(LAUNCHER, 'utf8');
    const [, path] = /start: \[\[process\.execPath, '([^']+)'\]\]/.exec(real) ?? [];
    expect(path).toBe('examples/spam-filter/dist/story/main.js');
    write('examples/e/src/index.ts', '');
    await launch(['build']);
    write(path!, `console.log('once upon a time'); process.exitCode = 2;`);
    expect(await launch(['start'])).toMatchObject({ exit: 2, stdout: 'once upon a time\n' });
  });
});

describe('one sentence and a code', () => {
  const lines = ({ stderr }: Ran): readonly string[] => stderr.trim().split('\n');

  test('for an unknown job, also one that every object has', async () => {
    for (const job of ['tset', 'constructor', '']) {
      const ran = await launch([job]);
      expect(ran).toMatchObject({ exit: 3, calls: [] });
      expect(ran.stderr).toMatch(/^There is no job ".*": name one of start, test, [^\n]+\.\n$/);
    }
  });

  test('for a Node that is too old, before anything is installed', async () => {
    const ran = await launch(['start'], ['--import', OLD_NODE]);
    expect(ran).toMatchObject({ exit: 3, calls: [] });
    expect(lines(ran)).toEqual([
      'Vallum needs Node 20.19 or newer; this is 20.18.3. Install a newer Node and try again.',
    ]);
  });

  test('for a registry that cannot be reached, after what npm says', async () => {
    fails('npm', 1);
    const ran = await launch(['start']);
    expect(ran.exit).toBe(4);
    expect(lines(ran).slice(1)).toEqual([
      'npm says why',
      'Installing packages failed, and the lines above say why: is the package registry reachable?',
    ]);
  });

  test('for a build that fails, and the job does not run', async () => {
    fails('tsc', 2);
    const ran = await launch(['test']);
    expect(ran).toMatchObject({ exit: 2, calls: [INSTALL, COMPILED] });
    expect(lines(ran).at(-1)).toBe('The build failed: the lines above say where.');
  });
});

test('the launcher imports nothing that is not in Node: on a fresh clone nothing is installed', () => {
  const imports = [...readFileSync(LAUNCHER, 'utf8').matchAll(/^import .* from '([^']+)'/gm)].map(([, from]) => from);
  expect(imports.length).toBeGreaterThan(0);
  expect(imports.filter((from) => !from!.startsWith('node:'))).toEqual([]);
});
