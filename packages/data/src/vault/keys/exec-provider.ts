// Key encryption keys that never enter this process: a program wraps and unwraps, in a hardware token, a key service or
// wherever it keeps them. One request, one answer, one run.
import { VallumError } from '@vallum/core';
import type { Program, Run, RunProgram } from './edge/run-program.js';
import { runProgram } from './edge/run-program.js';
import type { ExecRequest } from './exec-protocol.js';
import { encodeRequest, MAX_ANSWER_BYTES, printable, statusAnswer, unwrapAnswer, wrapAnswer } from './exec-protocol.js';
import type { KeyProvider } from './provider.js';

const DEFAULT_TIMEOUT_MS = 30_000;

export interface ExecOptions {
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** All variables that it sees; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly run?: RunProgram;
}

export function execProvider(options: ExecOptions): KeyProvider {
  const { command, env, timeoutMs = DEFAULT_TIMEOUT_MS, run = runProgram } = options;
  const program: Program = { command, env, timeoutMs, maxOutputBytes: MAX_ANSWER_BYTES };
  const id = `exec:${command[0]}`;
  const ask = async (request: ExecRequest): Promise<Buffer> => {
    const ran = await run(program, encodeRequest(request));
    const fault = faultOf(ran);
    if (ran.kind === 'done' && fault === undefined) return ran.stdout;
    const said = printable(ran.stderr);
    throw new VallumError(
      'VAULT_EXEC',
      `the key program ${id} failed: ${fault ?? ''}${said === '' ? '' : `; ${said}`}`,
      {
        fix: 'run the program by hand with {"schema":"vallum/key-exec/v1","op":"status"} on its standard input',
      },
    );
  };
  return {
    id,
    wrap: async (dek, context) => wrapAnswer(await ask({ op: 'wrap', key: dek, context }), id),
    unwrap: async ({ kek, wrapped }, context) => unwrapAnswer(await ask({ op: 'unwrap', kek, wrapped, context }), id),
    status: async () => statusAnswer(await ask({ op: 'status' }), id),
  };
}

/** A program that refuses in words, `{"error": ...}`, may end with any code; the words are worth more than the code. */
function faultOf(ran: Run): string | undefined {
  if (ran.kind === 'failed') return ran.why;
  return ran.code === 0 || ran.stdout.length > 0 ? undefined : `it ended with code ${ran.code} and no answer`;
}
