// Reads a table once for its profile, and once more for each column that may be a key: that all values are different has to
// be known, not estimated.
import { pause } from '@vallum/core';
import type { Table } from '@vallum/formats';
import type { Profile } from '@vallum/stats';
import { HyperLogLog, ProfileBuilder } from '@vallum/stats';
import { findRepeated } from '../rules/unique.js';
import { suggestRules } from './suggest-rules.js';

export interface ReadingOptions {
  readonly progress: (message: string) => void;
  readonly signal?: AbortSignal;
  readonly reference?: Profile;
}

/** @throws VallumError `PROFILE_MISMATCH` for a reference with other columns */
export async function profileTable(table: Table, { progress, signal, reference }: ReadingOptions): Promise<Profile> {
  const builder = new ProfileBuilder(table.columns, reference === undefined ? {} : { reference });
  for await (const batch of table.batches(signal === undefined ? {} : { signal })) {
    await pause(signal);
    builder.add(batch);
    progress(`${builder.rows} rows read`);
  }
  return builder.finish();
}

/** Names that say that their values name a row; a measure may be all different by chance. */
const KEY_NAME = /(?:^|[\W_])(?:id|key|uuid|guid)$/i;
/** Of the estimated number of different values; its standard error is 1.6 %. */
const NEARLY_ALL = 0.93;
const MOST_KEYS = 5;

/** YAML of rules that the table keeps. */
export async function draftRules(table: Table, name: string, options: ReadingOptions): Promise<string> {
  const profile = await profileTable(table, options);
  const candidates = profile.columns
    .filter((column) => column.type !== 'boolean' && KEY_NAME.test(column.name) && column.missing < profile.rows)
    .filter(
      (column) =>
        'distinct' in column &&
        (HyperLogLog.fromJson(column.distinct)?.estimate() ?? 0) >= NEARLY_ALL * (profile.rows - column.missing),
    )
    .slice(0, MOST_KEYS);
  const unique: string[] = [];
  const { signal, progress } = options;
  for (const column of candidates) {
    progress(`looking whether ${column.name} is a key`);
    const repeated = await findRepeated(table, profile.rows, [column.name], signal === undefined ? {} : { signal });
    if (repeated.count === 0) unique.push(column.name);
  }
  return suggestRules(profile, { name, unique });
}
