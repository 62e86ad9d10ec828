// Runs one program for one request: no shell, a closed list of arguments and variables, a limit on time and output. Its
// folder is the root, so that no name depends on where a command was called. The request goes in by standard input and never
// by arguments or variables, which other accounts can see.
import { spawn } from 'node:child_process';
import { messageOf } from '@vallum/core';

export interface Program {
  /** The program and its arguments; nothing in it is interpreted. */
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
}

export type Run =
  | { readonly kind: 'done'; readonly code: number; readonly stdout: Buffer; readonly stderr: string }
  | { readonly kind: 'failed'; readonly why: string; readonly stderr: string };

export type RunProgram = (program: Program, input: string) => Promise<Run>;

const MAX_STDERR_BYTES = 4096;

export const runProgram: RunProgram = ({ command: [file, ...args], env, timeoutMs, maxOutputBytes }, input) =>
  new Promise((resolve) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let taken = 0;
    let heard = 0;
    let why: string | undefined;
    // A group of its own, so that what the program starts ends with it, unless it leaves the group.
    const child = spawn(file, args, { env, cwd: '/', shell: false, stdio: 'pipe', detached: true });
    const kill = (reason: string): void => {
      why ??= reason;
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        child.kill('SIGKILL');
      }
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => kill(`it did not answer within ${timeoutMs / 1000} s`), timeoutMs);
    child.stdout.on('data', (bytes: Buffer) => {
      taken += bytes.length;
      if (taken > maxOutputBytes) kill(`it answers with more than ${maxOutputBytes} bytes`);
      else stdout.push(bytes);
    });
    child.stderr.on('data', (bytes: Buffer) => {
      if (heard < MAX_STDERR_BYTES) stderr.push(bytes.subarray(0, MAX_STDERR_BYTES - heard));
      heard += bytes.length;
    });
    // A program that ends without reading closes the pipe; its exit code says the rest.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => {
      why ??= messageOf(error);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const said = Buffer.concat(stderr).toString();
      if (why === undefined && code === null) why = `it was ended by ${signal ?? 'a signal'}`;
      if (why !== undefined || code === null) resolve({ kind: 'failed', why: why ?? 'it did not start', stderr: said });
      else resolve({ kind: 'done', code, stdout: Buffer.concat(stdout), stderr: said });
    });
    child.stdin.end(input);
  });
