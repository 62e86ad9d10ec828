// The one published package as a stranger gets it: packed, installed into an empty folder with npm's own defaults (install
// scripts on, no .npmrc of ours), and used there. The registry is a stub that offers the optional peer, and nothing else, and
// writes down what it is asked: a dependency that slipped into the manifest, or a peer of 290 MB that is fetched, fails here.
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pickle } from '@vallum/formats/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { release } from '../support/release.js';
import type { TinyProject } from '../support/tiny-project.js';
import { makeTinyProject } from '../support/tiny-project.js';

const ROOT = join(import.meta.dirname, '../..');
const PEER_VERSION = '1.30.0';
const ABSENT = 'install onnxruntime-node to run this control';

interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Report {
  readonly exit: number;
  readonly controls: readonly { readonly kind: string; readonly outcome: string; readonly message?: string }[];
}

const work = mkdtempSync(join(tmpdir(), 'vallum-published-'));
const app = join(work, 'spam-filter');
const installed = join(app, 'node_modules', 'vallum');
const asked: string[] = [];
let registry: Server;
let tiny: TinyProject;

/** Nothing of npm's or of the person who runs the tests reaches the installed program. */
function environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { port } = registry.address() as AddressInfo;
  const home = join(work, 'home');
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    USERPROFILE: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    npm_config_registry: `http://127.0.0.1:${port}/`,
    ...more,
  };
}

function run(command: string, args: readonly string[], more?: Readonly<Record<string, string>>): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd: app, env: environment(more) }, (error, stdout, stderr) => {
      resolve({ exit: typeof error?.code === 'number' ? error.code : error === null ? 0 : 4, stdout, stderr });
    });
  });
}

/** `vallum ARGS` of the installed package. */
function vallum(keys: string, ...args: readonly string[]): Promise<Ran> {
  return run(process.execPath, [join(installed, 'bin/vallum.js'), ...args], { VALLUM_KEYS: keys });
}

/** What a registry says of the optional peer, as far as npm would need it to install it. */
function peerOnOffer(): object {
  const name = 'onnxruntime-node';
  const { port } = registry.address() as AddressInfo;
  const version = PEER_VERSION;
  const dist = { tarball: `http://127.0.0.1:${port}/${name}.tgz`, shasum: '0'.repeat(40) };
  const dependencies = { 'onnxruntime-common': version };
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { name, version, dependencies, dist } } };
}

const keysOf = (person: string): string => join(work, 'keys', person);
const reportOf = ({ stdout }: Ran): Report => JSON.parse(stdout) as Report;

beforeAll(async () => {
  registry = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const offered = request.url === '/onnxruntime-node' ? peerOnOffer() : undefined;
    const status = request.method === 'POST' || offered !== undefined ? 200 : 404;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(offered ?? {}));
  });
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  tiny = await makeTinyProject();
  mkdirSync(app);
  const packed = execFileSync(process.execPath, [join(ROOT, 'scripts/pack.mjs'), '--out', join(work, 'packed')]);
  const tarball = packed.toString().trim();
  const npm = await run('npm', ['install', tarball]);
  if (npm.exit !== 0) throw new Error(`npm install: ${npm.stderr}`);
});

afterAll(() => {
  registry.close();
  tiny.remove();
  rmSync(work, { recursive: true, force: true });
});

describe('what was installed', () => {
  test('is one package without dependencies and scripts, and the optional peer was not fetched', () => {
    expect(readdirSync(join(app, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['vallum']);
    // npm may look up versions of the peer (metadata), its own updates and advisories; that is all.
    const usual = /^GET \/(onnxruntime-node|npm)$|^POST \/-\/npm\/v1\/security\//;
    expect(asked.filter((request) => !usual.test(request))).toEqual([]);
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(manifest).toMatchObject({
      peerDependencies: { 'onnxruntime-node': PEER_VERSION },
      peerDependenciesMeta: { 'onnxruntime-node': { optional: true } },
    });
    expect(Object.keys(manifest)).not.toContain('dependencies');
    expect(Object.keys(manifest)).not.toContain('scripts');
  });

  test('carries the licence, and names every package whose code is in the bundle', () => {
    expect(readFileSync(join(installed, 'LICENSE'), 'utf8')).toContain('Apache License');
    const notices = readFileSync(join(installed, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of ['commander', 'zod', 'yaml', 'postal-mime', '@cedar-policy/cedar-wasm'])
      expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
  });
});

describe('what it does there', () => {
  test('npx --no-install vallum --version says the version of the manifest', async () => {
    const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { version: string };
    expect(await run('npx', ['--no-install', 'vallum', '--version'])).toEqual({
      exit: 0,
      stdout: `${version}\n`,
      stderr: '',
    });
  });

  test('the version needs neither the command line nor Cedar, and a scan needs no Cedar', async () => {
    const bare = join(work, 'bare');
    cpSync(installed, bare, { recursive: true });
    const remove = (pattern: RegExp): void => {
      const names = readdirSync(join(bare, 'build')).filter((name) => pattern.test(name));
      expect(names).not.toEqual([]);
      for (const name of names) rmSync(join(bare, 'build', name));
    };
    const bin = join(bare, 'bin/vallum.js');
    remove(/^cedar_wasm/);
    expect((await run(process.execPath, [bin, 'scan', join(bare, 'package.json')])).exit).toBe(0);
    remove(/^program-/);
    expect((await run(process.execPath, [bin, '--version'])).exit).toBe(0);
    expect((await run(process.execPath, [bin, 'scan', join(bare, 'package.json')])).exit).not.toBe(0);
  });

  test('scan refuses a pickle that calls os.system, and passes one that only mentions it', async () => {
    writeFileSync(join(app, 'bad.pkl'), pickle().proto(2).global('os', 'system').call('id').stop());
    writeFileSync(join(app, 'good.pkl'), pickle().proto(2).str('os.system').stop());
    const bad = await vallum(keysOf('nobody'), 'scan', 'bad.pkl');
    expect(bad).toMatchObject({ exit: 1, stderr: '' });
    expect(bad.stdout).toContain('os.system');
    expect(await vallum(keysOf('nobody'), 'scan', 'good.pkl')).toMatchObject({ exit: 0, stderr: '' });
  });

  test('a project of one’s own: init, trust init, check, waive, approve, policy show', async () => {
    for (const part of ['feeds', 'models']) cpSync(join(tiny.root, part), join(app, part), { recursive: true });
    const drafted = await vallum(keysOf(''), 'init');
    expect(drafted).toMatchObject({ exit: 0, stderr: '' });
    expect(drafted.stdout).toContain('3 feeds and 2 model folders');
    cpSync(join(tiny.root, 'vallum.yaml'), join(app, 'vallum.yaml'));
    expect(await vallum(keysOf(''), 'trust', 'init')).toMatchObject({ exit: 0, stderr: '' });

    const checked = await vallum(keysOf('runner'), 'check', 'v1', '--format', 'json');
    expect(checked).toMatchObject({ exit: 2, stderr: '' });
    const outcomes = Object.fromEntries(reportOf(checked).controls.map(({ kind, outcome }) => [kind, outcome]));
    expect(outcomes).toMatchObject({
      'data.manifest': 'pass',
      'data.pii_scan': 'pass',
      'artifact.scan': 'pass',
      'lineage.graph': 'pass',
      'robustness.report': 'inconclusive',
      'data.poison_scan': 'inconclusive',
    });
    const text = await vallum(keysOf('runner'), 'check', 'v1');
    expect(text.stdout).toMatch(new RegExp(`robustness\\.report +inconclusive .*${ABSENT}`));

    // Cedar's WebAssembly decides both: an owner may ask, only a second person may approve.
    const reason = ['--until', '2099-01-01', '--reason', 'the first version'];
    const waived = await vallum(
      keysOf('author'),
      ...['waive', 'data.poison_scan', 'v1', '--accept', 'no-predecessor', ...reason, '--format', 'json'],
    );
    expect(waived).toMatchObject({ exit: 0, stderr: '' });
    const { waivers } = JSON.parse(waived.stdout) as { waivers: { id: string }[] };
    const [waiver] = waivers;
    expect((await vallum(keysOf('author'), 'approve', waiver!.id)).exit).not.toBe(0);
    expect(await vallum(keysOf('approver'), 'approve', waiver!.id)).toMatchObject({ exit: 0, stderr: '' });

    const policy = await vallum(keysOf('policy'), 'policy', 'show');
    expect(policy).toMatchObject({ exit: 0, stderr: '' });
    expect(policy.stdout).toContain('robustness.evasion');
  });

  test('without onnxruntime-node the poison scan is inconclusive too, even with an approved predecessor', async () => {
    await release(tiny);
    const args = ['--project', tiny.root, 'check', 'v2'];
    const checked = await vallum(join(tiny.keys, 'runner'), ...args);
    expect(checked.exit).toBe(2);
    expect(checked.stdout).toMatch(new RegExp(`data\\.poison_scan +inconclusive .*${ABSENT}`));
    expect(checked.stdout).toMatch(new RegExp(`robustness\\.report +inconclusive .*${ABSENT}`));
  });
});
