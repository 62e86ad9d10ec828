// Who holds a lock: this process, and whether another one of this machine still runs.
import { hostname } from 'node:os';

export interface Holder {
  readonly pid: number;
  readonly host: string;
}

export function thisProcess(): Holder {
  return { pid: process.pid, host: hostname() };
}

/** Of this machine. A process of another account is there, although it cannot be signalled. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
