// Python with the clients and servers that the gateway has to get along with, each version pinned. One environment for all of
// them does resolve, but with an MLServer of 2022 (1.2.1), so there are three. To have them:
//   for e in clients mlserver mlflow; do python3 -m venv .venv/gateway/$e; done
//   .venv/gateway/clients/bin/pip install 'tritonclient[http,grpc]==2.73.0' kserve==0.21.0
//   .venv/gateway/mlserver/bin/pip install mlserver==1.7.1 mlserver-sklearn==1.7.1 scikit-learn==1.9.1
//   .venv/gateway/mlflow/bin/pip install mlflow==3.17.2 scikit-learn==1.9.1
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';

const VENV = join(import.meta.dirname, '../../../../.venv/gateway');
const PINNED = {
  clients: { tritonclient: '2.73.0', kserve: '0.21.0' },
  mlserver: { mlserver: '1.7.1', 'mlserver-sklearn': '1.7.1', 'scikit-learn': '1.9.1' },
  mlflow: { mlflow: '3.17.2', 'scikit-learn': '1.9.1' },
} as const;
const ASK_MS = 120_000;

export type Environment = keyof typeof PINNED;

export const binOf = (environment: Environment): string => join(VENV, environment, 'bin');
export const scriptPath = (name: string): string => join(import.meta.dirname, name);

/** Fails rather than skips: a comparison with nobody proves nothing. */
export function requireEnvironment(environment: Environment): void {
  const names = Object.keys(PINNED[environment]);
  const code = 'import importlib.metadata as m, json, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))';
  const found: unknown = JSON.parse(
    execFileSync(join(binOf(environment), 'python'), ['-c', code, ...names], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  if (JSON.stringify(found) !== JSON.stringify(PINNED[environment]))
    throw new Error(`.venv/gateway/${environment} has ${JSON.stringify(found)}, not the pinned versions`);
}

/** What a script got, by the name of what it asked. */
export type Answers = Readonly<Record<string, unknown>>;

/** Runs one of the scripts here with `target` on its standard input. */
export function askWith(environment: Environment, script: string, target: object): Promise<Answers> {
  return new Promise((done, fail) => {
    const options = { env: pythonEnv(environment), timeout: ASK_MS, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(
      join(binOf(environment), 'python'),
      [scriptPath(script)],
      options,
      (error, stdout, stderr) => {
        if (error !== null) return fail(new Error(`${script}: ${error.message}\n${stderr.slice(-2_000)}`));
        done(JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Answers);
      },
    );
    child.stdin?.end(JSON.stringify(target));
  });
}

/** Nothing of the caller's: a proxy or a password file in it would change what clients send. */
export function pythonEnv(environment: Environment): NodeJS.ProcessEnv {
  return { PATH: `${binOf(environment)}:${process.env['PATH'] ?? ''}`, PYTHONDONTWRITEBYTECODE: '1' };
}
