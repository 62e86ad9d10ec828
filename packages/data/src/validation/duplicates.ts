// Rows with the same text, apart from case and white space. With one label they count twice in training; with two they
// teach the model a contradiction, by mistake or on purpose.
import { pause, sha256 } from '@vallum/core';
import type { Flagged, PlacedRow } from './flagged.js';
import { textOf } from './flagged.js';

export interface Duplicates {
  /** Every row but the first of its text. */
  readonly exact: readonly Flagged[];
  /** Every row of a text that has more than one label. */
  readonly conflicts: readonly Flagged[];
}

const BATCH = 200;

export async function findDuplicates(rows: readonly PlacedRow[], signal: AbortSignal): Promise<Duplicates> {
  const groups = new Map<string, PlacedRow[]>();
  for (const [index, placedRow] of rows.entries()) {
    if (index % BATCH === 0) await pause(signal);
    const text = textOf(placedRow.row).toLowerCase().replace(/\s+/g, ' ').trim();
    // Rows without text have their own rule.
    if (text === '') continue;
    const key = sha256(text);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [placedRow]);
    else group.push(placedRow);
  }
  const repeated = [...groups.values()].filter((group) => group.length > 1);
  return { exact: repeated.flatMap(laterRows), conflicts: repeated.flatMap(contradictions) };
}

function laterRows([first, ...later]: readonly PlacedRow[]): readonly Flagged[] {
  return first === undefined ? [] : later.map((row) => ({ ...row, why: `the same text as ${nameOf(first)}` }));
}

function contradictions(group: readonly PlacedRow[]): readonly Flagged[] {
  return group.flatMap((placedRow) => {
    const other = group.find(({ row }) => row.label !== placedRow.row.label);
    if (other === undefined) return [];
    return [{ ...placedRow, why: `labelled ${placedRow.row.label}, while ${nameOf(other)} is ${other.row.label}` }];
  });
}

function nameOf({ feed, row }: PlacedRow): string {
  return `row ${row.id} of ${feed.name}`;
}
