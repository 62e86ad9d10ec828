// Reads the one message of a call from its stream: bounded in bytes, in time and in what all callers hold together.
import type { ServerHttp2Stream } from 'node:http2';
import type { Refusal } from '../../door/refusal.js';
import { isRefusal, refuse } from '../../door/refusal.js';
import { MessageReader } from '../../grpc/frame.js';
import type { HeldLease } from '../../grpc/held-bytes.js';

export interface Reading {
  /** Longest message, in bytes. */
  readonly maxBytes: number;
  /** Milliseconds until the stream has to have ended. */
  readonly timeoutMs: number;
  readonly memory: HeldLease;
  /** Ends the reading; what is returned then does not matter. */
  readonly signal: AbortSignal;
}

/** @returns `time-out`, `too-large`, `bad-framing`, `unsupported-type`, `overloaded`; after that the stream is not read on */
export function readMessage(stream: ServerHttp2Stream, how: Reading): Promise<Buffer | Refusal> {
  const { maxBytes, timeoutMs, memory, signal } = how;
  const reader = new MessageReader(maxBytes);
  return new Promise((resolve) => {
    const done = (result: Buffer | Refusal): void => {
      clearTimeout(timer);
      stream.off('data', take);
      stream.off('end', end);
      signal.removeEventListener('abort', stop);
      if (isRefusal(result)) stream.pause();
      resolve(result);
    };
    const take = (chunk: Buffer): void => {
      const before = reader.held;
      const refusal = reader.push(chunk);
      if (refusal !== undefined) done(refusal);
      else if (!memory.add(reader.held - before))
        done(refuse('overloaded', 'callers send more than can be held at once'));
    };
    const end = (): void => done(reader.finish());
    const stop = (): void => done(refuse('time-out', 'the caller cancelled before its message was complete'));
    const late = (): void => done(refuse('time-out', `the message was not complete within ${timeoutMs} ms`));
    const timer = setTimeout(late, timeoutMs);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
    stream.on('data', take);
    stream.on('end', end);
  });
}
