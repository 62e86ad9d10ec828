// Text for people: colour only on a terminal, progress only where somebody watches, and no trace when a reader hangs up.
import { spawn } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { release } from '../support/release.js';
import type { TinyProject } from '../support/tiny-project.js';
import { makeTinyProject } from '../support/tiny-project.js';
import type { Place, Ran } from './command.js';
import { copyOf, TRACE } from './command.js';

let project: TinyProject;
let place: Place;

beforeAll(async () => {
  project = await makeTinyProject();
  await release(project);
  place = copyOf(project);
});
afterAll(() => {
  place.remove();
  project.remove();
});

const ESCAPE = '\u001b';

/** The streams say that they are terminals before the program looks; everything else is as it was typed. */
function onTerminal(...streams: readonly ('stdout' | 'stderr')[]): readonly string[] {
  const code = streams.map((name) => `process.${name}.isTTY=true;process.${name}.columns=40;`).join('');
  return ['--import', `data:text/javascript,${code}`];
}

const check = (node: readonly string[], env: Readonly<Record<string, string>> = {}, format = 'text'): Promise<Ran> =>
  place.as('runner', ['check', 'v1', '--format', format], { node, env });

describe('colour', () => {
  test.each([
    ['none in a pipe', [], {}, 'text', false],
    ['some on a terminal', onTerminal('stdout'), {}, 'text', true],
    ['none with NO_COLOR', onTerminal('stdout'), { NO_COLOR: '1' }, 'text', false],
    ['some with an empty NO_COLOR', onTerminal('stdout'), { NO_COLOR: '' }, 'text', true],
    ['none in JSON', onTerminal('stdout'), {}, 'json', false],
  ])('%s', async (_, node, env, format, coloured) => {
    const ran = await check(node, env, format);
    expect([ran.exit, ran.stdout.includes(`${ESCAPE}[32m`), ran.stdout.includes(ESCAPE), ran.stderr]).toEqual([
      0,
      coloured,
      coloured,
      '',
    ]);
  });
});

describe('progress', () => {
  test('is quiet in a pipe and in CI', async () => {
    expect((await check([])).stderr).toBe('');
    expect((await check(onTerminal('stderr'), { CI: 'true' })).stderr).toBe('');
  });

  test('is one line on a terminal, no wider than it, and is wiped in the end', async () => {
    const { stderr, stdout } = await check(onTerminal('stderr'));
    const shown = stderr.split(`\r${ESCAPE}[2K`);
    expect(shown.some((line) => line.startsWith('data.poison_scan'))).toBe(true);
    expect(shown.every((line) => line.length < 40 && !line.includes('\n'))).toBe(true);
    expect(shown.at(-1)).toBe('');
    expect(stdout).not.toContain(ESCAPE);
  });
});

describe('an answer that nobody gets', () => {
  const bin = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'packages/cli/bin/vallum.js');
  const start = (stdout: 'pipe' | number) =>
    spawn(process.execPath, [bin, 'policy', 'show', '--format', 'json'], {
      cwd: place.project,
      env: { PATH: process.env['PATH'], VALLUM_KEYS: join(place.dir, 'keys/runner') },
      stdio: ['ignore', stdout, 'pipe'],
    });
  const end = async (child: ReturnType<typeof start>): Promise<readonly [number, string]> => {
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return [code, said];
  };

  test('a reader that hangs up is no error', async () => {
    const child = start('pipe');
    child.stdout?.destroy();
    expect(await end(child)).toEqual([0, '']);
  });

  test.runIf(existsSync('/dev/full'))('a full disk is never a pass', async () => {
    const [exit, said] = await end(start(openSync('/dev/full', 'w')));
    expect([exit, said.split('\n')[0]]).toEqual([
      3,
      'vallum: the answer cannot be written: ENOSPC: no space left on device, write',
    ]);
    expect(said).not.toMatch(TRACE);
  });
});
