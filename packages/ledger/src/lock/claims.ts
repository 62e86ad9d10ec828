// The single-writer lock. Every process that wants to write creates a claim: an empty file whose *name* says who it is,
// so there is no moment at which a claim exists and cannot be judged. It holds the lock if, after that, no other living
// process has a claim; else it withdraws. Of two, the later one always sees the earlier, so never do both write; and
// because a dead claim is simply not counted, there is no takeover that could be raced.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Disk } from '@vallum/core';
import type { ProcessId, Processes } from './processes.js';

export type Lock =
  | { readonly held: true; release(): Promise<void> }
  | { readonly held: false; /** Who holds it, for people. */ readonly by: string };

interface Claim extends ProcessId {
  readonly name: string;
}

/** Two that withdraw at the same time meet again after different pauses. */
const TRIES = 6;
const NAME = /^([1-9]\d{0,9})\.([a-z0-9-]{1,40})\.([a-z0-9]{1,20})\.([a-z0-9]{1,32})$/;

/** @param dir a folder of its own, which is there */
export async function takeLock(disk: Disk, dir: string, processes: Processes): Promise<Lock> {
  for (let tries = 1; ; tries += 1) {
    const before = await otherClaim(disk, dir, processes);
    if (before !== undefined && tries === TRIES) return { held: false, by: describe(before, dir, processes) };
    const own = before === undefined ? await claim(disk, dir, processes) : undefined;
    if (own !== undefined) {
      const rival = await otherClaim(disk, dir, processes, own);
      if (rival === undefined) return { held: true, release: () => disk.remove(`${dir}/${own}`) };
      await disk.remove(`${dir}/${own}`);
      if (tries === TRIES) return { held: false, by: describe(rival, dir, processes) };
    }
    await sleep(pause(processes, tries));
  }
}

async function claim(disk: Disk, dir: string, processes: Processes): Promise<string> {
  const { pid, started, machine } = processes.self;
  const name = `${pid}.${started}.${machine}.${processes.nonce()}`;
  await disk.create(`${dir}/${name}`, new Uint8Array());
  return name;
}

/** A claim that may be alive, besides one's own; dead ones are removed on the way. */
async function otherClaim(disk: Disk, dir: string, processes: Processes, own?: string): Promise<Claim | undefined> {
  let found: Claim | undefined;
  for (const name of await disk.list(dir)) {
    const claim = readClaim(name);
    if (claim === undefined || name === own) continue;
    // A dead claim does not count, so it does not matter when it cannot be removed.
    if (processes.state(claim) === 'dead') await disk.remove(`${dir}/${name}`).catch(() => undefined);
    else found ??= claim;
  }
  return found;
}

function readClaim(name: string): Claim | undefined {
  const [, pid, started, machine] = NAME.exec(name) ?? [];
  if (pid === undefined || started === undefined || machine === undefined) return undefined;
  return { name, pid: Number(pid), started, machine };
}

function describe(claim: Claim, dir: string, processes: Processes): string {
  if (processes.state(claim) === 'unknown')
    return `process ${claim.pid} of another machine or container (if it is gone, remove ${dir}/${claim.name})`;
  return claim.pid === processes.self.pid ? 'this process' : `process ${claim.pid}`;
}

/** 1 to 16 ms, growing, different for every process. */
function pause(processes: Processes, tries: number): number {
  return tries * (1 + (parseInt(processes.nonce().slice(0, 4), 36) % 8));
}
