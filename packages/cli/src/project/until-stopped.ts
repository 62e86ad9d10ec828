// While plaintext is being written or the vault is locked, a signal stops the work in an orderly way: what was begun is
// removed and the lock given back. A second signal ends the process at once, as signals do.
import { VallumError } from '@vallum/core';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** @throws VallumError `STOPPED`, by way of the signal that `work` gets */
export async function untilStopped<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    release();
    stop.abort(
      new VallumError('STOPPED', `stopped by ${name}; what was begun was removed`, { fix: 'run it again' }, 'unproven'),
    );
  };
  const release = (): void => {
    for (const name of SIGNALS) process.off(name, onSignal);
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    return await work(stop.signal);
  } finally {
    release();
  }
}
