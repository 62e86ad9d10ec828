// Help: every command explains itself, and its example is a command line that the program accepts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Ran } from './command.js';
import { runHere, vallum } from './command.js';
import { outputSchemas } from './schemas.js';

async function inEmptyFolder(args: readonly string[]): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 'vallum-help-'));
  try {
    return await runHere(args, folder, join(folder, 'keys'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const help = async (path: readonly string[]): Promise<string> => {
  const { exit, stdout, stderr } = await inEmptyFolder([...path, '--help']);
  expect([exit, stderr]).toEqual([0, '']);
  return stdout;
};

/** Names under `Commands:`. */
function namesIn(text: string): readonly string[] {
  const [, list = ''] = /^Commands:\n((?: {2}.*\n?)*)/m.exec(text) ?? [];
  return [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)].flatMap(([, name]) =>
    name === undefined || name === 'help' ? [] : [name],
  );
}

/** Words of a command line, with double quotes as a shell reads them. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

const examplesIn = (text: string): readonly string[] =>
  [...text.slice(text.indexOf('\nExample')).matchAll(/^ {2}vallum (.*?)(?: {3,}.*)?$/gm)].map(([, line]) => line ?? '');

/** A command with others below it is one itself where it has an example. */
async function commandsBelow(path: readonly string[]): Promise<readonly (readonly string[])[]> {
  const text = await help(path);
  const names = namesIn(text);
  if (names.length === 0) return [path];
  const found: (readonly string[])[] = path.length > 0 && examplesIn(text).length > 0 ? [path] : [];
  for (const name of names) found.push(...(await commandsBelow([...path, name])));
  return found;
}

const commands = await commandsBelow([]);

test('all commands were found', () => {
  // Every command has an output of its own, but `gate`, which has that of `check`; `drift` has a second one.
  const parts = ['common', 'error', 'verdict', 'drift-evidently'];
  const outputs = outputSchemas.filter(({ $id }) => !parts.includes($id.split(':')[3] ?? ''));
  expect(commands.length).toBe(outputs.length + 1);
});

describe('every example is accepted', () => {
  test.each(commands.map((path) => [path.join(' '), path] as const))('vallum %s', async (name, path) => {
    const text = await help(path);
    expect(text).toMatch(new RegExp(`^Usage: vallum ${name} `));
    const examples = examplesIn(text);
    expect(examples).toHaveLength(1);
    const [line = ''] = examples;
    expect(line.startsWith(name)).toBe(true);
    const { exit, stdout } = await inEmptyFolder([...wordsOf(line), '--format', 'json']);
    const { code } = JSON.parse(stdout) as { code?: string };
    expect(code).not.toBe('USAGE');
    expect(exit).toBe(name === 'init' ? 0 : 3);
  });

  test('those of vallum --help too', async () => {
    const examples = examplesIn(await help([]));
    expect(examples.length).toBeGreaterThan(3);
    for (const line of examples) {
      const { stdout } = await inEmptyFolder([...wordsOf(line), '--format', 'json']);
      expect([line, (JSON.parse(stdout) as { code?: string }).code]).not.toEqual([line, 'USAGE']);
    }
  });
});

test('the program itself prints its help and its version', async () => {
  const cwd = tmpdir();
  const [asked, none, version] = await Promise.all(
    [['--help'], [], ['--version']].map((args) => vallum(args, { cwd })),
  );
  expect([asked?.exit, asked?.stdout.split('\n')[0]]).toEqual([0, 'Usage: vallum [options] [command]']);
  expect([none?.exit, none?.stderr.split('\n')[0]]).toEqual([3, 'Usage: vallum [options] [command]']);
  expect([version?.exit, version?.stdout]).toEqual([0, '0.1.0\n']);
});
