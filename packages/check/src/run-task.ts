// Runs one control so that nothing it does can stop the others: a throw, a time-out, an empty or malformed answer all
// become `inconclusive` with a stable reason code. No code here is waivable: a control that broke proves nothing.
import type { ControlResult, Task } from '@vallum/core';
import { inconclusive, messageOf, VallumError } from '@vallum/core';

export interface RunOptions {
  readonly timeoutMs: number;
  readonly progress: (message: string) => void;
}

const OUTCOMES: readonly unknown[] = ['pass', 'fail', 'inconclusive'];

/** @returns always a well-formed result; never rejects */
export async function runTask(task: Task, options: RunOptions): Promise<ControlResult> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<ControlResult>((resolve) => {
    timer = setTimeout(() => {
      abort.abort();
      resolve(inconclusive('control-timed-out', `${task.kind} did not end within ${options.timeoutMs / 1000} s`));
    }, options.timeoutMs);
  });
  try {
    const answer: unknown = await Promise.race([
      task.run({ signal: abort.signal, progress: options.progress }),
      timeout,
    ]);
    if (isResult(answer)) return answer;
    return inconclusive('control-returned-nothing', `${task.kind} returned no usable result`);
  } catch (error) {
    const code = error instanceof VallumError ? error.code : 'control-threw';
    return inconclusive(code, `${task.kind} could not finish: ${messageOf(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

function isResult(answer: unknown): answer is ControlResult {
  if (typeof answer !== 'object' || answer === null) return false;
  const result = answer as Partial<ControlResult>;
  return (
    OUTCOMES.includes(result.outcome) &&
    Array.isArray(result.findings) &&
    Array.isArray(result.metrics) &&
    Array.isArray(result.coverage?.notExamined)
  );
}
