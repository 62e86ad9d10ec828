// The reference of a monitor, made from data: one pass to find the edges of the distributions, one to count exactly on them, and
// rows drawn by lot for what a profile cannot say (which values belong together, who sent them, what the model answered).
import { pause, VallumError } from '@vallum/core';
import type { Sha256 } from '@vallum/core';
import type { Table } from '@vallum/formats';
import { ProfileBuilder } from '@vallum/stats';
import type { Profile } from '@vallum/stats';
import { collectSample } from '../drift/collect-sample.js';
import type { Reference } from './reference.js';

/** Rows that are kept, and values of all their columns. */
const KEPT_ROWS = 10_000;
const KEPT_VALUES = 1_000_000;
/** Fewer say too little about anything that comes later. */
const LEAST_ROWS = 200;

export interface ReferenceOptions {
  readonly name: string;
  readonly sha256: Sha256;
  /** Columns that are not kept: ids, times, what the project ignores. */
  readonly ignore: readonly string[];
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/** @throws VallumError `MONITOR_FEW_ROWS`, `DRIFT_*`, and what the table throws */
export async function buildReference(table: Table, options: ReferenceOptions): Promise<Reference> {
  const { name, sha256, ignore, seed, signal } = options;
  const columns = table.columns.filter((column) => !ignore.includes(column.name));
  const names = columns.map((column) => column.name);
  const shared = signal === undefined ? {} : { signal };
  let profile: Profile | undefined;
  for (let pass = 0; pass < 2; pass += 1) {
    const builder = new ProfileBuilder(columns, { seed, ...(profile === undefined ? {} : { reference: profile }) });
    for await (const batch of table.batches({ columns: names, ...shared })) {
      builder.add(batch);
      await pause(signal);
    }
    profile = builder.finish();
  }
  if (profile === undefined || profile.rows < LEAST_ROWS)
    throw new VallumError(
      'MONITOR_FEW_ROWS',
      `${name} has ${profile?.rows ?? 0} rows, and a reference needs ${LEAST_ROWS}`,
      { fix: 'give more rows' },
    );
  const mostValues = Math.min(KEPT_VALUES, KEPT_ROWS * Math.max(1, names.length));
  const sample = await collectSample(table, { name: 'the reference', columns: names, seed, mostValues, ...shared });
  return { data: { name, sha256 }, profile, sample };
}
