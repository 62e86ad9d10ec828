// The built `vallum gateway` as a process of its own, as an operator starts it: settings in a folder, keys by its own command,
// places read from what it says on stderr. What it wrote down is read back from its ledger afterwards.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { nodeDisk } from '@vallum/core';
import { openGatewayLog, readDecision } from '@vallum/gateway';
import type { Io } from '../../packages/cli/src/answer.js';
import { gatewayKeysCreate, keyPlaces } from '../../packages/cli/src/commands/gateway-keys.js';
import { makeStyle } from '../../packages/cli/src/output/style.js';
import { vallum } from '../cli/command.js';

const BIN = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'packages/cli/bin/vallum.js');
const OPEN_MS = 40_000;

export type Decision = ReturnType<typeof readDecision>;
/** gateway.yaml as an object; JSON is YAML. What is not given: a name, REST on a free port, keys, operators on a free port. */
export type Settings = Readonly<Record<string, unknown>>;
export type Route = Readonly<Record<string, unknown>>;

export const NO_VERDICT = { by: 'nothing', reason: 'a test of the door, not of the model' };
const FREE = '127.0.0.1:0';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Running {
  readonly pid: number;
  /** `http://127.0.0.1:PORT`, or https. */
  readonly rest: string;
  readonly restPort: number;
  readonly grpcPort: number;
  /** Everything it said so far, a line each, without `vallum: `. */
  readonly lines: readonly string[];
  /** The first line, from now or before, that fits. */
  said(pattern: RegExp, mostMs?: number): Promise<string>;
  status(): Promise<Status>;
  metrics(): Promise<string>;
  workers(): readonly number[];
  readonly ended: Promise<Ended>;
  /** As an operator stops it. */
  stop(): Promise<Ended>;
  kill(signal: NodeJS.Signals): Promise<Ended>;
}

export interface Status {
  readonly policy: string;
  readonly workers: number;
  readonly records: { readonly size: number; readonly ready: boolean };
  readonly routes: readonly {
    readonly id: string;
    readonly gate?: { readonly open: boolean; readonly reason?: string };
  }[];
}

export interface StartOptions {
  readonly workers?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Words in front of the command, such as those of a shell that sets limits. */
  readonly under?: (command: readonly string[]) => readonly string[];
}

/** A folder with gateway.yaml, its keys and its state. */
export class GatewayHome {
  readonly folder = mkdtempSync(join(tmpdir(), 'vallum-gateway-'));
  readonly #running: Running[] = [];
  readonly name: string;

  constructor(settings: Settings = {}, name = 'door') {
    this.name = name;
    this.write(settings);
  }

  write(settings: Settings): void {
    const whole = {
      schema: 'vallum/gateway/v1',
      name: this.name,
      listen: { rest: { address: FREE } },
      operator: { address: FREE },
      state: 'state',
      identity: { keys: 'keys.json' },
      ...settings,
    };
    writeFileSync(join(this.folder, 'gateway.yaml'), JSON.stringify(whole, undefined, 2));
  }

  path(file: string): string {
    return resolve(this.folder, file);
  }

  /** Of `vallum gateway keys`. @returns what it says with `--format json` */
  async keys(...words: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    const ran = await vallum(['gateway', 'keys', ...words, '--config', this.path('gateway.yaml'), '--format', 'json'], {
      cwd: this.folder,
    });
    if (ran.exit !== 0) throw new Error(`vallum gateway keys ${words.join(' ')}: ${ran.stderr}`);
    return JSON.parse(ran.stdout) as Record<string, unknown>;
  }

  /** The same work in this process, for the tests that are not about keys. */
  async key(principal: string, ...roles: readonly string[]): Promise<string> {
    const io = ioOf(this.folder, this.folder);
    const places = await keyPlaces(io, this.path('gateway.yaml'));
    const role = roles.length === 0 ? ['infer'] : roles;
    return (await gatewayKeysCreate(io, places, principal, { role, expires: '1d' })).text;
  }

  async start(options: StartOptions = {}): Promise<Running> {
    const running = await startGateway(this.path('gateway.yaml'), options);
    this.#running.push(running);
    return running;
  }

  /** What the gateway of this folder wrote down; it must not run. */
  async decisions(state = 'state'): Promise<readonly Decision[]> {
    const log = await openGatewayLog(nodeDisk, this.path(state), this.name);
    try {
      const found: Decision[] = [];
      for await (const entry of log.entries(0)) found.push(readDecision(entry));
      return found;
    } finally {
      await log.close();
    }
  }

  /** At once, with their workers. */
  async stopAll(): Promise<void> {
    await Promise.all(this.#running.map((one) => one.kill('SIGKILL')));
  }

  async end(): Promise<void> {
    await this.stopAll();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Resolves when it is open. Rejects with what it said when it ends before. */
export async function startGateway(config: string, options: StartOptions = {}): Promise<Running> {
  const { workers, env = {}, under = (command) => command } = options;
  const words = [process.execPath, BIN, 'gateway', '--config', config];
  const [program = '', ...rest] = under(workers === undefined ? words : [...words, '--workers', String(workers)]);
  const child = spawn(program, rest, {
    cwd: dirname(config),
    env: { PATH: process.env['PATH'], HOME: dirname(config), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.resume();
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line.replace(/^vallum: /, ''));
    for (const look of waiting) look();
  });
  const ended = new Promise<Ended>((done) => child.once('exit', (code, signal) => done({ code, signal })));
  void ended.then(() => waiting.forEach((look) => look()));
  const said = (pattern: RegExp, mostMs = 20_000): Promise<string> =>
    new Promise((done, fail) => {
      const finish = (work: () => void): void => {
        clearTimeout(timer);
        waiting.delete(look);
        work();
      };
      const look = (): void => {
        const found = lines.find((line) => pattern.test(line));
        if (found !== undefined) finish(() => done(found));
        else if (child.exitCode !== null || child.signalCode !== null)
          finish(() => fail(new Error(unsaid('it ended'))));
      };
      const unsaid = (why: string): string => `${why} and did not say ${pattern.source}; it said:\n${lines.join('\n')}`;
      const timer = setTimeout(() => finish(() => fail(new Error(unsaid(`${mostMs} ms went by`)))), mostMs);
      waiting.add(look);
      look();
    });
  const kill = (signal: NodeJS.Signals): Promise<Ended> => {
    child.kill(signal);
    return ended;
  };
  try {
    await said(/is open with \d+ worker/, OPEN_MS);
  } catch (error) {
    await kill('SIGKILL');
    throw error;
  }
  const place = (pattern: RegExp): string => lines.map((line) => pattern.exec(line)?.[1]).find(Boolean) ?? '';
  const rest_ = place(/^REST on (\S+)/);
  const operator = place(/^metrics on (\S+)\/metrics/);
  const pid = child.pid ?? 0;
  return {
    pid,
    rest: rest_,
    restPort: Number(rest_.split(':').at(-1)),
    grpcPort: Number(place(/^gRPC on \S+:(\d+)/)),
    lines,
    said,
    status: async () => (await (await fetch(`${operator}/status`)).json()) as Status,
    metrics: async () => (await fetch(`${operator}/metrics`)).text(),
    workers: () => childrenOf(pid),
    ended,
    stop: () => kill('SIGTERM'),
    kill,
  };
}

/** What a command gets when somebody with this folder of keys types it in that folder. */
export function ioOf(folder: string, keysFolder: string): Io {
  return {
    disk: nodeDisk,
    clock: () => new Date(),
    keysFolder,
    folder,
    style: makeStyle(false),
    progress: { say: () => undefined, done: () => undefined },
    notice: () => undefined,
  };
}

/** Of Linux. */
export function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Asks until it is so. @returns milliseconds that it took */
export async function until(isSo: () => Promise<boolean> | boolean, mostMs = 20_000): Promise<number> {
  const from = performance.now();
  while (!(await isSo())) {
    if (performance.now() - from > mostMs) throw new Error(`not so within ${mostMs} ms`);
    await pause(20);
  }
  return performance.now() - from;
}
