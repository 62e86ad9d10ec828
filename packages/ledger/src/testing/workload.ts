// What a process does to a ledger in the crash tests: every way of writing, across the edge of a full tile, and a word
// for each thing that was acknowledged. It is driven in memory and, bundled, in a process that really dies.
import type { Disk } from '@vallum/core';
import type { SigningKey } from '@vallum/trust';
import { openLedger, type Ledger, type LedgerOptions } from '../ledger.js';
import type { Processes } from '../lock/processes.js';
import { places } from './places.js';
import { idOf, samples } from './statements.js';

export type Acknowledged =
  | { readonly kind: 'entered'; readonly id: string; readonly index: number }
  | { readonly kind: 'submitted'; readonly id: string }
  | { readonly kind: 'root'; readonly size: number; readonly root: string };

export interface Worker {
  readonly disk: Disk;
  readonly base: string;
  /** Of the ledger. */
  readonly key: SigningKey;
  /** Of the statements. */
  readonly author: SigningKey;
  readonly processes?: Processes;
}

export interface Workload {
  /** Entries that are there before; null where there is no ledger yet. */
  readonly before: number | null;
  readonly run: (ledger: Ledger, author: SigningKey, acknowledge: (what: Acknowledged) => void) => Promise<void>;
}

async function append(ledger: Ledger, group: readonly Uint8Array[], acknowledge: (what: Acknowledged) => void) {
  const indices = await ledger.append(group);
  for (const [at, envelope] of group.entries())
    acknowledge({ kind: 'entered', id: idOf(envelope), index: indices[at] ?? -1 });
  acknowledge({ kind: 'root', size: ledger.size, root: ledger.root });
}

export const WORKLOADS = {
  /** A new ledger, then every way of writing. */
  everyWay: {
    before: null,
    run: async (ledger, author, acknowledge) => {
      const [first, second, third, submitted, last] = samples(author, 1000, 5).map((envelope) => [envelope]);
      await append(ledger, first ?? [], acknowledge);
      await Promise.all([append(ledger, second ?? [], acknowledge), append(ledger, third ?? [], acknowledge)]);
      for (const envelope of submitted ?? []) {
        await ledger.submit(envelope);
        acknowledge({ kind: 'submitted', id: idOf(envelope) });
      }
      await ledger.sequenceInbox();
      await append(ledger, last ?? [], acknowledge);
      // Enough for a pack.
      await append(ledger, samples(author, 1100, 9), acknowledge);
    },
  },
  /** One group across the edge of a full tile. */
  acrossTiles: {
    before: 254,
    run: (ledger, author, acknowledge) => append(ledger, samples(author, 2000, 4), acknowledge),
  },
} as const satisfies Readonly<Record<string, Workload>>;

export type WorkloadName = keyof typeof WORKLOADS;

export function optionsOf({ disk, base, key, processes }: Omit<Worker, 'author'>): LedgerOptions {
  return { disk, key, ...places(base), ...(processes === undefined ? {} : { processes }) };
}

export async function prepare(worker: Worker, name: WorkloadName): Promise<void> {
  const { before } = WORKLOADS[name];
  if (before === null) return;
  const ledger = await openLedger(optionsOf(worker));
  await ledger.append(samples(worker.author, 0, before));
  await ledger.close();
}

export async function work(
  worker: Worker,
  name: WorkloadName,
  acknowledge: (what: Acknowledged) => void,
): Promise<void> {
  const ledger = await openLedger(optionsOf(worker));
  await WORKLOADS[name].run(ledger, worker.author, acknowledge);
  await ledger.close();
}
