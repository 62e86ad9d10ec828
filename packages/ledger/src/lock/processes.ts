// Which process is which: a pid alone is reused within minutes, so a process is its pid, its start time (with the boot)
// and its machine. A lock of a dead process may be taken over; one of another machine can never be judged from here.

export interface ProcessId {
  readonly pid: number;
  /** When it started; letters, digits and dashes. Equal for equal processes, different after a reuse of the pid. */
  readonly started: string;
  /** Machine and pid namespace, letters and digits. */
  readonly machine: string;
}

export interface Processes {
  readonly self: ProcessId;
  /** `unknown` when the process belongs to another machine. */
  state(process: ProcessId): 'alive' | 'dead' | 'unknown';
  /** A fresh name, letters and digits, for one claim of this process. */
  nonce(): string;
}
