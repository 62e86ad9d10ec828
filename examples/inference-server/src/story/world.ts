// The world of the story: a temporary folder, the people's keys in it, and every process that is started, so that each is stopped and
// nothing is left behind. The real command `vallum` is run; nothing of anybody's own configuration is read or written.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Compiled scripts of this example. */
const DIST = join(dirname(fileURLToPath(import.meta.url)), '..');
const EXAMPLES = join(DIST, '..', '..');
const VALLUM = join(EXAMPLES, '..', 'packages', 'cli', 'bin', 'vallum.js');
const START_MS = 60_000;
const STOP_MS = 20_000;

export type Person = 'root' | 'author' | 'approver' | 'runner' | 'policy';

export interface Ran {
  readonly person: Person;
  readonly args: readonly string[];
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that goes on until it is stopped. */
export interface Running {
  /** What it said on both of its outputs so far, by line. */
  readonly lines: readonly string[];
  /** Resolves with the first line that fits. @throws Error when the process ends without one, or says none within a minute */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with the exit code. */
  stop(): Promise<number>;
}

export class World {
  readonly folder: string;
  readonly #running: Running[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'vallum-gateway-story-'));
    await mkdir(join(folder, 'project', 'models'), { recursive: true });
    return new World(folder);
  }

  path(...parts: readonly string[]): string {
    return join(this.folder, ...parts);
  }

  /** Runs `vallum ARGS` in the project as this person. */
  async as(person: Person, ...args: readonly string[]): Promise<Ran> {
    const child = this.#spawn([VALLUM, ...args], this.path('project'), person);
    let [stdout, stderr] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const exit = await ended(child);
    return { person, args, exit, stdout, stderr };
  }

  /** Runs a compiled script of one of the examples. @throws Error when it fails */
  async script(example: string, name: string, ...args: readonly string[]): Promise<string> {
    const child = this.#spawn([join(EXAMPLES, example, 'dist', name), ...args], this.folder, 'runner');
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (said += text));
    const exit = await ended(child);
    if (exit !== 0) throw new Error(`${name} ended with ${exit}: ${said}`);
    return said;
  }

  startScript(name: string, ...args: readonly string[]): Running {
    return this.#start(this.#spawn([join(DIST, name), ...args], this.folder, 'runner'));
  }

  startVallum(...args: readonly string[]): Running {
    return this.#start(this.#spawn([VALLUM, ...args], this.folder, 'runner'));
  }

  async close(): Promise<void> {
    for (const running of this.#running.toReversed()) await running.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #spawn(args: readonly string[], cwd: string, person: Person): ChildProcess {
    const keys = person === 'root' ? this.path('keys') : this.path('keys', person);
    return spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, VALLUM_KEYS: keys, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  #start(child: ChildProcess): Running {
    const lines: string[] = [];
    const waiting = new Set<() => void>();
    const over = ended(child);
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream?.setEncoding('utf8').on('data', (text: string) => {
        const parts = (rest + text).split('\n');
        rest = parts.pop() ?? '';
        lines.push(...parts);
        for (const look of waiting) look();
      });
    }
    const running: Running = {
      lines,
      line: (pattern) =>
        new Promise((resolve, reject) => {
          const finish = (found?: RegExpExecArray): void => {
            waiting.delete(look);
            clearTimeout(timer);
            if (found !== undefined) resolve(found);
            else reject(new Error(`no line with ${pattern.source}, but: ${lines.join(' | ')}`));
          };
          const look = (): void => {
            for (const line of lines) {
              const found = pattern.exec(line);
              if (found !== null) return finish(found);
            }
          };
          const timer = setTimeout(() => finish(), START_MS);
          waiting.add(look);
          void over.then(() => finish());
          look();
        }),
      stop: async () => {
        const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
        child.kill('SIGTERM');
        const exit = await over;
        clearTimeout(late);
        return exit;
      },
    };
    this.#running.push(running);
    return running;
  }
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    // As a shell would say it.
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGTERM' ? 143 : 137)));
  });
}

/** Address of a compiled module of another example, to be imported. */
export function compiled(example: string, name: string): string {
  return pathToFileURL(join(EXAMPLES, example, 'dist', name)).href;
}

/** `vallum --format json` answers with one value. */
export function jsonOf<T>({ stdout }: Ran): T {
  return JSON.parse(stdout) as T;
}
