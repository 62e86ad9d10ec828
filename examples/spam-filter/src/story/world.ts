// The world of the story and of its tests: a temporary copy of the project, the keys of its people, and the real command
// `vallum` run as each of them. Nothing is written into the checkout or into anybody's own configuration.
import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
export const EXAMPLE = join(here, '..', '..');
const VALLUM = join(EXAMPLE, '..', '..', 'packages', 'cli', 'bin', 'vallum.js');

export type Person = 'root' | 'author' | 'approver' | 'runner' | 'policy';

export interface Ran {
  readonly person: Person;
  readonly args: readonly string[];
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface WorldOptions {
  /** Told of each command after it ran. */
  readonly onRan?: (ran: Ran) => void;
}

export class World {
  readonly folder: string;
  readonly #keys: string;
  readonly #options: WorldOptions;

  private constructor(folder: string, keys: string, options: WorldOptions) {
    this.folder = folder;
    this.#keys = keys;
    this.#options = options;
  }

  /** An empty world: no project yet, no keys yet. */
  static async create(options: WorldOptions = {}): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'vallum-story-'));
    return new World(folder, join(folder, 'keys'), options);
  }

  get project(): string {
    return join(this.folder, 'project');
  }

  path(...parts: readonly string[]): string {
    return join(this.project, ...parts);
  }

  keysOf(person: Person): string {
    return person === 'root' ? this.#keys : join(this.#keys, person);
  }

  /** The same state in another folder, with the same people: what one step does never reaches the next. */
  async copy(): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'vallum-story-'));
    await cp(this.project, join(folder, 'project'), { recursive: true });
    return new World(folder, this.#keys, this.#options);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Runs `vallum ARGS` in the project as this person. */
  async as(person: Person, ...args: readonly string[]): Promise<Ran> {
    const done = await run(process.execPath, [VALLUM, ...args], {
      cwd: this.project,
      env: { ...process.env, VALLUM_KEYS: this.keysOf(person), NO_COLOR: '1' },
    });
    const ran: Ran = { person, args, ...done };
    this.#options.onRan?.(ran);
    return ran;
  }

  /** Runs one of the project's own compiled scripts from the checkout. @throws Error when it fails */
  async script(name: string, ...args: readonly string[]): Promise<string> {
    const { exit, stdout, stderr } = await run(process.execPath, [join(EXAMPLE, 'dist', `${name}.js`), ...args], {
      cwd: this.folder,
      env: process.env,
    });
    if (exit !== 0) throw new Error(`${name} ended with ${exit}: ${stderr}`);
    return stdout;
  }
}

/** `vallum --format json` answers with one value. */
export function jsonOf<T>(ran: Ran): T {
  return JSON.parse(ran.stdout) as T;
}

interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

function run(
  command: string,
  args: readonly string[],
  { cwd, env }: RunOptions,
): Promise<Pick<Ran, 'exit' | 'stdout' | 'stderr'>> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ exit: code ?? 4, stdout, stderr }));
  });
}
