// Where a test ledger lies, and processes that a test can let die.
import type { ProcessId, Processes } from '../lock/processes.js';

export const ORIGIN = 'example.org/ledger';

export function places(base: string): {
  readonly origin: string;
  readonly dir: string;
  readonly statementsDir: string;
  readonly inboxDir: string;
} {
  return {
    origin: ORIGIN,
    dir: `${base}/.vallum/ledger`,
    statementsDir: `${base}/.vallum/statements`,
    inboxDir: `${base}/.vallum/inbox`,
  };
}

/** Processes by number; each is alive until it is killed. */
export class Town {
  readonly #dead = new Set<number>();
  #nonces = 0;

  kill(pid: number): void {
    this.#dead.add(pid);
  }

  process(pid: number, machine = 'm1'): Processes {
    const self: ProcessId = { pid, started: `t${pid}`, machine };
    return {
      self,
      state: (other) => (other.machine !== machine ? 'unknown' : this.#dead.has(other.pid) ? 'dead' : 'alive'),
      nonce: () => `n${(this.#nonces += 1)}`,
    };
  }
}
