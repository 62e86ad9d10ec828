// `vallum data profile PATH`: what is in every column. The profile itself goes to a file, because minima, maxima and frequent
// values stand in it as they are; what is printed is masked.
import type { Bounds, ColumnProfile, NumberProfile, Profile } from '@vallum/stats';
import { HyperLogLog, ksBounds, profileBytes, readProfile } from '@vallum/stats';
import { maskedCell, maskedText, profileTable } from '@vallum/data';
import { sha256 } from '@vallum/core';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable, table as aligned } from '../output/style.js';
import { tellProgress, withTable } from '../project/open-named-table.js';
import { readNamed } from '../project/read-named.js';
import { writeFresh } from '../project/write-fresh.js';

export interface ProfileOptions {
  readonly out?: string;
  readonly reference?: string;
}

const MAX_PROFILE_BYTES = 64 * 1024 * 1024;

interface ColumnSummary {
  readonly name: string;
  readonly type: string;
  readonly missing: number;
  /** About so many different values. */
  readonly distinct?: number;
  readonly notFinite?: number;
  readonly min?: string;
  readonly max?: string;
  /** Distance from the reference (Kolmogorov and Smirnov), with certified bounds. */
  readonly ks?: Bounds;
}

export async function dataProfileCommand(io: Io, path: string, { out, reference }: ProfileOptions): Promise<Answer> {
  const fix = 'make one: vallum data profile PATH --out FILE';
  const earlier =
    reference === undefined
      ? undefined
      : await readNamed(io.disk, { path: reference, name: reference, limit: MAX_PROFILE_BYTES, fix }, readProfile);
  const profile = await withTable(io, path, (table) =>
    profileTable(table, {
      progress: tellProgress(io, table),
      ...(earlier === undefined ? {} : { reference: earlier }),
    }),
  );
  const bytes = profileBytes(profile);
  if (out !== undefined) await writeFresh(io, out, bytes);
  const columns = profile.columns.map((column, index) => summary(column, earlier, index));
  const json = {
    schema: 'vallum/data-profile/v1',
    path,
    rows: profile.rows,
    columns,
    profile: { sha256: sha256(bytes), bytes: bytes.length, ...(out === undefined ? {} : { out }) },
  };
  return { exit: EXIT.pass, text: textOf(path, profile, columns, out), json };
}

function summary(column: ColumnProfile, earlier: Profile | undefined, index: number): ColumnSummary {
  const { type, missing } = column;
  const name = maskedText(column.name);
  if (column.type === 'boolean') return { name, type, missing };
  const distinct = Math.round(HyperLogLog.fromJson(column.distinct)?.estimate() ?? 0);
  if (column.type === 'text') return { name, type, missing, distinct };
  const { min, max, nan, positiveInfinity, negativeInfinity } = column;
  const other = earlier?.columns[index];
  const comparable = other !== undefined && 'cdf' in other && isOrdered(other) && isOrdered(column);
  return {
    name,
    type,
    missing,
    distinct,
    notFinite: nan + positiveInfinity + negativeInfinity,
    ...(min === null || max === null ? {} : { min: maskedCell(min, type), max: maskedCell(max, type) }),
    ...(comparable ? { ks: ksBounds(other, column) } : {}),
  };
}

function isOrdered({ cdf, positiveInfinity, negativeInfinity }: NumberProfile): boolean {
  return cdf.n + positiveInfinity + negativeInfinity > 0;
}

function textOf(path: string, profile: Profile, columns: readonly ColumnSummary[], out: string | undefined): string {
  const head = ['column', 'type', 'missing', 'different', 'from', 'to', 'KS to the reference'];
  const rows = columns.map(({ name, type, missing, distinct, min, max, ks }) => [
    printable(name),
    type,
    String(missing),
    distinct === undefined ? '' : `about ${distinct}`,
    min ?? '',
    max ?? '',
    ks === undefined ? '' : `${ks.low.toFixed(4)} to ${ks.high.toFixed(4)}`,
  ]);
  return [
    `${printable(path)}: ${profile.rows} rows, ${columns.length} columns`,
    aligned([head, ...rows].map((row) => row.map((text) => ({ text })))),
    ...(out === undefined ? [] : [`The profile is ${printable(out)}; values stand in it as they are.`]),
  ].join('\n');
}
