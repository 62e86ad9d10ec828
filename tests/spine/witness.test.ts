// Receipts, anchors and a witness in a process of its own, through the real program: an honest ledger passes everywhere,
// and one that was rolled back or rewritten by the very holder of its key is convicted by each of them. The standalone
// verifier, which shares no code with the product, must agree.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkCommand } from '../../packages/cli/src/commands/check.js';
import { copyOf, type Place } from '../cli/command.js';
import { CHECK, prepare } from '../support/release.js';
import { makeTinyProject, type TinyProject } from '../support/tiny-project.js';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const VERIFIER = join(REPOSITORY, 'packages/ledger/verifier/vallum-verify.mjs');

let project: TinyProject;
let place: Place;
let ledgerKey: string;

beforeAll(async () => {
  project = await makeTinyProject();
  await checkCommand(project.io('runner'), 'v1', CHECK);
  place = copyOf(project);
  ledgerKey = (await place.as('runner', ['ledger', 'key'])).stdout.trim();
});
afterAll(() => {
  place.remove();
  project.remove();
});

interface Running {
  readonly url: string;
  readonly vkey: string;
  stop(): Promise<number | null>;
}

/** Starts `vallum ledger witness` and waits until it says where it listens. */
async function startWitness(state: string): Promise<Running> {
  const args = ['ledger', 'witness', '--state', state, '--name', 'example.net/w1', '--log', ledgerKey];
  const child: ChildProcess = spawn(
    process.execPath,
    [join(REPOSITORY, 'packages/cli/bin/vallum.js'), ...args, '--listen', '127.0.0.1:0'],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env['PATH'], HOME: place.dir } },
  );
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let said = '';
  const told = await new Promise<RegExpExecArray>((resolve, reject) => {
    child.stderr?.on('data', (part: Buffer) => {
      said += part.toString();
      const found = /Witness (\S+)\nlistens on (\S+)\n/.exec(said);
      if (found !== null) resolve(found);
    });
    void ended.then(() => reject(new Error(`the witness ended: ${said}`)));
  });
  return {
    vkey: told[1] ?? '',
    url: told[2] ?? '',
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

function verifier(...args: readonly string[]): { readonly exit: number; readonly said: string } {
  try {
    const said = execFileSync(process.execPath, [VERIFIER, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { exit: 0, said };
  } catch (error) {
    const { status, stderr } = error as { readonly status: number; readonly stderr: string };
    return { exit: status, said: stderr };
  }
}

const state = (at: Place): string => join(at.project, '.vallum');
const ledgerOf = (at: Place): string => join(state(at), 'ledger');
const proofs = (at: Place): string => join(at.dir, 'v1.tlog-proof');

/** A place of its own with everything that was done so far. */
function copyPlace(): Place {
  return copyOf({ root: place.project });
}

/** Puts the ledger's state back, and the runner's memory of it: what an insider with all rights can do. */
function rollBack(at: Place, to: string): void {
  rmSync(state(at), { recursive: true });
  cpSync(to, state(at), { recursive: true });
  for (const person of ['runner', 'approver', 'author'])
    rmSync(join(at.dir, 'keys', person, 'seen.json'), { force: true });
}

describe('a ledger with a witness', () => {
  test('receipt, cosignature, anchor and comparison: the honest way', async () => {
    const before = join(place.dir, 'before');
    cpSync(state(place), before, { recursive: true });
    const witness = await startWitness(join(place.dir, 'witness'));
    try {
      const cosign = ['ledger', 'cosign', '--witness', witness.url, '--key', witness.vkey];
      expect(await place.as('runner', cosign)).toMatchObject({ exit: 0 });
      expect(await place.as('runner', cosign)).toMatchObject({ exit: 0 });
      mkdirSync(join(place.dir, 'anchors'));
      expect(await place.as('runner', ['ledger', 'anchor', join(place.dir, 'anchors')])).toMatchObject({ exit: 0 });
      const [id = ''] = readdirSync(join(state(place), 'statements'), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.json'))
        .map((name) => name.slice(3, 19));
      const proved = await place.as('runner', ['ledger', 'prove', id, '--out', proofs(place)]);
      expect(proved).toMatchObject({
        exit: 0,
        stdout: expect.stringContaining('in the name of example.net/w1') as string,
      });
      const keys = ['--log', ledgerKey, '--witness', witness.vkey];
      expect(await place.as('stranger', ['ledger', 'verify-proof', proofs(place), ...keys])).toMatchObject({ exit: 0 });
      expect(verifier('receipt', proofs(place), ...keys)).toMatchObject({ exit: 0 });
      expect(verifier('log', ledgerOf(place), ...keys, '--older', proofs(place))).toMatchObject({ exit: 0 });
      // The log goes on, and the old receipt still fits.
      await prepare(project);
      expect(await place.as('runner', ['check', 'v2'])).toMatchObject({ exit: expect.any(Number) as number });
      expect(await place.as('runner', ['ledger', 'compare', proofs(place)])).toMatchObject({ exit: 0 });
      expect(await place.as('runner', cosign)).toMatchObject({ exit: 0 });
      expect(await place.as('runner', ['ledger', 'anchor', join(place.dir, 'anchors')])).toMatchObject({ exit: 0 });
    } finally {
      expect(await witness.stop()).toBe(0);
    }
  });

  test('another witness key, another log key and a changed receipt are refused', async () => {
    const other = await place.as('runner', ['ledger', 'witness', '--state', join(place.dir, 'w2'), '--name', 'w2']);
    const vkey = /\S+\+[0-9a-f]{8}\+\S+/.exec(other.stdout)?.[0] ?? '';
    const wanted = ['--log', ledgerKey, '--witness', vkey];
    expect(await place.as('stranger', ['ledger', 'verify-proof', proofs(place), ...wanted])).toMatchObject({ exit: 1 });
    expect(verifier('receipt', proofs(place), ...wanted)).toMatchObject({ exit: 1 });
    const changed = join(place.dir, 'changed.tlog-proof');
    writeFileSync(
      changed,
      readFileSync(proofs(place), 'utf8').replace(/index (\d+)/, (_, index) => `index ${index === '1' ? 0 : 1}`),
    );
    const ran = await place.as('stranger', ['ledger', 'verify-proof', changed, '--log', ledgerKey]);
    expect(ran.exit).toBe(1);
    expect(verifier('receipt', changed, '--log', ledgerKey)).toMatchObject({ exit: 1 });
  });
});

describe('an insider who has the key and every file', () => {
  test('rolls the ledger back: anchor, receipt and witness say so', async () => {
    const bad = copyPlace();
    try {
      rollBack(bad, join(place.dir, 'before'));
      rmSync(join(ledgerOf(bad), 'cosigned'), { force: true });
      await expectConvicted(bad, { fork: false });
    } finally {
      bad.remove();
    }
  });

  test('rewrites the ledger after a point: anchor, receipt and witness say so', async () => {
    const bad = copyPlace();
    try {
      // The runner signs all of it anew: same key, same origin, other statements, more of them than anybody saw.
      for (const name of ['ledger', 'statements', 'inbox'])
        rmSync(join(state(bad), name), { recursive: true, force: true });
      for (const person of ['runner', 'approver', 'author'])
        rmSync(join(bad.dir, 'keys', person, 'seen.json'), { force: true });
      for (const version of ['v2', 'v1', 'v2']) await bad.as('runner', ['check', version]);
      await expectConvicted(bad, { fork: true });
    } finally {
      bad.remove();
    }
  });

  async function expectConvicted(bad: Place, { fork }: { readonly fork: boolean }): Promise<void> {
    // Without any of the three it looks whole: this is what a log alone cannot show.
    expect(await bad.as('runner', ['ledger', 'fsck'])).toMatchObject({ exit: 0 });
    expect(verifier('log', ledgerOf(bad), '--log', ledgerKey)).toMatchObject({ exit: 0 });

    expect(await bad.as('runner', ['ledger', 'anchor', join(place.dir, 'anchors')])).toMatchObject({ exit: 1 });
    expect(verifier('log', ledgerOf(bad), '--log', ledgerKey, '--older', proofs(place)).exit === 1 || !fork).toBe(true);
    const compared = await bad.as('runner', ['ledger', 'compare', proofs(place)]);
    expect(compared.exit).toBe(fork ? 1 : 0);
    const witness = await startWitness(join(place.dir, 'witness'));
    try {
      const ran = await bad.as('runner', ['ledger', 'cosign', '--witness', witness.url, '--key', witness.vkey]);
      expect(ran.exit).toBe(2);
      expect(ran.stderr).toMatch(/WITNESS_(AHEAD|CONFLICT)/);
    } finally {
      await witness.stop();
    }
  }
});

describe('the standalone verifier', () => {
  test('is one file of fewer than 300 lines that imports node alone', () => {
    const source = readFileSync(VERIFIER, 'utf8');
    expect(source.split('\n').length).toBeLessThan(300);
    const imports = [...source.matchAll(/from '([^']+)'/g)].map(([, name]) => name);
    expect(imports.every((name) => name?.startsWith('node:'))).toBe(true);
  });

  test('finds a changed byte in every file of the log', () => {
    const dir = join(place.dir, 'flips');
    cpSync(ledgerOf(place), dir, { recursive: true });
    const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(
      (name) => /^(checkpoint$|tile)/.test(name) && statSync(join(dir, name)).isFile(),
    );
    expect(files.length).toBeGreaterThan(2);
    for (const name of files) {
      const bytes = readFileSync(join(dir, name));
      for (const part of [0, 0.37, 0.999]) {
        const changed = Buffer.from(bytes);
        const at = Math.floor(part * bytes.length);
        changed[at] = (changed[at] ?? 0) ^ 1;
        writeFileSync(join(dir, name), changed);
        expect(verifier('log', dir, '--log', ledgerKey), `${name} at ${at}`).toMatchObject({ exit: 1 });
      }
      writeFileSync(join(dir, name), bytes);
      renameSync(join(dir, name), join(dir, 'away'));
      expect(verifier('log', dir, '--log', ledgerKey).exit).toBe(1);
      renameSync(join(dir, 'away'), join(dir, name));
    }
    expect(verifier('log', dir, '--log', ledgerKey).exit).toBe(0);
  });

  test('verifies an export against a root, and refuses another root and a changed outcome', async () => {
    const file = join(place.dir, 'v1.evidence.json');
    expect(await place.as('runner', ['evidence', 'export', 'v1', '--out', file])).toMatchObject({ exit: 0 });
    const shown = await place.as('runner', ['trust', 'show', '--format', 'json']);
    const { root } = JSON.parse(shown.stdout) as { root: string };
    const trust = ['--log', ledgerKey, '--trust', join(place.project, 'trust.json'), '--root'];
    const good = verifier('export', file, ...trust, root);
    expect(good).toMatchObject({ exit: 0 });
    expect(good.said).toMatch(/runner: urn:vallum:evidence:artifact\.scan:v1 pass/);
    expect(good.said).not.toContain('NOBODY');
    expect(
      verifier(
        'export',
        file,
        ...trust,
        root.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
      ),
    ).toMatchObject({ exit: 1 });
    writeFileSync(file, readFileSync(file, 'utf8').replace('"outcome":"pass"', '"outcome":"fail"'));
    expect(verifier('export', file, ...trust, root)).toMatchObject({ exit: 1 });
  });

  test.each([[[]], [['log']], [['log', 'DIR']], [['receipt', 'x', '--bogus', 'y']]])('wrong use: %j', (args) =>
    expect(verifier(...args)).toMatchObject({ exit: 3 }),
  );
});
