// Processes of this machine. Linux tells the start time in /proc; elsewhere `ps` does; where neither answers, a process
// that exists counts as alive. A zombie can no longer write, so it counts as dead.
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { ProcessId, Processes } from '../lock/processes.js';

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

const UNKNOWN = 'unknown';

/** `dead` for a zombie, undefined when the process cannot be seen. */
function startOf(pid: number): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  if (stat !== undefined) {
    // proc(5): the name in parentheses may hold anything, so fields are counted from the last parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return 'dead';
    const boot = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')) ?? '';
    return `${short(boot)}-${fields[19] ?? ''}`;
  }
  if (process.platform === 'linux' || process.platform === 'win32') return undefined;
  const lstart = attempt(() => execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { stdio: 'pipe' }).toString());
  return lstart === undefined || lstart.trim() === '' ? undefined : short(lstart.trim());
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

let self: ProcessId | undefined;

export const nodeProcesses: Processes = {
  get self() {
    // Processes in another pid namespace (a container) cannot be seen, so they count as another machine.
    const namespace = attempt(() => readlinkSync('/proc/self/ns/pid')) ?? '';
    self ??= {
      pid: process.pid,
      started: startOf(process.pid) ?? UNKNOWN,
      machine: short(`${hostname()}\n${namespace}`),
    };
    return self;
  },
  state({ pid, started, machine }) {
    if (machine !== this.self.machine) return 'unknown';
    if (!exists(pid)) return 'dead';
    const now = startOf(pid);
    return now === undefined || started === UNKNOWN || now === started ? 'alive' : 'dead';
  },
  nonce: () => randomBytes(8).toString('hex'),
};
