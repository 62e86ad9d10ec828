// Entry of a worker process. It says nothing and opens nothing before the primary has told it what to do.
import { setFlagsFromString } from 'node:v8';
import { messageOf, VallumError } from '@vallum/core';
import type { ToPrimary, ToWorker } from './messages.js';
import { Worker } from './worker.js';

// Cedar is 4 MB of WebAssembly of which a worker, which remembers answers, runs little: compiling it a second time, better,
// costs 60 MB. A V8 without the flag ignores it.
setFlagsFromString('--liftoff-only');

let worker: Worker | undefined;

function send(message: ToPrimary): void {
  if (!process.connected) throw new Error('the primary is gone');
  // A message that cannot be written is told by the `disconnect` that follows: node:cluster ends a worker whose primary is gone
  // at once, so that nothing is answered that nobody records.
  process.send?.(message, undefined, undefined, () => undefined);
}

async function hear(message: ToWorker): Promise<void> {
  if (message.type !== 'start') return worker?.hear(message);
  try {
    worker = new Worker(message.start, send);
    send({ type: 'listening', ports: await worker.listen() });
  } catch (error) {
    const code = error instanceof VallumError ? error.code : 'GATEWAY_WORKER';
    const fix = error instanceof VallumError ? error.fix : undefined;
    send({ type: 'cannot-start', code, message: messageOf(error), ...(fix === undefined ? {} : { fix }) });
  }
}

process.on('message', (message: ToWorker) => {
  void hear(message).then(() => {
    if (message.type === 'stop') process.exit(0);
  });
});
// Signals of a terminal reach the whole group: the primary stops its workers in order.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
send({ type: 'here' });
