// A disk that kills its own process at the n-th call that changes anything, before or after the call: no `finally`, no
// exit handler and no promise gets a say.
import type { Disk, HeldFile } from '@vallum/core';

const CHANGING: readonly Exclude<keyof Disk, 'listValid' | 'openAppend' | 'writeHeld'>[] = [
  'write',
  'create',
  'append',
  'sync',
  'rename',
  'remove',
  'makeDirectory',
];

export interface Kill {
  /** Counted from 1; beyond the last call nothing dies. */
  readonly call: number;
  readonly when: 'before' | 'after';
  /** Whether files are held open until they are synced, or synced by name. */
  readonly holds: boolean;
}

export function killingDisk(
  disk: Disk,
  kill: Kill,
  die: () => never,
): { readonly disk: Disk; readonly calls: () => number } {
  let calls = 0;
  const killing = { ...disk };
  async function counted<T>(call: () => Promise<T>): Promise<T> {
    calls += 1;
    const isNow = calls === kill.call;
    if (isNow && kill.when === 'before') die();
    const result = await call();
    if (isNow) die();
    return result;
  }
  for (const name of CHANGING) {
    const method = disk[name].bind(disk) as (...args: unknown[]) => Promise<never>;
    killing[name] = (...args: unknown[]) => counted(() => method(...args));
  }
  const writeHeld = disk.writeHeld?.bind(disk);
  delete killing.writeHeld;
  if (kill.holds && writeHeld !== undefined)
    killing.writeHeld = async (...args): Promise<HeldFile | undefined> => {
      const held = await counted(() => writeHeld(...args));
      return held === undefined ? undefined : { sync: () => counted(() => held.sync()), close: () => held.close() };
    };
  return { disk: killing, calls: () => calls };
}
