// Runs the real program as a person would, in a process of its own, on a copy of the tiny project.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { runProgram } from '../../packages/cli/src/program.js';
import type { TinyProject } from '../support/tiny-project.js';

const REPOSITORY = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const BIN = join(REPOSITORY, 'packages/cli/bin/vallum.js');

export type Person = 'root' | 'author' | 'approver' | 'runner' | 'policy' | 'stranger';

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Options of node, before the program. */
  readonly node?: readonly string[];
}

/** Without a terminal, in an environment of nothing but a path and what is given. */
export function vallum(args: readonly string[], { cwd, env = {}, node = [] }: RunOptions): Promise<Ran> {
  if (!existsSync(join(REPOSITORY, 'packages/cli/build/main.js')))
    throw new Error('the program is not built: npm test does that first');
  return new Promise((resolve) => {
    const options = { cwd, env: { PATH: process.env['PATH'], HOME: cwd, ...env }, maxBuffer: 32 * 1024 * 1024 };
    execFile(process.execPath, [...node, BIN, ...args], options, (error, stdout, stderr) => {
      const exit = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ exit, stdout, stderr });
    });
  });
}

/** A folder with `project` and `keys`. */
export interface Place {
  readonly dir: string;
  readonly project: string;
  /** Paths of the place become `DIR`, so that lines can be compared. */
  as(person: Person, args: readonly string[], options?: Partial<RunOptions>): Promise<Ran>;
  /** The same from source and in this process, where a test calls so often that starting Node would dominate. */
  inProcess(person: Person, args: readonly string[], cwd?: string): Promise<Ran>;
  remove(): void;
}

function placeAt(dir: string): Place {
  const project = join(dir, 'project');
  const keysOf = (person: Person): string => (person === 'root' ? join(dir, 'keys') : join(dir, 'keys', person));
  const tidy = (text: string): string => text.replaceAll(dir, 'DIR');
  return {
    dir,
    project,
    as: async (person, args, options = {}) => {
      const env = { VALLUM_KEYS: keysOf(person), ...options.env };
      const ran = await vallum(args, { cwd: project, ...options, env });
      return { exit: ran.exit, stdout: tidy(ran.stdout), stderr: tidy(ran.stderr) };
    },
    inProcess: async (person, args, cwd = project) => {
      const ran = await runHere(args, cwd, keysOf(person));
      return { exit: ran.exit, stdout: tidy(ran.stdout), stderr: tidy(ran.stderr) };
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

export async function runHere(args: readonly string[], cwd: string, keys: string): Promise<Ran> {
  const before = process.cwd();
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      said[name] += chunk.toString();
      return true;
    }),
  );
  vi.stubEnv('VALLUM_KEYS', keys);
  process.chdir(cwd);
  try {
    return { exit: await runProgram(args), ...said };
  } finally {
    process.chdir(before);
    vi.unstubAllEnvs();
    for (const spy of spies) spy.mockRestore();
  }
}

/** A copy of a project and of the keys of its people; the pin by name still holds. */
export function copyOf({ root }: Pick<TinyProject, 'root'>): Place {
  const dir = mkdtempSync(join(tmpdir(), 'vallum-cli-'));
  cpSync(dirname(root), dir, { recursive: true, preserveTimestamps: true });
  return placeAt(dir);
}

/** What no output may hold: a stack trace, or the names that Node gives to errors. */
export const TRACE = /^\s+at \S|node:internal|file:\/\/|^\s*(?:\w+)?Error(?: \[\w+\])?:/m;
