// A disk that kills its own process at the n-th call that changes anything, before or after the call: no `finally`, no
// exit handler and no promise gets a say.
import type { Disk } from '@vallum/core';

const CHANGING: readonly Exclude<keyof Disk, 'listValid'>[] = [
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
}

export function killingDisk(
  disk: Disk,
  kill: Kill,
  die: () => never,
): { readonly disk: Disk; readonly calls: () => number } {
  let calls = 0;
  const killing = { ...disk };
  for (const name of CHANGING) {
    const method = disk[name].bind(disk) as (...args: unknown[]) => Promise<never>;
    killing[name] = async (...args: unknown[]): Promise<never> => {
      calls += 1;
      const isNow = calls === kill.call;
      if (isNow && kill.when === 'before') die();
      const result = await method(...args);
      if (isNow) die();
      return result;
    };
  }
  return { disk: killing, calls: () => calls };
}
