// The reference implementation of OpenSSF Model Signing as a process: PyPI `model-signing` 1.1.1. To have it:
//   python3 -m venv .venv/interop
//   .venv/interop/bin/pip install model-signing==1.1.1 pyopenssl
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface Job {
  readonly op: 'sign' | 'verify';
  readonly model: string;
  readonly signature: string;
  /** PEM; private to sign, public to verify. */
  readonly key?: string;
  readonly certificate?: string;
  readonly chain?: readonly string[];
  readonly roots?: readonly string[];
  /** Bytes. Unset, a verifier follows what was signed. */
  readonly shards?: number;
  readonly hash?: 'sha256' | 'blake2';
  /** Relative to the model. */
  readonly ignore?: readonly string[];
  readonly ignoreUnsigned?: boolean;
}

const PYTHON = join(import.meta.dirname, '../../../.venv/interop/bin/python');
const SCRIPT = join(import.meta.dirname, 'reference.py');

/** Fails rather than skips: a comparison with nobody proves nothing. */
export function requireReference(): void {
  const version = execFileSync(PYTHON, ['-c', 'import model_signing; print(model_signing.__version__)'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
  if (version !== '1.1.1') throw new Error(`the reference is model-signing ${version}, not 1.1.1`);
}

/** `ok` or the error, for each job. */
export function askReference(jobs: readonly Job[]): readonly string[] {
  const output = execFileSync(PYTHON, [SCRIPT], {
    input: JSON.stringify(jobs),
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
    maxBuffer: 256 * 1024 * 1024,
  });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '[]') as string[];
}
