// Model servers that people run, each as a process of its own with one small model: KServe's, MLServer and `mlflow models serve`.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, openSync, closeSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import type { Environment } from './environments.js';
import { binOf, pythonEnv, requireEnvironment, scriptPath } from './environments.js';

export interface PythonServer {
  /** `127.0.0.1:PORT`. */
  readonly rest: string;
  /** Empty where it speaks no gRPC. */
  readonly grpc: string;
  stop(): Promise<void>;
}

const READY_MS = 120_000;

/** KServe 0.21: the model `twice` doubles numbers, in JSON, binary tensors and gRPC. */
export async function startKserve(): Promise<PythonServer> {
  const [rest = 0, grpc = 0] = await freePorts(2);
  return start('clients', { rest, grpc, ready: '/v2/models/twice/ready' }, () => [
    'python',
    [scriptPath('serve_twice.py'), '--http_port', String(rest), '--grpc_port', String(grpc)],
  ]);
}

/** MLServer 1.7 with a classifier of scikit-learn, `iris`. */
export async function startMlserver(): Promise<PythonServer> {
  const [rest = 0, grpc = 0, metrics = 0] = await freePorts(3);
  return start('mlserver', { rest, grpc, ready: '/v2/models/iris/ready' }, (folder) => {
    const model = train('mlserver', folder);
    const settings = {
      host: '127.0.0.1',
      http_port: rest,
      grpc_port: grpc,
      metrics_port: metrics,
      parallel_workers: 0,
    };
    writeFileSync(join(model, 'settings.json'), JSON.stringify(settings));
    return ['mlserver', ['start', model]];
  });
}

/** MLflow's scoring server with the same classifier. */
export async function startMlflow(): Promise<PythonServer> {
  const [rest = 0] = await freePorts(1);
  return start('mlflow', { rest, ready: '/ping' }, (folder) => {
    const place = ['--host', '127.0.0.1', '--port', String(rest), '--workers', '1'];
    return ['mlflow', ['models', 'serve', '--model-uri', train('mlflow', folder), '--env-manager', 'local', ...place]];
  });
}

/** @returns the folder of the model */
function train(server: Environment, folder: string): string {
  const model = join(folder, 'model');
  execFileSync(join(binOf(server), 'python'), [scriptPath('train_iris.py'), server, model], {
    env: { ...pythonEnv(server), HOME: folder },
    cwd: folder,
    stdio: 'ignore',
  });
  return model;
}

interface Place {
  readonly rest: number;
  readonly grpc?: number;
  /** Path that answers 200 when it is ready. */
  readonly ready: string;
}

async function start(
  environment: Environment,
  { rest, grpc, ready }: Place,
  command: (folder: string) => readonly [string, readonly string[]],
): Promise<PythonServer> {
  requireEnvironment(environment);
  const folder = mkdtempSync(join(tmpdir(), `vallum-${environment}-`));
  const said = join(folder, 'said.txt');
  const [program, words] = command(folder);
  const out = openSync(said, 'w');
  // A group of its own: some of them start others, which would outlive them.
  const child = spawn(join(binOf(environment), program), words, {
    cwd: folder,
    env: { ...pythonEnv(environment), HOME: folder },
    stdio: ['ignore', out, out],
    detached: true,
  });
  closeSync(out);
  const stop = async (): Promise<void> => {
    await endGroup(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(`http://127.0.0.1:${rest}${ready}`, child);
  } catch (error) {
    const last = readFileSync(said, 'utf8').slice(-2_000);
    await stop();
    throw new Error(`${environment} did not start: ${String(error)}\n${last}`, { cause: error });
  }
  return { rest: `127.0.0.1:${rest}`, grpc: grpc === undefined ? '' : `127.0.0.1:${grpc}`, stop };
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const until = performance.now() + READY_MS;
  while (performance.now() < until) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('it ended');
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.status === 200) return;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error(`it was not ready within ${READY_MS} ms`);
}

function endGroup(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return Promise.resolve();
  const ended =
    child.exitCode === null && child.signalCode === null
      ? new Promise<void>((done) => child.once('exit', () => done()))
      : Promise.resolve();
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of them ended by themselves.
  }
  return ended;
}

/** Held together until all are known, so that no two are one. */
async function freePorts(count: number): Promise<readonly number[]> {
  const held = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      return server;
    }),
  );
  const ports = held.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(held.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
